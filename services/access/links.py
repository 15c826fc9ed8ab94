"""Patients' links: what a patient holds in place of an account.

`/t/{link}`, and the link as a Bearer, open one token until the day after its own has ended. The link
is `opl_{key}.{rights}.{end}.{proof}.{token}`: nothing of it is stored. The proof is an HMAC over all
the rest and the phone number of the token's patient, so that a number which is put right ends the
links that went to the wrong one. Of the keys the first signs; the others verify what they have
signed, until that ends. A token's id alone opens nothing.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from limits import RateLimitItemPerMinute

from models.access import Kind, Permission, Principal
from models.errors import NotFound, Unauthenticated
from models.ids import sheet_of_token
from models.sheet import Sheet
from models.token import Token
from services.access.doorkeeper import Credentials
from services.access.limits import Limits, network_of
from services.clock import Clock
from services.store.sheets import SheetStore

PATIENT = "patient"
"""The id of whoever comes by a link, in events: which patient, the token tells."""
READ = frozenset({Permission.READ_PATIENT})
READ_AND_CANCEL = READ | {Permission.CANCEL}

_RIGHTS = {"r": READ, "c": READ_AND_CANCEL}
_PROOF_BYTES = 16
_LINK = re.compile(
    r"opl_(?P<key>[A-Za-z0-9]{1,16})\.(?P<rights>[rc])\.(?P<end>[0-9]{10,12})"
    r"\.(?P<proof>[A-Za-z0-9_-]{22})\.(?P<token>[A-Za-z0-9.-]{1,64})"
)
_BEARER = "bearer "
_WRONG_LINKS = RateLimitItemPerMinute(60, 15, namespace="links")
"""By address: a ward may share one, and old links are opened by honest people."""


class Links:
    """Makes links and knows them again: a way in, for one token each."""

    def __init__(
        self, keys: Mapping[str, str], sheets: SheetStore, clock: Clock, limits: Limits
    ) -> None:
        """`keys` by their ids, of which the first signs; without any there are no links."""
        self._keys = {id_: hmac.new(key.encode(), digestmod=sha256) for id_, key in keys.items()}
        self._sheets = sheets
        self._clock = clock
        self._limits = limits

    def make(self, sheet: Sheet, token: Token, maker: Principal) -> str | None:
        """The link to a token, which opens no more than its maker may do with it.

        None where there are no keys, or for who may not read it.
        """
        letter = self._letter(sheet, maker)
        if letter is None:
            return None
        for key_id, key in self._keys.items():
            end = _end_of(sheet.date, sheet.timezone)
            proof = _proof(key, f"{key_id}.{letter}.{end}", token)
            return f"opl_{key_id}.{letter}.{end}.{proof}.{token.id}"
        return None

    def _letter(self, sheet: Sheet, maker: Principal) -> str | None:
        place, now = (sheet.facility_id, sheet.resource_id), self._clock.now()
        if not maker.may(Permission.READ_PATIENT, *place, now):
            return None
        return "c" if maker.may(Permission.CANCEL, *place, now) else "r"

    async def recognise(self, given: Credentials) -> Principal | None:
        """Whoever holds the link that came as a Bearer. Raises Unauthenticated."""
        told = given.authorization or ""
        text = told[len(_BEARER) :].strip() if told[: len(_BEARER)].lower() == _BEARER else ""
        return await self.holder(text, given.address) if text.startswith("opl_") else None

    async def holder(self, link: str, address: str | None) -> Principal:
        """Whoever holds a link. Raises Unauthenticated for one that has ended or never was.

        RateLimited after too many of these from an address.
        """
        with self._limits.guess(_WRONG_LINKS, network_of(address), wrong=Unauthenticated):
            return await self._holder(link)

    async def _holder(self, link: str) -> Principal:
        found = _LINK.fullmatch(link)
        key = None if found is None else self._keys.get(found["key"])
        if found is None or key is None or self._has_passed(int(found["end"])):
            raise Unauthenticated
        try:
            sheet = await self._sheets.read(sheet_of_token(found["token"]))
        except NotFound:
            raise Unauthenticated from None
        token = None if sheet is None else sheet.find_token(found["token"])
        if token is None:
            raise Unauthenticated
        signed = f"{found['key']}.{found['rights']}.{found['end']}"
        if not hmac.compare_digest(_proof(key, signed, token), found["proof"]):
            raise Unauthenticated
        rights = _RIGHTS[found["rights"]]
        return Principal(id=PATIENT, kind=Kind.PATIENT_LINK, token_id=token.id, rights=rights)

    def _has_passed(self, end: int) -> bool:
        return self._clock.now().timestamp() >= end


@lru_cache(maxsize=64)
def _end_of(day: date, timezone: str) -> int:
    """The midnight that ends the day after a token's, in seconds since 1970."""
    end = datetime.combine(day + timedelta(days=2), time(), ZoneInfo(timezone))
    return int(end.timestamp())


def _proof(key: hmac.HMAC, signed: str, token: Token) -> str:
    """By a copy of the key, made ready once.

    Not by hmac.digest, which lets other threads go first: then each booking waits for the driver's,
    which took twenty times what the digest does.
    """
    proof = key.copy()
    proof.update(f"{signed}.{token.id}\n{token.patient.phone_number or ''}".encode())
    return urlsafe_b64encode(proof.digest()[:_PROOF_BYTES]).decode().rstrip("=")
