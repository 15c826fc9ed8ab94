"""What who asks may see: shown here, so that no answer decides it for itself.

Of a token everybody who may read a line sees its number and how it stands. Who it is for, its id,
what was said about it and who did that are for who may read the names of that doctor's line. One's
own token is seen whole: for a client the one that it booked, for a patient's link the one it is of.
"""

from datetime import datetime

from models.access import Permission, Principal
from models.sheet import Sheet
from models.token import Token


class Sight:
    """That of one principal, for the length of one answer."""

    def __init__(self, principal: Principal, now: datetime) -> None:
        self._principal = principal
        self._now = now
        self._names: dict[tuple[str, str], bool] = {}

    def shows(self, sheet: Sheet, token: Token) -> bool:
        """Whether this token of a sheet is seen whole."""
        doctor_id = sheet.resource_id
        return self.shows_token(sheet.facility_id, doctor_id, token.id, token.booked_by)

    def shows_token(
        self, facility_id: str, doctor_id: str, token_id: str, booked_by: str | None
    ) -> bool:
        """Whether a token is seen whole, by what is known of it."""
        if self._principal.id == booked_by or self._principal.token_id == token_id:
            return True
        return self.shows_names(facility_id, doctor_id)

    def shows_names(self, facility_id: str, doctor_id: str) -> bool:
        """Whether all tokens of a doctor's line are seen whole."""
        asked = (facility_id, doctor_id)
        known = self._names.get(asked)
        if known is None:
            may = self._principal.may(Permission.READ_NAMES, facility_id, doctor_id, self._now)
            known = self._names[asked] = may
        return known

    def shared_by(self, sheet: Sheet) -> tuple[str, str | None] | None:
        """Who sees the tokens of a sheet so: None, all who see its names; else this principal alone."""
        if self.shows_names(sheet.facility_id, sheet.resource_id):
            return None
        return self._principal.id, self._principal.token_id

    def shows_actor(self, facility_id: str, doctor_id: str, actor: str) -> bool:
        """Whether it is seen who did something to a doctor's line; of oneself one knows."""
        return actor == self._principal.id or self.shows_names(facility_id, doctor_id)
