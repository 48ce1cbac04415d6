#!/bin/sh
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Looks for drift, and says with its exit code what came of it, as terraform plan -detailed-exitcode does:
#   0  everything was looked at, and is as it is planned
#   2  something differs, from the severity FAIL_ON on
#   1  nobody can tell: the play failed, or a host could not be looked at wholly
# Use: examples/drift.sh -i inventory [more for ansible-playbook]
set -u
folder=${REPORT_DIR:-reports}
report=$folder/drift.json
rm -f "$report"
ansible-playbook "${PLAYBOOK:-vmc.aws_backup.drift}" "$@" -e "vmc_backup_report_dir=$folder" -e drift_fail_on=none || exit 1
python3 - "$report" "${FAIL_ON:-warning}" <<'END'
import json
import sys

try:
    with open(sys.argv[1], encoding="utf-8") as held:
        told = json.load(held)
    severities = ("critical", "warning", "info")
    graver = severities[: severities.index(sys.argv[2]) + 1]
except (OSError, ValueError) as failure:
    sys.exit(f"drift.sh: {failure}")  # which is 1
if not told["complete"]:
    sys.exit(1)
sys.exit(2 if any(told["counts"][word] for word in graver) else 0)
END
