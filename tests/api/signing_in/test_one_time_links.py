"""A link chooses a password: once, in time, and for the one that it was given for."""

import asyncio

import pytest

from models.errors import LinkEnded, SignInFailed, Unauthenticated, WeakPassword
from services.access.sign_in import LINK_LASTS
from services.clock import ManualClock
from tests.api.people import Process

pytestmark = pytest.mark.both_databases


async def test_a_link_chooses_a_password_once_and_ends_earlier_sessions(here: Process) -> None:
    held, link = await here.signs_in(), await here.link()
    begun = await here.choose(link, "another good password")
    assert await here.asks(begun) == "asha"
    with pytest.raises(Unauthenticated):
        await here.asks(held)
    with pytest.raises(SignInFailed):
        await here.signs_in()
    await here.signs_in(password="another good password")  # as chosen
    with pytest.raises(LinkEnded):
        await here.choose(link)


async def test_of_two_who_use_a_link_at_once_one_does(here: Process, there: Process) -> None:
    link = await here.link()
    await there.look()
    passwords = [f"a password of process {n}" for n in range(2)]
    told = await asyncio.gather(
        *(p.choose(link, passwords[n]) for n, p in enumerate((here, there))),
        return_exceptions=True,
    )
    won = [n for n, each in enumerate(told) if isinstance(each, str)]
    assert [type(each) for each in told if not isinstance(each, str)] == [LinkEnded]
    for n, password in enumerate(passwords):
        if n in won:
            await here.signs_in(password=password)
        else:
            with pytest.raises(SignInFailed):
                await here.signs_in(password=password)


async def test_a_link_ends_after_its_time_and_by_a_newer_one(
    here: Process, clock: ManualClock
) -> None:
    older, newer = await here.link(), await here.link()
    with pytest.raises(LinkEnded):
        await here.choose(older)
    clock.advance(LINK_LASTS)
    for ended in (newer, "", "never was"):
        with pytest.raises(LinkEnded):
            await here.choose(ended)
        with pytest.raises(LinkEnded):
            await here.sign_in.whose_link(ended)


async def test_a_link_of_one_who_was_disabled_is_good_for_nothing(here: Process) -> None:
    link = await here.link()
    await here.disable()
    with pytest.raises(LinkEnded):
        await here.choose(link)


async def test_a_weak_password_uses_no_link_up(here: Process) -> None:
    link = await here.link()
    with pytest.raises(WeakPassword):
        await here.choose(link, "asha rao")
    assert (await here.sign_in.whose_link(link)).id == "asha"
    await here.choose(link)


async def test_whoever_signed_in_with_the_old_password_at_the_same_moment_is_out(
    here: Process,
) -> None:
    link = await here.link()
    chosen, *old = await asyncio.gather(
        here.choose(link, "another good password"),
        *(here.signs_in() for _ in range(3)),
        return_exceptions=True,
    )
    assert isinstance(chosen, str)
    assert await here.asks(chosen) == "asha"
    for each in old:
        if isinstance(each, str):
            with pytest.raises(Unauthenticated):
                await here.asks(each)
