# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cloud:
    description:
      - Which VMware Cloud it is, for the defaults of O(csp_url) and O(vmc_url).
    type: str
    choices: [commercial, govcloud]
    default: commercial
  csp_url:
    description:
      - The console that issues access tokens.
      - The default is U(https://console.cloud.vmware.com), and U(https://console.cloud-us-gov.vmware.com) with O(cloud=govcloud).
    type: str
  vmc_url:
    description:
      - The VMware Cloud on AWS API.
      - The default is U(https://vmc.vmware.com), and U(https://www.vmc-us-gov.vmware.com) with O(cloud=govcloud).
    type: str
  org_id:
    description:
      - The organisation, by its long id.
    type: str
  sddc_id:
    description:
      - The SDDC, by its id.
    type: str
  api_token:
    description:
      - API token of an account with the roles that the task needs.
      - When neither this nor O(client_id) is given, the environment variable E(VMC_API_TOKEN) is used.
      - Excludes O(client_id) and O(client_secret).
    type: str
  client_id:
    description:
      - Id of an OAuth app that was added to the organisation with roles. Needs O(client_secret).
    type: str
  client_secret:
    description:
      - Secret of the OAuth app O(client_id).
    type: str
  oauth_endpoint:
    description:
      - Path below O(csp_url) at which an OAuth app gets its token.
    type: str
    default: /csp/gateway/am/api/auth/token
  ca_bundle:
    description:
      - File with the certificate authorities to trust, instead of the public ones.
    type: path
  proxy:
    description:
      - URL of a proxy to go through. The proxy variables of the environment are not used.
      - A user name and a password in it are masked wherever they would be shown.
    type: str
  exchange_timeout:
    description:
      - Seconds that one exchange with the service may take as a whole, with what is repeated of it, however slowly its bytes arrive. V(0) is for ever.
      - Uploads, and waiting for something to become ready, have limits of their own.
    type: int
    default: 120
requirements:
  - requests
"""
