"""How long the others will take: from the doctor's past, today's pace, and who is ahead."""

import math
import random
from collections.abc import Sequence

import pytest

from engine.estimates import PACE_WEIGHT, Estimate, Forecast, Walk, learn
from models.experience import Case, Consultation, Experience

USUAL = 10.0
NEW, AGAIN = False, True
"""Whether it is a follow-up."""


def _session(*minutes: float, follow_ups: Sequence[bool] = ()) -> list[Consultation]:
    """Consultations one behind the other."""
    known = [*follow_ups, *[False] * (len(minutes) - len(follow_ups))]
    return [
        Consultation(
            Case(again, sum(minutes[:place]) / 60, len(minutes) - place),
            length,
            followed=place < len(minutes) - 1,
        )
        for place, (length, again) in enumerate(zip(minutes, known, strict=True))
    ]


def _told(forecast: Forecast, line: Sequence[bool], chance: float = 1.0) -> list[Estimate]:
    walk = Walk(forecast, hours=0.0, left=len(line))
    return [walk.meet(follow_up=again, chance=chance) for again in line]


def _waits(forecast: Forecast, line: Sequence[bool], chance: float = 1.0) -> list[float]:
    return [round(one.minutes, 3) for one in _told(forecast, line, chance)]


def _learn(experience: Experience, session: Sequence[Consultation]) -> Experience:
    return learn(experience, session, USUAL, came=len(session), stayed_away=0)


def _random_session(chance: random.Random) -> list[Consultation]:
    again = [chance.random() < 0.6 for _ in range(16)]
    lengths = [(11 if each else 15) * chance.lognormvariate(-0.1, 0.45) for each in again]
    return _session(*lengths, follow_ups=again)


def _taught(sessions: int, seed: int = 7) -> Experience:
    chance, experience = random.Random(seed), Experience()
    for _ in range(sessions):
        experience = _learn(experience, _random_session(chance))
    return experience


def test_without_a_past_each_takes_the_facilitys_minutes() -> None:
    assert _waits(Forecast(Experience(), USUAL), [NEW, AGAIN, NEW]) == [0, 10, 20]


def test_the_first_waits_for_whoever_is_in() -> None:
    walk = Walk(Forecast(Experience(), USUAL), hours=0.0, left=2)
    walk.pass_by(follow_up=NEW, elapsed=4.0)
    assert [walk.meet(follow_up=NEW).minutes, walk.meet(follow_up=NEW).minutes] == [6, 16]


def test_nobody_is_seen_before_the_slot_begins() -> None:
    walk = Walk(Forecast(Experience(), USUAL), hours=0.0, left=2)
    assert walk.meet(follow_up=NEW).minutes == 0
    walk.wait_until(30.0)
    walk.wait_until(5.0)
    assert walk.meet(follow_up=NEW).minutes == 30


def test_who_may_not_come_counts_by_the_chance_that_they_do() -> None:
    assert _waits(Forecast(Experience(), USUAL), [NEW, NEW, NEW], chance=0.5) == [0, 5, 10]


def test_how_many_come_is_learned() -> None:
    assert Forecast(Experience(), USUAL).chance_to_come == 0.9
    experience = learn(Experience(), _session(10.0), USUAL, came=60, stayed_away=30)
    assert Forecast(experience, USUAL).chance_to_come == pytest.approx(0.69)


def test_the_past_tells_follow_ups_from_others() -> None:
    forecast = Forecast(_taught(60), USUAL)
    assert forecast.minutes(Case(False, 1.0, 10)) == pytest.approx(15, abs=1)
    assert forecast.minutes(Case(True, 1.0, 10)) == pytest.approx(11, abs=1)


def test_the_past_tells_of_a_doctor_who_hurries_at_the_end() -> None:
    experience = Experience()
    for _ in range(40):
        experience = _learn(experience, _session(*[20.0] * 6, *[8.0] * 6))
    forecast = Forecast(experience, USUAL)
    assert forecast.minutes(Case(False, 0.0, 12)) > 1.5 * forecast.minutes(Case(False, 2.5, 2))


def test_todays_pace_counts_as_much_as_the_past_after_so_many_consultations() -> None:
    twice_as_slow = _session(*[2 * USUAL] * int(PACE_WEIGHT))
    assert Forecast(Experience(), USUAL).pace == 1
    assert Forecast(Experience(), USUAL, twice_as_slow).pace == pytest.approx(1.5)


def test_no_consultation_is_foreseen_to_take_no_time() -> None:
    experience = _learn(Experience(), _session(*[0.0] * 500))
    assert Forecast(experience, USUAL).minutes(Case(True, 3.0, 1)) == 2


def test_one_under_way_still_takes_its_rest_and_never_none() -> None:
    forecast, case = Forecast(Experience(), USUAL), Case(False, 0.0, 1)
    assert [forecast.rest(case, elapsed) for elapsed in (0, 5, 60)] == [10, 5, 4]


def test_four_of_five_consultations_begin_within_their_range() -> None:
    experience, chance = _taught(150), random.Random(11)
    within = []
    for _ in range(150):
        session = _random_session(chance)
        line = [one.case.follow_up for one in session]
        told = _told(Forecast(experience, USUAL), line)[1:9]
        came = [sum(one.minutes for one in session[:ahead]) for ahead in range(1, 9)]
        within += [one.earliest <= wait <= one.latest for one, wait in zip(told, came, strict=True)]
    assert 0.78 <= sum(within) / len(within) <= 0.82


def test_who_is_farther_back_has_a_wider_range() -> None:
    told = _told(Forecast(_taught(60), USUAL), [NEW] * 12)
    widths = [one.latest - one.earliest for one in told]
    assert widths == sorted(widths)
    assert widths[0] == 0


def test_nothing_is_learned_of_waits_across_a_pause() -> None:
    paused = [
        Consultation(one.case, one.minutes, followed=False) for one in _session(10.0, 90.0, 10.0)
    ]
    learned = _learn(Experience(), paused)
    assert (learned.lower, learned.upper) == (Experience().lower, Experience().upper)


def test_the_same_past_teaches_the_same_to_the_last_digit() -> None:
    assert _taught(20) == _taught(20)
    assert _taught(20).sessions == 20
    assert all(math.isfinite(value) for value in _taught(20).products)
