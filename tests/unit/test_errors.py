"""Every refusal has a code for machines, and what helps."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from models.access import Permission
from models.errors import (
    AccountDisabled,
    AccountExists,
    AlreadyBooked,
    BadTransition,
    Busy,
    ClockGoesBack,
    ClockOff,
    CsrfFailed,
    CursorAhead,
    DatabaseUnavailable,
    DayOver,
    DayOverruns,
    DoctorRetired,
    DoctorsNeeded,
    DocumentDamaged,
    FacilityExists,
    Forbidden,
    GoToDesk,
    IdempotencyMismatch,
    IdentityUnproven,
    InvalidExpiry,
    InvalidTime,
    KeyDeclined,
    LastAdmin,
    LinkEnded,
    NoAdmin,
    NoRoleForGroups,
    NoSlot,
    NoSlotCause,
    NotAccepting,
    NotAnOpdDay,
    NotYourLine,
    OtherSheet,
    OtherSpecialization,
    OutcomeUnknown,
    PasswordProblem,
    ProviderRefused,
    ProviderUnavailable,
    QueueFull,
    RateLimited,
    Refusal,
    SameSlot,
    SeatGone,
    SeatsTaken,
    SheetFull,
    SignInFailed,
    SignInNotBegun,
    SignsInElsewhere,
    SlotClosed,
    SlotFull,
    SlotOver,
    SlotOverlap,
    StillIn,
    TimeProblem,
    TlsNeeded,
    TooEarly,
    TooManyKeys,
    TooManyWatchers,
    Unauthenticated,
    Unavailable,
    UndoExpired,
    UnknownAccount,
    UnknownDevice,
    UnknownDoctor,
    UnknownEncounter,
    UnknownFacility,
    UnknownGrant,
    UnknownKey,
    UnknownSlot,
    UnknownToken,
    UnusableId,
    WeakPassword,
    WrongDay,
)
from models.offer import Offer
from models.refusals import AnyRefusal
from models.slot import Alternative
from models.token import Status
from tests.factories import DAY, at, make_sheet, make_token

OTHER = make_sheet().refer_to(make_token(1))
ELEVEN, NOON = Alternative("s1", "11:00", "12:00"), Alternative("s2", "12:00", "13:30")
LATEST = datetime(2030, 1, 15, 4, 0, tzinfo=UTC)
NINE = at("09:00")
OFFER = Offer(
    doctor_id="iyer",
    doctor_name="Kavya Iyer",
    slot_id="iyer-20260309-1000",
    start_time="10:00",
    end_time="11:00",
    estimated_time=NINE,
)
CASES = [
    (UnknownFacility(), "unknown_facility", {}),
    (UnknownDoctor(), "unknown_doctor", {}),
    (UnknownSlot(), "unknown_slot", {}),
    (UnknownToken(), "unknown_token", {}),
    (UnknownEncounter(), "unknown_encounter", {}),
    (UnknownDevice(), "unknown_device", {}),
    (UnknownAccount(), "unknown_account", {}),
    (UnknownKey(), "unknown_key", {}),
    (UnknownGrant(), "unknown_grant", {}),
    (AccountExists(), "account_exists", {}),
    (FacilityExists(), "facility_exists", {}),
    (TooManyKeys(), "too_many_keys", {}),
    (LastAdmin(), "last_admin", {}),
    (NotYourLine(), "not_your_line", {}),
    (InvalidExpiry(), "invalid_expiry", {}),
    (InvalidExpiry(LATEST), "invalid_expiry", {"latest": LATEST}),
    (DoctorsNeeded(), "doctors_needed", {}),
    (NoAdmin(), "no_admin", {}),
    (SlotFull(), "slot_full", {"alternatives": []}),
    (SlotFull([ELEVEN, NOON]), "slot_full", {"alternatives": [ELEVEN, NOON]}),
    (SlotClosed(), "slot_closed", {}),
    (AlreadyBooked(OTHER), "already_booked", {}),
    (SheetFull(2000), "sheet_full", {}),
    (QueueFull(7), "queue_full", {}),
    (NotAccepting(), "not_accepting", {}),
    (DayOverruns(NINE), "day_overruns", {"expectedEnd": NINE}),
    (DayOverruns(NINE, OFFER), "day_overruns", {"expectedEnd": NINE, "offer": OFFER}),
    (
        BadTransition(Status.CALLED, [Status.NO_SHOW]),
        "bad_transition",
        {"present": Status.CALLED, "allowed": [Status.NO_SHOW]},
    ),
    (
        BadTransition(Status.COMPLETED, []),
        "bad_transition",
        {"present": Status.COMPLETED, "allowed": []},
    ),
    (GoToDesk(), "go_to_desk", {}),
    (
        TooEarly(NINE),
        "too_early",
        {"opensAt": NINE.isoformat()},
    ),
    (ClockGoesBack(NINE), "clock_goes_back", {"now": NINE.isoformat()}),
    (UndoExpired(), "undo_expired", {}),
    (SeatGone(), "seat_gone", {}),
    (StillIn(OTHER), "still_in", {}),
    (SeatsTaken([OTHER]), "seats_taken", {}),
    (SlotOverlap("s1"), "slot_overlap", {"slotId": "s1"}),
    (UnusableId(), "unusable_id", {}),
    (DoctorRetired(), "doctor_retired", {}),
    (OtherSheet(), "other_sheet", {}),
    (SameSlot(), "same_slot", {}),
    (
        NoSlot(NoSlotCause.NONE_OPEN, DAY),
        "no_slot",
        {"cause": "none_open", "date": "2026-03-09"},
    ),
    (OtherSpecialization("Skin"), "other_specialization", {"specialization": "Skin"}),
    (KeyDeclined(), "key_declined", {}),
    (CursorAhead(7), "cursor_ahead", {"newestSeq": 7}),
    (Unauthenticated(), "unauthenticated", {}),
    (Forbidden(Permission.CANCEL), "forbidden", {"permission": "token.cancel"}),
    (RateLimited(30), "rate_limited", {}),
    (SignInFailed(), "sign_in_failed", {}),
    (CsrfFailed(), "csrf_failed", {}),
    (TlsNeeded(), "tls_needed", {}),
    (SignInNotBegun(), "sign_in_not_begun", {}),
    (ProviderRefused(), "provider_refused", {}),
    (IdentityUnproven(), "identity_unproven", {}),
    (NoRoleForGroups(), "no_role_for_groups", {}),
    (AccountDisabled(), "account_disabled", {}),
    (SignsInElsewhere(), "signs_in_elsewhere", {}),
    (ProviderUnavailable(), "provider_unavailable", {}),
    (LinkEnded(), "link_ended", {}),
    (WeakPassword(PasswordProblem.COMMON), "weak_password", {"cause": "common"}),
    (SlotOver(), "slot_over", {}),
    (DayOver(), "day_over", {}),
    (InvalidTime(TimeProblem.SKIPPED, "02:30", DAY), "invalid_time", {}),
    (
        NotAnOpdDay("Sunday", ["Monday", "Friday"]),
        "not_an_opd_day",
        {"opdDays": ["Monday", "Friday"]},
    ),
    (
        WrongDay(DAY, DAY - timedelta(days=1)),
        "wrong_day",
        {"date": "2026-03-09", "today": "2026-03-08"},
    ),
    (IdempotencyMismatch(), "idempotency_mismatch", {}),
    (Busy(), "busy", {}),
    (TooManyWatchers(), "too_many_watchers", {}),
    (OutcomeUnknown(), "outcome_unknown", {}),
    (DatabaseUnavailable(), "database_unavailable", {}),
    (ClockOff(), "clock_off", {}),
    (
        DocumentDamaged("asha-20260309", "tokens: expected array"),
        "document_damaged",
        {"documentId": "asha-20260309"},
    ),
]


def _leaves(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    below = [cls for cls in kind.__subclasses__() if cls.__module__ == "models.errors"]
    if not below:
        yield kind
    for cls in below:
        yield from _leaves(cls)


@pytest.mark.parametrize(
    ("refusal", "code", "help_"), CASES, ids=[f"{code}{n}" for n, (_, code, _) in enumerate(CASES)]
)
def test_a_refusal_has_a_code_and_help(
    refusal: Refusal, code: str, help_: dict[str, object]
) -> None:
    assert refusal.code == code
    assert str(refusal) == code
    assert refusal.help == help_


def test_every_refusal_stands_in_this_table_and_in_the_union() -> None:
    assert {type(refusal) for refusal, _, _ in CASES} == set(_leaves(Refusal))
    assert set(get_args(AnyRefusal)) == set(_leaves(Refusal))


def test_no_two_refusals_share_a_code() -> None:
    codes = [leaf.code for leaf in _leaves(Refusal)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", list(_leaves(Unavailable)))
def test_who_finds_the_service_unavailable_is_told_when_to_try_again(
    kind: type[Unavailable],
) -> None:
    assert kind.retry_after_seconds >= 1
