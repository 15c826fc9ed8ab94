"""The one source of random ids."""

import random
import secrets

_BASE32 = b"abcdefghijklmnopqrstuvwxyz234567"
_CHARACTERS = _BASE32 * 8
"""For each byte one character: each of the 32 stands there equally often."""
_POOL = 4096
"""Characters drawn at once: asking the system each time took longer than all else here."""


class Ids:
    """Makes ids from one source of chance: the system's by default, a seeded one to repeat a day."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.SystemRandom()
        self._pool = ""

    def doctor_id(self) -> str:
        """Short and random; it holds no `-`."""
        return self._draw(8)

    def token_id(self, sheet_id: str) -> str:
        """60 random bits behind the sheet's id: not guessable, since a patient's link holds it."""
        return f"{sheet_id}-{self._draw(12)}"

    def patient_id(self) -> str:
        """For a patient who came without one."""
        return f"P-{self._draw(12)}"

    def access_id(self) -> str:
        """For a key, a grant, or a record of what was done to them."""
        return self._draw(12)

    def device_code(self) -> str:
        """What a board shows until somebody lets it in: 40 bits, easily told apart and typed."""
        return self._draw(8)

    def request_id(self) -> str:
        """For a request that came without one."""
        return self._draw(16)

    def writer(self) -> str:
        """The name under which this process writes; a new one at each start."""
        return self._draw(10)

    def _draw(self, length: int) -> str:
        """Random characters, 5 bits each, none of them given twice."""
        if len(self._pool) < length:
            self._pool = self._chance.randbytes(_POOL).translate(_CHARACTERS).decode()
        drawn, self._pool = self._pool[:length], self._pool[length:]
        return drawn


def secret() -> str:
    """256 bits in URL-safe base64: the system's chance always, whatever ids are drawn from."""
    return secrets.token_urlsafe(32)
