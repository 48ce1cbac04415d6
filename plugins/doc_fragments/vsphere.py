# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  hostname:
    description:
      - Name or address of the vCenter.
      - The environment variable E(VMWARE_HOST) is used when it is not given.
    type: str
    required: true
  username:
    description:
      - User name, for example C(cloudadmin@vmc.local). A directory account with the CloudAdmin role is better.
      - A login that is refused is never repeated, because accounts lock.
      - The environment variable E(VMWARE_USER) is used when it is not given.
    type: str
    required: true
  password:
    description:
      - Password of the user.
      - The environment variable E(VMWARE_PASSWORD) is used when it is not given.
    type: str
    required: true
  port:
    description:
      - Port of the vCenter.
      - The environment variable E(VMWARE_PORT) is used when it is not given.
    type: int
    default: 443
  ca_bundle:
    description:
      - File with the certificates of the authorities that are trusted, in PEM form.
      - Those of the operating system when not given. Certificates are always verified.
    type: path
  proxy_host:
    description: Name or address of an HTTP proxy between this host and the vCenter.
    type: str
  proxy_port:
    description: Port of the proxy, V(80) when not given.
    type: int
  exchange_timeout:
    description:
      - Seconds that one exchange with the service may take as a whole, with what is repeated of it, however slowly its bytes arrive. V(0) is for ever.
      - Uploads, and waiting for something to become ready, have limits of their own.
    type: int
    default: 120
requirements:
  - pyvmomi
"""
