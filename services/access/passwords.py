"""Passwords: which ones may be chosen, and whether one that is given is the right one.

What is stored is Argon2id's hash. To make one takes a sixth of a second of one core, and 64 MiB, so
it is done in threads, two at once at most: whoever tries passwords must not slow the day down.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn

from models.errors import Busy, PasswordProblem, WeakPassword
from models.password import LEAST_LENGTH, MOST_LENGTH, normalized

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""By RFC 9106's second choice of parameters, but on one core: bookings keep the others."""
_AT_ONCE = 2
_WAITING = 32
"""More than these would wait for longer than whoever asked does."""
_LEAST_GUESSES = 10**9
"""Somebody who knows what passwords people choose would need more tries than that."""

T = TypeVar("T")


class Passwords:
    """Raises Busy when too many wait to have theirs checked."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._of_nobody = ""
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")
        self._asked = 0

    async def hash(self, password: str, *, known_of_them: tuple[str, ...] = ()) -> str:
        """What is stored of a password that was chosen. Raises WeakPassword.

        What is `known_of_them`, their name say, makes a password no harder to guess.
        """
        text = normalized(password)
        if len(text) < LEAST_LENGTH:
            raise WeakPassword(PasswordProblem.TOO_SHORT)
        if len(text) > MOST_LENGTH:
            raise WeakPassword(PasswordProblem.TOO_LONG)
        if await self._in_thread(lambda: _guesses(text, known_of_them)) < _LEAST_GUESSES:
            raise WeakPassword(PasswordProblem.COMMON)
        return await self._in_thread(lambda: self._hasher.hash(text))

    async def match(self, password: str, stored: str | None) -> bool:
        """Whether it is the one. Takes the same time where nothing is stored."""
        text = normalized(password)
        if len(text) > MOST_LENGTH:
            text = ""  # it is nobody's, and a long one takes no longer
        return await self._in_thread(lambda: self._verify(text, stored))

    def _verify(self, password: str, stored: str | None) -> bool:
        self._of_nobody = self._of_nobody or self._hasher.hash("")
        try:
            self._hasher.verify(stored or self._of_nobody, password)
        except (Argon2Error, InvalidHashError):
            return False
        return bool(stored)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._asked >= _WAITING:
            raise Busy
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1


def _guesses(password: str, known: tuple[str, ...]) -> float:
    """How many tries it would take; `zxcvbn` has the common passwords, names and words."""
    told = zxcvbn(password, user_inputs=list(known), max_length=MOST_LENGTH)
    return float(told["guesses"])
