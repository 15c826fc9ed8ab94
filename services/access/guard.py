"""Whether who asks may do this to that doctor or that token: every use case asks here first.

Whatever belongs to a facility that the principal does not belong to is unknown to it, as if it did
not exist; so are tokens of others to who reaches only those that they booked, and all but its own
token to a patient's link. What remains and is not allowed is forbidden.

A doctor's facility and a token's booker never change, so both are remembered, and a warm request
asks the database for nothing.
"""

import asyncio
from collections.abc import Iterable, Mapping

from models.access import Facility, Permission, Principal
from models.errors import (
    Forbidden,
    NotFound,
    UnknownDoctor,
    UnknownFacility,
    UnknownSlot,
    UnknownToken,
)
from models.ids import doctor_of, is_doctor_id, sheet_of_slot, sheet_of_token
from models.sheet import Sheet
from models.token import Token
from services.clock import Clock
from services.store.facilities import Facilities
from services.store.sheets import SheetStore


class Guard:
    """Every method raises Forbidden, naming the permission that lacks."""

    def __init__(self, facilities: Facilities, sheets: SheetStore, clock: Clock) -> None:
        self._facilities = facilities
        self._sheets = sheets
        self._clock = clock

    async def facility(
        self, principal: Principal, permission: Permission, facility_id: str | None
    ) -> Facility:
        """A facility, for all its doctors; without an id the only one there is for the principal.

        One of several may be meant then: it is the home. Raises UnknownFacility.
        """
        now = self._clock.now()
        if facility_id is None:
            facilities = principal.facilities(permission, now)
            facility_id = min(facilities) if len(facilities) == 1 else self._facilities.home.id
        if not principal.belongs_to(facility_id, now):
            raise UnknownFacility
        if not principal.may(permission, facility_id, None, now):
            raise Forbidden(permission)
        return await self._facilities.get(facility_id)

    async def doctor(
        self,
        principal: Principal,
        permission: Permission,
        doctor_id: str,
        unknown: type[NotFound] = UnknownDoctor,
    ) -> Facility:
        """The doctor's facility. Raises `unknown`."""
        facility = await self._facilities.of_doctor(doctor_id) if is_doctor_id(doctor_id) else None
        now = self._clock.now()
        if facility is None or not principal.belongs_to(facility.id, now):
            raise unknown
        if not principal.may(permission, facility.id, doctor_id, now):
            raise Forbidden(permission)
        return facility

    async def slot(self, principal: Principal, permission: Permission, slot_id: str) -> str:
        """The sheet of a slot. Raises UnknownSlot."""
        sheet_id = sheet_of_slot(slot_id)
        await self.doctor(principal, permission, doctor_of(sheet_id), UnknownSlot)
        return sheet_id

    async def token(self, principal: Principal, permission: Permission, token_id: str) -> str:
        """The sheet of a token. Raises UnknownToken."""
        sheet_id = sheet_of_token(token_id)
        if principal.token_id is not None:
            if token_id != principal.token_id:
                raise UnknownToken
            if permission not in principal.rights:
                raise Forbidden(permission)
            return sheet_id
        doctor_id = doctor_of(sheet_id)
        facility = await self.doctor(principal, permission, doctor_id, UnknownToken)
        now = self._clock.now()
        if not principal.may_for_others(permission, facility.id, doctor_id, now):
            booked_by = await self._sheets.booked_by(sheet_id, token_id)
            if booked_by != principal.id:
                raise UnknownToken
        return sheet_id

    def reach(self, principal: Principal, permission: Permission) -> Mapping[str, frozenset[str]]:
        """By facility, for which doctors it is allowed; none named: for all."""
        reach = principal.reach(permission, self._clock.now())
        if not reach:
            raise Forbidden(permission)
        return reach

    async def doctors(
        self, principal: Principal, permission: Permission, doctor_ids: Iterable[str]
    ) -> frozenset[str]:
        """Those of these doctors for whom it is allowed."""
        asked = sorted(set(doctor_ids))
        facilities = await asyncio.gather(*map(self._facilities.of_doctor, asked))
        now = self._clock.now()
        return frozenset(
            doctor_id
            for doctor_id, facility in zip(asked, facilities, strict=True)
            if facility and principal.may(permission, facility.id, doctor_id, now)
        )

    def shows(
        self, principal: Principal, permission: Permission, sheet: Sheet, token: Token
    ) -> bool:
        """Whether this token of a sheet is one that it is allowed for."""
        if principal.token_id is not None:
            return token.id == principal.token_id and permission in principal.rights
        doctor_id, now = sheet.resource_id, self._clock.now()
        if token.booked_by == principal.id:
            return principal.may(permission, sheet.facility_id, doctor_id, now)
        return principal.may_for_others(permission, sheet.facility_id, doctor_id, now)
