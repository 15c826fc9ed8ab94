"""The default day: 22 patients who crowd into a few slots, so that every rule shows.

Slots are small, two seats each. Slot 0 is 09:00, 3 is 12:00, 4 is 14:00 after lunch, 6 is 16:00.
"""

from models.source import Source
from simulator.plan import Absence, Cancel, Delay, Manner, Plan, Visit

_RAO, _NAIR, _KHAN = 0, 1, 2


def clock(text: str, *, days: int = 0) -> int:
    """Minutes from the opening at 09:00 to this time of day."""
    hours, minutes = text.split(":")
    return (int(hours) - 9 + 24 * days) * 60 + int(minutes)


def _evening(text: str) -> int:
    return clock(text, days=-1)


STORY = Plan(
    doctors=3,
    capacity=2,
    visits=(
        # The evening before, people book from home.
        Visit(key="O1", source=Source.ONLINE, doctor=_RAO, slot=0, at=_evening("18:05")),
        Visit(key="O2", source=Source.ONLINE, doctor=_RAO, slot=0, at=_evening("18:12")),
        # Is called at ten and gone by then.
        Visit(
            key="O3",
            source=Source.ONLINE,
            doctor=_RAO,
            slot=1,
            at=_evening("18:20"),
            manner=Manner.LEAVES,
        ),
        Visit(key="O4", source=Source.ONLINE, doctor=_RAO, slot=1, at=_evening("18:31")),
        # Full, and nobody there scores lower: the waitlist.
        Visit(key="O5", source=Source.ONLINE, doctor=_RAO, slot=1, at=_evening("18:44")),
        Visit(key="O6", source=Source.ONLINE, doctor=_NAIR, slot=6, at=_evening("19:02")),
        Visit(key="O7", source=Source.ONLINE, doctor=_NAIR, slot=0, at=_evening("19:10")),
        Visit(key="O8", source=Source.ONLINE, doctor=_NAIR, slot=0, at=_evening("19:25")),
        Visit(key="O9", source=Source.ONLINE, doctor=_KHAN, slot=4, at=_evening("19:40")),
        Visit(key="O10", source=Source.ONLINE, doctor=_KHAN, slot=4, at=_evening("20:05")),
        # Bumps O2 past the full 10:00 to 11:00.
        Visit(key="P1", source=Source.PRIORITY, doctor=_RAO, slot=0, at=_evening("20:30")),
        # The morning.
        Visit(key="W1", source=Source.WALKIN, doctor=_NAIR, slot=6, at=clock("08:05")),
        # Bumps W1 out of the day's last slot: the waitlist.
        Visit(key="P2", source=Source.PRIORITY, doctor=_NAIR, slot=6, at=clock("08:15")),
        # Bumps O10 to 15:00.
        Visit(key="F1", source=Source.FOLLOWUP, doctor=_KHAN, slot=4, at=clock("08:20")),
        Visit(key="W2", source=Source.WALKIN, doctor=_RAO, slot=2, at=clock("08:30")),
        Visit(
            key="F2",
            source=Source.FOLLOWUP,
            doctor=_NAIR,
            slot=1,
            at=clock("08:35"),
            manner=Manner.LATE,
        ),
        Visit(key="W3", source=Source.WALKIN, doctor=_NAIR, slot=1, at=clock("08:45")),
        # Beyond the seats of a full slot.
        Visit(key="E1", source=Source.EMERGENCY, doctor=_RAO, slot=0, at=clock("09:06")),
        Visit(key="W4", source=Source.WALKIN, doctor=_RAO, slot=3, at=clock("09:10")),
        # Bumps W2 to 12:00.
        Visit(key="P3", source=Source.PRIORITY, doctor=_RAO, slot=2, at=clock("10:30")),
        Visit(key="W5", source=Source.WALKIN, doctor=_KHAN, slot=5, at=clock("11:30")),
        Visit(key="E2", source=Source.EMERGENCY, doctor=_NAIR, slot=4, at=clock("14:10")),
    ),
    incidents=(
        # Frees a seat for W1.
        Cancel(at=clock("08:40"), key="O6", why="Feels better"),
        Delay(
            at=clock("08:50"), doctor=_NAIR, slot=0, minutes=30, why="is still on the ward round"
        ),
        Absence(at=clock("13:15"), doctor=_KHAN, slot=4, why="is called to the theatre"),
    ),
)
