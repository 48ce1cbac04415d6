# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  site_id:
    description:
      - Identity of the site that it is made for, such as the id of the SDDC. It has 1 to 64 letters, digits,
        underscores, dots, colons and hyphens, the first a letter or digit.
      - What is made carries it as a mark. In AWS and NSX that is the tag C(vmc-aws-backup-site), in the configuration of a virtual machine
        C(vmc-aws-backup.site).
      - In AWS and in vCenter one that carries the mark of another site is neither changed nor removed, but refused, whatever its name and whatever
        O(ignore:adopt) says. An NSX belongs to one site, so that what is ours there gets the mark, whatever it carried.
      - In AWS one of this collection without any site's mark is refused as well, unless something proves that it is this site's,
        or O(ignore:adopt) takes it over.
      - When not given, no mark is written, and none is looked at.
    type: str
"""
