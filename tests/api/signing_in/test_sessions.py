"""Who signs in is who they say, for as long as they said so and no longer, in every process."""

import asyncio
from datetime import timedelta
from statistics import median

import pytest

from database import Database
from models.access import Kind
from models.errors import RateLimited, SignInFailed, Unauthenticated
from services.access.passwords import HASHER
from services.access.sessions import LASTS, csrf_token
from services.clock import ManualClock, stopwatch
from services.ids import Ids
from services.store.collections import AUDIT, PRINCIPALS, SESSIONS, SIGN_IN_ADDRESSES
from tests.api.people import ELSEWHERE, HOME, PASSWORD, Process

pytestmark = pytest.mark.both_databases

# Signing in


async def test_who_signs_in_is_known_by_the_session_in_every_process(
    here: Process, there: Process
) -> None:
    held = await here.signs_in()
    assert await here.asks(held) == await there.asks(held) == "asha"


async def test_a_name_is_known_in_any_case(here: Process) -> None:
    assert await here.asks(await here.signs_in(" Asha ")) == "asha"


async def test_each_sign_in_has_a_session_of_its_own_which_no_page_can_choose(
    here: Process,
) -> None:
    first, second = await here.signs_in(), await here.signs_in()
    assert first != second
    assert len(first) == 43  # 256 bits
    for held in ("", "chosen", first[:-1], csrf_token(first)):
        with pytest.raises(Unauthenticated):
            await here.asks(held)


async def test_neither_password_nor_session_nor_link_is_stored_as_it_is(
    here: Process, database: Database
) -> None:
    link, held = await here.link(), await here.signs_in()
    for kind in (PRINCIPALS, SESSIONS, AUDIT):
        stored = str(await kind.of(database).find({}))
        assert "asha" in stored
        for secret in (PASSWORD, held, link):
            assert secret not in stored


async def test_who_fails_is_not_told_whether_the_name_is_known(here: Process) -> None:
    await here.hire("binu")
    await here.hire("portal", kind=Kind.CLIENT)
    await here.hire("gone")
    await here.choose(await here.link("gone"))
    await here.disable("gone")
    for name, password in (
        ("asha", "wrong"),
        ("nobody", PASSWORD),
        ("binu", ""),  # has no password yet
        ("portal", ""),
        ("gone", PASSWORD),
    ):
        with pytest.raises(SignInFailed):
            await here.signs_in(name, password)


async def test_it_takes_as_long_for_a_name_that_nobody_has(
    database: Database, clock: ManualClock, ids: Ids
) -> None:
    here = Process(database, clock, ids, HASHER)
    await here.hire()
    await here.choose(await here.link())
    took: dict[str, list[float]] = {"asha": [], "nobody": []}
    for name in ["asha", "nobody"] * 5:
        began = stopwatch()
        with pytest.raises(SignInFailed):
            await here.signs_in(name, "wrong")
        took[name].append(stopwatch() - began)
    assert 0.5 < median(took["nobody"]) / median(took["asha"]) < 2


@pytest.mark.parametrize("name", ["asha", "nobody"])
async def test_tries_are_limited_alike_for_names_that_nobody_has(here: Process, name: str) -> None:
    tries = [here.signs_in(name, "wrong", address=ELSEWHERE) for _ in range(14)]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, SignInFailed) for each in told) == 10
    assert sum(isinstance(each, RateLimited) for each in told) == 4


async def test_nobody_is_locked_out_where_they_signed_in_before(here: Process) -> None:
    for n in range(5):
        tries = [
            here.signs_in(password="wrong", address=f"198.51.100.{n}") for _ in range(12)
        ]  # it is wrong
        await asyncio.gather(*tries, return_exceptions=True)
    with pytest.raises(RateLimited):
        await here.signs_in(address=ELSEWHERE)
    assert await here.asks(await here.signs_in(address=HOME)) == "asha"


async def test_sign_ins_and_failures_are_recorded(here: Process, database: Database) -> None:
    with pytest.raises(SignInFailed):
        await here.signs_in("asha", "wrong")
    with pytest.raises(SignInFailed):
        await here.signs_in("my password in the wrong field", "wrong")
    await here.sign_in.sign_out(await here.signs_in(), everywhere=False, request_id=None)
    records = await AUDIT.of(database).find({})
    told = [(record["what"], record["actor"], record["whom"]) for record in records]
    assert sorted(told, key=str) == [
        ("account.made", "admin", "asha"),
        ("link.given", "admin", "asha"),
        ("password.chosen", "asha", "asha"),
        ("session.begun", "asha", "asha"),
        ("session.begun", "asha", "asha"),
        ("session.ended", "asha", "asha"),
        ("session.refused", "asha", "asha"),
        ("session.refused", "nobody", None),
    ]


# Sessions end


async def test_a_session_ends_after_twelve_hours(here: Process, clock: ManualClock) -> None:
    held = await here.signs_in()
    clock.advance(LASTS - timedelta(seconds=1))
    assert await here.asks(held) == "asha"
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await here.asks(held)


async def test_signing_out_ends_this_session_everywhere_and_no_other(
    here: Process, there: Process
) -> None:
    held, other = await here.signs_in(), await here.signs_in()
    assert await there.asks(held) == "asha"
    await here.sign_in.sign_out(held, everywhere=False, request_id=None)
    with pytest.raises(Unauthenticated):
        await here.asks(held)
    await there.look()
    with pytest.raises(Unauthenticated):
        await there.asks(held)
    assert await here.asks(other) == await there.asks(other) == "asha"


async def test_signing_out_everywhere_ends_all_of_ones_own(here: Process, there: Process) -> None:
    await here.hire("binu")
    held, other = await here.signs_in(), await here.signs_in()
    binus = await here.choose(await here.link("binu"))
    assert await there.asks(held) == "asha"
    await here.sign_in.sign_out(held, everywhere=True, request_id=None)
    await there.look()
    for process in (here, there):
        for ended in (held, other):
            with pytest.raises(Unauthenticated):
                await process.asks(ended)
        assert await process.asks(binus) == "binu"


async def test_who_is_disabled_has_no_session_any_more(here: Process, there: Process) -> None:
    held = await here.signs_in()
    assert await there.asks(held) == "asha"
    await here.disable()
    await there.look()
    for process in (here, there):
        with pytest.raises(Unauthenticated):
            await process.asks(held)


async def test_another_process_forgets_an_ended_session_by_itself(
    here: Process, there: Process
) -> None:
    held = await here.signs_in()
    assert await there.asks(held) == "asha"
    there.start()
    await here.sign_in.sign_out(held, everywhere=False, request_id=None)
    began = stopwatch()
    while stopwatch() - began < 5:
        try:
            await there.asks(held)
        except Unauthenticated:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("it still knows it")
    await there.stop()


# What is kept


async def test_what_has_run_out_is_not_kept(
    here: Process, database: Database, clock: ManualClock
) -> None:
    ended, held = await here.signs_in(), await here.signs_in()
    await here.sign_in.sign_out(ended, everywhere=False, request_id=None)
    clock.advance(timedelta(hours=2))
    await here.sessions.drop_past()
    assert len(await SESSIONS.of(database).find({})) == 2
    assert await here.asks(held) == "asha"
    clock.advance(timedelta(days=90))
    await here.sessions.drop_past()
    for kind in (SESSIONS, SIGN_IN_ADDRESSES):
        assert await kind.of(database).find({}) == []
