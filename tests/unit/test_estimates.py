"""How long the others will take: from the doctor's past, today's pace, and who is ahead."""

import math
import random
from collections.abc import Sequence

import pytest

from engine.estimates import (
    PACE_WEIGHT,
    Ahead,
    Case,
    Consultation,
    Experience,
    Forecast,
    learn,
)

USUAL = 10.0
NEW, AGAIN = Ahead(follow_up=False), Ahead(follow_up=True)


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


def _waits(forecast: Forecast, line: Sequence[Ahead], **more: float) -> list[float]:
    told = forecast.of_line(line, hours=0.0, **{"free_in": 0.0, **more})  # type: ignore[arg-type]  # doctors is whole
    return [round(one.minutes, 3) for one in told]


def _random_session(chance: random.Random) -> list[Consultation]:
    again = [chance.random() < 0.6 for _ in range(16)]
    lengths = [(11 if each else 15) * chance.lognormvariate(-0.1, 0.45) for each in again]
    return _session(*lengths, follow_ups=again)


def _taught(sessions: int, seed: int = 7) -> Experience:
    chance, experience = random.Random(seed), Experience()
    for _ in range(sessions):
        experience = learn(experience, _random_session(chance), USUAL)
    return experience


def test_without_a_past_each_takes_the_facilitys_minutes() -> None:
    assert _waits(Forecast(Experience(), USUAL), [NEW, AGAIN, NEW]) == [0, 10, 20]


def test_the_first_begins_when_the_doctor_is_free() -> None:
    assert _waits(Forecast(Experience(), USUAL), [NEW, NEW], free_in=4.0) == [4, 14]


def test_two_doctors_serve_a_line_twice_as_fast() -> None:
    assert _waits(Forecast(Experience(), USUAL), [NEW, NEW, NEW], doctors=2) == [0, 5, 10]


def test_who_may_not_come_counts_by_the_chance_that_they_do() -> None:
    perhaps = Ahead(follow_up=False, chance=0.5)
    assert _waits(Forecast(Experience(), USUAL), [perhaps, perhaps, NEW]) == [0, 5, 10]


def test_the_past_tells_follow_ups_from_others() -> None:
    forecast = Forecast(_taught(60), USUAL)
    assert forecast.minutes(Case(False, 1.0, 10)) == pytest.approx(15, abs=1)
    assert forecast.minutes(Case(True, 1.0, 10)) == pytest.approx(11, abs=1)


def test_the_past_tells_of_a_doctor_who_hurries_at_the_end() -> None:
    experience = Experience()
    for _ in range(40):
        experience = learn(experience, _session(*[20.0] * 6, *[8.0] * 6), USUAL)
    forecast = Forecast(experience, USUAL)
    assert forecast.minutes(Case(False, 0.0, 12)) > 1.5 * forecast.minutes(Case(False, 2.5, 2))


def test_todays_pace_counts_as_much_as_the_past_after_so_many_consultations() -> None:
    twice_as_slow = _session(*[2 * USUAL] * int(PACE_WEIGHT))
    assert Forecast(Experience(), USUAL).pace == 1
    assert Forecast(Experience(), USUAL, twice_as_slow).pace == pytest.approx(1.5)


def test_no_consultation_is_foreseen_to_take_no_time() -> None:
    experience = learn(Experience(), _session(*[0.0] * 500), USUAL)
    assert Forecast(experience, USUAL).minutes(Case(True, 3.0, 1)) == 2


def test_one_under_way_still_takes_its_rest_and_never_none() -> None:
    forecast, case = Forecast(Experience(), USUAL), Case(False, 0.0, 1)
    assert [forecast.rest(case, elapsed) for elapsed in (0, 5, 60)] == [10, 5, 4]


def test_four_of_five_consultations_begin_within_their_range() -> None:
    experience, chance = _taught(150), random.Random(11)
    within = []
    for _ in range(150):
        session = _random_session(chance)
        line = [Ahead(one.case.follow_up) for one in session]
        told = list(Forecast(experience, USUAL).of_line(line, hours=0.0, free_in=0.0))[1:9]
        came = [sum(one.minutes for one in session[:ahead]) for ahead in range(1, 9)]
        within += [one.earliest <= wait <= one.latest for one, wait in zip(told, came, strict=True)]
    assert 0.78 <= sum(within) / len(within) <= 0.82


def test_who_is_farther_back_has_a_wider_range() -> None:
    told = list(Forecast(_taught(60), USUAL).of_line([NEW] * 12, hours=0.0, free_in=0.0))
    widths = [one.latest - one.earliest for one in told]
    assert widths == sorted(widths)
    assert widths[0] == 0


def test_nothing_is_learned_of_waits_across_a_pause() -> None:
    paused = [
        Consultation(one.case, one.minutes, followed=False) for one in _session(10.0, 90.0, 10.0)
    ]
    learned = learn(Experience(), paused, USUAL)
    assert (learned.lower, learned.upper) == (Experience().lower, Experience().upper)


def test_the_same_past_teaches_the_same_to_the_last_digit() -> None:
    assert _taught(20) == _taught(20)
    assert _taught(20).sessions == 20
    assert all(math.isfinite(value) for value in _taught(20).products)
