"""What who asks may see: shown here, so that no answer decides it for itself.

Of a token everybody who may read a line sees its number and how it stands. Who it is for, its id,
what was said about it and who did that are for who may read the names of that doctor's line. One's
own token is seen whole: for a client the one that it booked, for a patient's link the one it is of.
"""

from datetime import datetime

from models.access import Permission, Principal
from models.sheet import Sheet
from models.token import OtherToken, Token


class Sight:
    """That of one principal, for the length of one answer."""

    def __init__(self, principal: Principal, now: datetime) -> None:
        self._principal = principal
        self._now = now
        self._names: dict[str, bool] = {}

    def shows(self, sheet: Sheet, token: Token) -> bool:
        """Whether this token of a sheet is seen whole."""
        return self.shows_names(sheet) or self._is_own(token.id, token.booked_by)

    def shows_other(self, other: OtherToken) -> bool:
        """The same, for a token that stands in the way of something."""
        named = self._may_name(other.facility_id, other.doctor_id)
        return named or self._is_own(other.id, other.booked_by)

    def shows_names(self, sheet: Sheet) -> bool:
        """Whether all tokens of a sheet are seen whole."""
        known = self._names.get(sheet.id)
        if known is None:
            known = self._names[sheet.id] = self._may_name(sheet.facility_id, sheet.resource_id)
        return known

    def _may_name(self, facility_id: str, doctor_id: str) -> bool:
        return self._principal.may(Permission.READ_NAMES, facility_id, doctor_id, self._now)

    def _is_own(self, token_id: str, booked_by: str | None) -> bool:
        return self._principal.id == booked_by or self._principal.token_id == token_id
