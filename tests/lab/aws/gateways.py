# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of backup-gateway on gateways."""

from __future__ import annotations

import datetime
import secrets

from .errors import AwsError
from .state import Gateway, Key

KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
KEY_LIFE = 30 * 60
LOOKS_OF_AN_UPDATE = 3
FALLBACK_REGION = "us-east-1"


class Gateways:
    def issue_key(self, appliance, region, vpc_endpoint=None) -> str:
        """A key for the appliance. A Region that is missing or unknown silently becomes us-east-1."""
        with self.lock:
            value = "-".join("".join(secrets.choice(KEY_ALPHABET) for _turn in range(5)) for _turn in range(5))
            region = region if self.known_region(region) else FALLBACK_REGION
            sddc_id = getattr(appliance.sddc, "id", appliance.sddc)
            self.keys[value] = Key(
                value, region, vpc_endpoint or "", sddc_id, appliance.instance_uuid, self.world.now()
            )
            return value

    def CreateGateway(self, request, params):
        place = self.place(request)
        key = self._good_key(params["ActivationKey"], request.region)
        name = params["GatewayDisplayName"]
        duplicate = any(gateway.name == name for gateway in place.gateways.values())
        if duplicate and self.world.switches["duplicate_gateway_name"] == "refuse":
            # CreateGateway declares no ConflictException.
            text = f"A gateway named {name} already exists."
            raise AwsError("ValidationException", text, error_code="GatewayNameExists")
        key.used = True
        gateway = Gateway(
            self.new_arn(request, "gateway", "bgw"),
            name,
            key.sddc_id,
            key.instance_uuid,
            key.vpc_endpoint,
            tags_of(params),
        )
        place.gateways[gateway.arn] = gateway
        self.see(gateway)
        return {"GatewayArn": gateway.arn}

    def _good_key(self, value, region) -> Key:
        key = self.keys.get(value)
        # The names are those of Storage Gateway's ErrorCode, to which OutdatedGateway belongs that was seen live.
        if key is None:
            raise AwsError(
                "ValidationException", "The activation key was not found.", error_code="ActivationKeyNotFound"
            )
        if key.region != region:
            text = f"The activation key is not valid in {region}."
            raise AwsError("ValidationException", text, error_code="ActivationKeyInvalid")
        if key.used:
            text = "The activation key has already been used."
            raise AwsError("ValidationException", text, error_code="ActivationKeyInvalid")
        if self.world.now() - key.issued > KEY_LIFE:
            raise AwsError("ValidationException", "The activation key has expired.", error_code="ActivationKeyExpired")
        return key

    def GetGateway(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        self._go_on(gateway)
        self.see(gateway)
        return {
            "Gateway": {
                **self._listed(gateway),
                "MaintenanceStartTime": gateway.maintenance,
                "NextUpdateAvailabilityTime": gateway.update_at or self.day() + datetime.timedelta(days=30),
                "DeprecationDate": gateway.deprecated_at or self.day() + datetime.timedelta(days=365),
                "SoftwareVersion": f"2-{gateway.software}-0",
                "VpcEndpoint": gateway.vpc_endpoint or None,
            }
        }

    def ListGateways(self, request, params):
        found = self.place(request).gateways
        for gateway in found.values():
            self.see(gateway)
        page, token = self.page([found[arn] for arn in sorted(found)], params)
        return {"Gateways": [self._listed(gateway) for gateway in page], "NextToken": token}

    def _listed(self, gateway) -> dict:
        return {
            "GatewayArn": gateway.arn,
            "GatewayDisplayName": gateway.name,
            "GatewayType": "BACKUP_VM",
            "HypervisorId": self.hypervisor_id(gateway.hypervisor_arn) if gateway.hypervisor_arn else None,
            "LastSeenTime": gateway.last_seen,
        }

    def UpdateGatewayInformation(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        gateway.name = params.get("GatewayDisplayName", gateway.name)
        return {"GatewayArn": gateway.arn}

    def UpdateGatewaySoftwareNow(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        if gateway.updating and self.world.switches["update_while_update"] == "refuse":
            # UpdateGatewaySoftwareNow declares no ConflictException.
            raise AwsError("ValidationException", "An update is in progress.", error_code="GatewayUpdating")
        if gateway.update_at is None or gateway.update_at > self.world.utc():
            raise AwsError("ValidationException", "There is no update for the gateway.", error_code="NoUpdate")
        gateway.updating = gateway.updating or LOOKS_OF_AN_UPDATE
        return {"GatewayArn": gateway.arn}

    def _go_on(self, gateway):
        """An update ends after so many looks, with another version."""
        if gateway.updating:
            gateway.updating -= 1
            if not gateway.updating:
                gateway.software, gateway.update_at, gateway.deprecated_at = gateway.software + 1, None, None

    def DeleteGateway(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        if gateway.hypervisor_arn and self.world.switches["delete_associated_gateway"] == "refuse":
            raise AwsError(
                "ValidationException",
                "The gateway is associated with a hypervisor.",
                error_code="GatewayAssociated",
            )
        del self.place(request).gateways[gateway.arn]
        return {"GatewayArn": gateway.arn}

    def PutMaintenanceStartTime(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        days = [key for key in ("DayOfWeek", "DayOfMonth") if key in params]
        if len(days) != 1 and self.world.switches["maintenance_days"] == "exactly_one":
            raise AwsError(
                "ValidationException",
                "Exactly one of DayOfWeek and DayOfMonth must be given.",
                error_code="InvalidMaintenanceStartTime",
            )
        gateway.maintenance = {key: value for key, value in params.items() if key != "GatewayArn"}
        return {"GatewayArn": gateway.arn}

    def GetBandwidthRateLimitSchedule(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        return {"GatewayArn": gateway.arn, "BandwidthRateLimitIntervals": gateway.intervals}

    def PutBandwidthRateLimitSchedule(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        taken = set()
        for interval in params["BandwidthRateLimitIntervals"]:
            minutes = minutes_of(interval)
            if not minutes or taken & minutes:
                raise AwsError(
                    "ValidationException",
                    "Bandwidth rate limit intervals must not be empty or overlap.",
                    error_code="InvalidBandwidthRateLimitIntervals",
                )
            taken |= minutes
        gateway.intervals = params["BandwidthRateLimitIntervals"]
        return {"GatewayArn": gateway.arn}

    def AssociateGatewayToServer(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"], missing="ValidationException")
        hypervisor = self.hypervisor(request, params["ServerArn"], missing="ValidationException")
        if gateway.hypervisor_arn:
            same = gateway.hypervisor_arn == hypervisor.arn
            if not (same and self.world.switches["associate_twice"] == "accept"):
                raise AwsError(
                    "ConflictException",
                    "The gateway is already associated with a hypervisor.",
                    error_code="GatewayAlreadyAssociated",
                )
        gateway.hypervisor_arn = hypervisor.arn
        hypervisor.login_at = None
        return {"GatewayArn": gateway.arn}

    def DisassociateGatewayFromServer(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        if not gateway.hypervisor_arn:
            raise AwsError(
                "ConflictException",
                "The gateway is not associated with a hypervisor.",
                error_code="GatewayNotAssociated",
            )
        gateway.hypervisor_arn = ""
        return {"GatewayArn": gateway.arn}

    def TestHypervisorConfiguration(self, request, params):
        gateway = self.gateway(request, params["GatewayArn"])
        if not self.alive(gateway):
            raise AwsError("ValidationException", "The gateway is not connected.", error_code="GatewayNotConnected")
        sddc = self.sddc_of_host(params["Host"], gateway)
        unreachable = self.unreachable(gateway, sddc)
        if unreachable:
            raise AwsError(
                "ValidationException",
                f"The gateway cannot connect to the host {params['Host']} on port 443.",
                error_code="HostUnreachable",
            )
        wrong = sddc.vcenter.check_login(params.get("Username", ""), params.get("Password", ""))
        if wrong:
            raise AwsError("ValidationException", LOGIN_MESSAGES[wrong], error_code="InvalidCredentials")
        return {}

    # Physics

    def see(self, gateway):
        """LastSeenTime moves only while the path is open."""
        if self.alive(gateway):
            gateway.last_seen = self.world.utc().replace(microsecond=0)

    def alive(self, gateway) -> bool:
        appliance = self.appliance(gateway)
        if appliance is None or not appliance.powered_on or gateway.updating:
            return False  # an update restarts it
        if not gateway.vpc_endpoint:
            return True
        return not self.physics.appliance_reaches_endpoint(self.world, appliance, gateway.vpc_endpoint)

    def appliance(self, gateway):
        sddc = self.world.sddcs.get(gateway.sddc_id)
        found = sddc.vcenter.appliances() if sddc and sddc.vcenter else []
        return next((item for item in found if item.instance_uuid == gateway.instance_uuid), None)

    def unreachable(self, gateway, sddc) -> str | None:
        """Why the gateway does not reach the vCenter of the SDDC; no SDDC means that nothing answers there."""
        if sddc is None or sddc.id != gateway.sddc_id:
            return "no route to host"
        return self.physics.appliance_reaches_management(self.world, self.appliance(gateway), "VCENTER", 443)


LOGIN_MESSAGES = {
    "invalid": "Cannot complete login due to an incorrect user name or password.",
    "locked": "Cannot complete login: the user account is locked.",
}


def tags_of(params) -> dict:
    return {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}


def minutes_of(interval) -> set:
    """The minutes of the week that an interval covers, its last one included."""
    start = interval["StartHourOfDay"] * 60 + interval["StartMinuteOfHour"]
    end = interval["EndHourOfDay"] * 60 + interval["EndMinuteOfHour"]
    return {day * 1440 + minute for day in interval["DaysOfWeek"] for minute in range(start, end + 1)}
