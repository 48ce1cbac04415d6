# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  nsx_url:
    description:
      - Base URL of the SDDC's NSX, up to and without C(/policy/api/v1).
      - Either the reverse proxy, ending in C(/sks-nsxt-manager), or the NSX Manager itself where it can be reached.
      - When not given, it is looked up with O(org_id) and O(sddc_id), which costs one more call.
    type: str
  nsx_auth:
    description:
      - How to log in.
      - V(token) uses O(api_token), or O(client_id) and O(client_secret).
      - V(basic) uses O(nsx_username) and O(nsx_password) directly at the NSX Manager in O(nsx_url).
    type: str
    choices: [token, basic]
    default: token
  nsx_username:
    description:
      - Local user of the NSX Manager, for O(nsx_auth=basic).
    type: str
  nsx_password:
    description:
      - Password of O(nsx_username).
    type: str
"""
