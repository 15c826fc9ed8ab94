"""The fingerprint of a creating request: the operation and the fields that were given, by name."""

from collections.abc import Iterator
from datetime import date

import pytest
from msgspec import Struct, field, structs

from models.commands import IfFull
from models.doctor import Weekday
from models.patient import Newcomer
from models.source import Source
from services.requests import (
    CreatingRequest,
    NewAllocation,
    NewBooking,
    NewDoctor,
    NewSlot,
    NextCall,
)
from tests.principals import make_caller

MEERA = Newcomer(id="MRN-1001", name="Meera Nair", phone_number="+91 98450 12345")
RAVI = Newcomer(id="MRN-1002", name="Ravi Kumar", phone_number="098450 54321", language="hi")
TWO_OF_EACH: tuple[tuple[CreatingRequest, CreatingRequest, str], ...] = (
    (
        NewDoctor(
            name="Asha Rao",
            specialization="Cardiology",
            opd_days=(Weekday.MONDAY, Weekday.TUESDAY),
            doctor_id="rao",
        ),
        NewDoctor(
            name="Anil Sen",
            specialization="Skin",
            opd_days=(Weekday.MONDAY,),
            doctor_id="sen",
            facility_id="north",
        ),
        "1dff4d323401f0dd1ca8c4e5081439de",
    ),
    (
        NewSlot(
            doctor_id="rao",
            day=date(2030, 1, 15),
            start_time="09:00",
            end_time="10:00",
            max_capacity=6,
        ),
        NewSlot(
            doctor_id="sen",
            day=date(2030, 1, 16),
            start_time="09:10",
            end_time="10:10",
            max_capacity=7,
        ),
        "61611796013044900c577f5f65acb972",
    ),
    (
        NewBooking(
            slot_id="rao-20300115-0900",
            source=Source.ONLINE,
            patient=MEERA,
            if_full=IfFull.REJECT,
        ),
        NewBooking(
            slot_id="rao-20300115-1000",
            source=Source.WALKIN,
            patient=RAVI,
            if_full=IfFull.WAITLIST,
            check_in=True,
            despite_overrun=True,
        ),
        "d37c2cef26c5c80d37e293fe5eec37a3",
    ),
    (
        NewAllocation(
            source=Source.ONLINE,
            patient=MEERA,
            specialization="Cardiology",
            doctor_id="rao",
            day=date(2030, 1, 15),
            if_full=IfFull.REJECT,
        ),
        NewAllocation(
            source=Source.WALKIN,
            patient=RAVI,
            specialization="Skin",
            doctor_id="sen",
            day=date(2030, 1, 16),
            if_full=IfFull.WAITLIST,
        ),
        "aab3c568f3c4924ceb7104ff0141bb91",
    ),
    (
        NextCall(room="1", finish="rao-20300115-gv6srz4p6ztu"),
        NextCall(room="2", finish="rao-20300115-hv6srz4p6ztu"),
        "7efbd1cd808bb2173392a4e38569cc10",
    ),
)
"""Of each creating request two that differ in every field, and the first one's fingerprint."""

TWO = pytest.mark.parametrize(
    ("request_", "other"), [(request, other) for request, other, _ in TWO_OF_EACH]
)


def _changed_alone(value: Struct, other: Struct) -> Iterator[tuple[str, Struct]]:
    """`value` with one field of `other`, for each field, those of structs in it too."""
    for known in structs.fields(value):
        mine, theirs = getattr(value, known.name), getattr(other, known.name)
        assert mine != theirs, f"{known.name} must differ, or it is not looked at"
        if isinstance(mine, Struct):
            for name, changed in _changed_alone(mine, theirs):
                yield f"{known.name}.{name}", structs.replace(value, **{known.name: changed})
        else:
            yield known.name, structs.replace(value, **{known.name: theirs})


def test_the_creating_requests_are_all_here() -> None:
    kinds = {kind for kind in CreatingRequest.__subclasses__() if kind.__module__ != __name__}
    assert {type(request) for request, _, _ in TWO_OF_EACH} == kinds


@TWO
def test_every_field_changed_alone_changes_the_fingerprint(
    request_: CreatingRequest, other: CreatingRequest
) -> None:
    for name, changed in _changed_alone(request_, other):
        assert isinstance(changed, CreatingRequest)
        assert changed.fingerprint() != request_.fingerprint(), name


@pytest.mark.parametrize(
    ("request_", "fingerprint"), [(request, known) for request, _, known in TWO_OF_EACH]
)
def test_a_fingerprint_is_the_same_in_every_version(
    request_: CreatingRequest, fingerprint: str
) -> None:
    """Else a request that is repeated across an upgrade is refused, or booked twice."""
    assert request_.fingerprint() == fingerprint


def test_a_key_is_remembered_under_the_same_hash_in_every_version() -> None:
    caller = make_caller("desk-2", idempotency_key="7f9c2ba4")
    assert caller.key_hash() == "c125f07572137271ded2cfd20ab86769"


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len({request.operation for request, _, _ in TWO_OF_EACH}) == len(TWO_OF_EACH)


class _LaterNewcomer(Newcomer, frozen=True, kw_only=True):
    nickname: str | None = None


class _LaterBooking(NewBooking, frozen=True, kw_only=True):
    wheelchair: bool = False
    companions: list[str] = field(default_factory=list)


def _later(**more: object) -> _LaterBooking:
    given = {
        **structs.asdict(TWO_OF_EACH[2][0]),
        "patient": _LaterNewcomer(**structs.asdict(MEERA)),
    }
    return _LaterBooking(**{**given, **more})


def test_a_field_added_later_leaves_the_fingerprints_of_requests_without_it() -> None:
    """Wherever it is added, with whatever default; one equal to it counts as not given."""
    booking, _, fingerprint = TWO_OF_EACH[2]
    assert _later().fingerprint() == booking.fingerprint() == fingerprint
    assert _later(wheelchair=False, companions=[]).fingerprint() == fingerprint


def test_a_field_added_later_changes_the_fingerprints_of_requests_with_it() -> None:
    fingerprints = {
        later.fingerprint()
        for later in (
            _later(),
            _later(wheelchair=True),
            _later(companions=["Asha"]),
        )
    }
    assert len(fingerprints) == 3


class _Reordered(CreatingRequest, frozen=True, kw_only=True):
    """NewBooking with its fields in another order."""

    operation = "book"

    patient: Newcomer
    if_full: IfFull = IfFull.WAITLIST
    check_in: bool = False
    despite_overrun: bool = False
    source: Source
    slot_id: str


def test_the_order_of_fields_is_no_matter() -> None:
    booking, _, fingerprint = TWO_OF_EACH[2]
    assert _Reordered(**structs.asdict(booking)).fingerprint() == fingerprint


class _Other(NewBooking, frozen=True, kw_only=True):
    operation = "other"


def test_another_operation_with_the_same_fields_is_another_request() -> None:
    booking, _, fingerprint = TWO_OF_EACH[2]
    assert _Other(**structs.asdict(booking)).fingerprint() != fingerprint
