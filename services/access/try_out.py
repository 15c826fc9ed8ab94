"""A try-out: who starts the service in development, and has no admin yet, may do everything.

Not because they are on this machine (a proxy there makes everyone look so), but because they can
read a file of it. As soon as somebody is an admin, and in production always, it opens nothing.
"""

import os
from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from tempfile import NamedTemporaryFile

from config import IN_MEMORY, BadSettings, Environment, Settings
from models.access import Grant, Kind, Principal, Role
from services.access.directory import Directory
from services.access.doorkeeper import Credentials
from services.access.keys import make_text, read_key
from services.clock import Clock

TRY_OUT = "try-out"
"""Who did it, in the events."""
_KEY_ID = "dev"
_OTHERS = 0o077


class TryOut:
    """The way in by the key of the file, and by the secret of the sign-in link."""

    def __init__(self, key: str, directory: Directory, clock: Clock, facility_id: str) -> None:
        self._key = key
        self._directory = directory
        self._clock = clock
        grant = Grant(id=TRY_OUT, role=Role.ADMIN, facility_id=facility_id)
        self._principal = Principal(id=TRY_OUT, kind=Kind.SYSTEM, grants=(grant,))

    async def recognise(self, given: Credentials) -> Principal | None:
        """Everybody with the key, while nobody is an admin. Raises DatabaseUnavailable."""
        if read_key(given) != self._key:
            return None
        if not given.last_known:
            await self._directory.be_warm()
        return self._unless_over()

    async def principal(self) -> Principal | None:
        """Who tries it out; None once somebody is an admin. Raises DatabaseUnavailable."""
        await self._directory.be_warm()
        return self._unless_over()

    def _unless_over(self) -> Principal | None:
        return None if self._directory.has_admin(self._clock.now()) else self._principal

    def opens(self, secret: str) -> bool:
        """Whether this is the secret of the sign-in link."""
        return compare_digest(secret.encode(), link_secret(self._key).encode())


def link_secret(key: str) -> str:
    """The secret of the sign-in link: all workers make the same of the key, and nobody else."""
    return sha256(f"sign-in link of {key}".encode()).hexdigest()


def keep_key(path: Path) -> str:
    """The key of the try-out, made if there is no file yet.

    Of several processes that make one at once all take the same. Raises BadSettings, OSError.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as mine:  # its owner's alone
            mine.write(f"{new_key()}\n")
            mine.flush()
            with suppress(FileExistsError):
                os.link(mine.name, path)
    kept = path.read_text().strip()
    if path.stat().st_mode & _OTHERS or read_key(_shown(kept)) is None:
        raise BadSettings(
            f"DEV_KEY_FILE: {path}: holds no key, or others may read it; remove the file"
        )
    return kept


def _shown(key: str) -> Credentials:
    return Credentials(authorization=f"Bearer {key}")


def key_of(settings: Settings) -> str | None:
    """The key of a try-out as the settings say, None in production. Raises BadSettings."""
    if settings.environment is Environment.PRODUCTION:
        return None
    if settings.dev_key_file == IN_MEMORY:
        return new_key()
    try:
        return keep_key(Path(settings.dev_key_file))
    except OSError as error:
        raise BadSettings(f"DEV_KEY_FILE: {settings.dev_key_file}: {error.strerror}") from None


def new_key() -> str:
    """A key that is kept nowhere yet."""
    return make_text(_KEY_ID)
