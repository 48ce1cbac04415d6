# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For which types of resources AWS Backup works in a Region of an account."""

from __future__ import annotations

import difflib

from ansible.module_utils.parsing.convert_bool import boolean

from ..errors import ApiError, Invalid
from ..values import Noticed, given

PREFERENCES = {
    "resource_type_opt_in_preference": "ResourceTypeOptInPreference",
    "resource_type_management_preference": "ResourceTypeManagementPreference",
}
NOT_TAKEN = "InvalidParameterValueException"


class RegionSettings:
    """Types that are not given stay as they are, whatever the API makes of those left out: what was read is written back whole."""

    kind = "region_settings"
    immutable = ()
    create = delete = None

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params
        self.left_out: tuple | None = (
            None  # option and type that AWS lists, but does not take back, and whether it was on
        )

    def observe(self):
        return view(find(self.client)[0])

    def want(self, have):
        asked = [option for option in PREFERENCES if self.params[option] is not None]
        if not asked:
            raise Invalid("resource_type_opt_in_preference", "give this, or resource_type_management_preference.")
        return {option: {**have[option], **self._asked(option, have[option])} for option in asked}

    def update(self, have, changes):
        """With what the Region says now for all others: somebody else may have changed one of them since."""
        now = self.observe()
        whole = {option: {**now[option], **self._asked(option, now[option])} for option in changes}
        try:
            self._write(whole)
        except ApiError as refusal:
            if refusal.code != NOT_TAKEN:
                raise
            self._write_without_one(whole, refusal)

    def noticed(self, have):
        if self.left_out:
            option, name, was = self.left_out
            became = "" if have[option].get(name) is was else f" AWS has made {have[option].get(name)} of {was}."
            advice = (
                f"AWS lists this type and refuses it when it is written back as it is, so that it was left out.{became}"
            )
            yield Noticed(f"{option}.{name}", None, have[option].get(name), advice)

    def _write(self, preferences):
        self.client.call(
            "update_region_settings", **{PREFERENCES[option]: each for option, each in preferences.items()}
        )

    def _write_without_one(self, whole, refusal):
        """DescribeRegionSettings lists types that UpdateRegionSettings refuses: each that nobody asked for is left out once."""
        foreign = [(option, name) for option in whole for name in whole[option] if name not in self.params[option]]
        for option, name in sorted(foreign, key=lambda each: each[1] not in refusal.message):
            try:
                self._write({**whole, option: {each: on for each, on in whole[option].items() if each != name}})
            except ApiError as again:
                if again.code != NOT_TAKEN:
                    raise
            else:
                self.left_out = (option, name, whole[option][name])
                return
        others = ", ".join(name for _option, name in foreign)
        raise ApiError(
            f"{refusal.message}. The settings go back whole, and leaving out any one of the others ({others}) did not help: AWS refuses "
            "one that was asked for, or several that it lists itself. Switch it in the console of AWS Backup",
            attempted="update_region_settings",
            code=refusal.code,
        )

    def _asked(self, option, known) -> dict:
        asked = given(self.params, option)[option]
        if not asked:
            raise Invalid(option, "name at least one type of resource; nothing is switched off by leaving it out.")
        return {checked_type(option, name, known): _boolean(option, name, on) for name, on in asked.items()}


def find(client) -> list[dict]:
    return [{"Region": client.region, **client.call("describe_region_settings")}]


def view(raw: dict) -> dict:
    return {"region": raw["Region"], **{option: dict(raw.get(key) or {}) for option, key in PREFERENCES.items()}}


def checked_type(option: str, name: str, known) -> str:
    """A type of resource that the Region knows: DescribeRegionSettings lists all that can be given."""
    if name in known:
        return name
    spelt = {each.lower(): each for each in known}
    near = difflib.get_close_matches(str(name).lower(), spelt, n=1)
    meant = f" Is {spelt[near[0]]} meant?" if near else f" There are: {', '.join(sorted(known))}."
    raise Invalid(option, f"{name!r} is no type of resource that this Region knows here.{meant}")


def _boolean(option, name, value) -> bool:
    try:
        return boolean(value)
    except TypeError:
        raise Invalid(option, f"{name} is true or false, not {value!r}.") from None
