"""What the rules did, told at the desk in a sentence: numbers and times, nobody's name."""

from models.local_time import local_label
from models.sheet import Sheet
from models.token import Status, token_label
from services.views import BookingView, Cancellation, Reallocation, TokenView
from services.wording.catalogue import Catalogue
from services.wording.notices import word_late_end
from services.wording.reasons import word_reason
from services.wording.statuses import word_status


def word_booking(view: BookingView, words: Catalogue) -> str:
    """Where the newcomer was seated, and who had to move for it."""
    sentences = [_word_seat(view.token, words)]
    if view.bumped is not None:
        label = token_label(view.bumped.number)
        to = view.bumped.to_slot_id
        if to is None:
            sentences.append(words.say("{token} gave way and waits for a seat.", token=label))
        else:
            hour = _hour(view.token.sheet, to)
            sentences.append(words.say("{token} moved to {time}.", token=label, time=hour))
    if view.overruns_until is not None:
        ends = view.overruns_until.astimezone(view.token.sheet.zone)
        sentences.append(word_late_end(ends, words))
    return " ".join(sentences)


def word_step(view: TokenView, words: Catalogue) -> str:
    """Where a token stands after a step."""
    status = word_status(view.token.status, words)
    place = view.standing.queue_position
    if place is not None:
        return words.say(
            "{token}: {status}, number {place} in line.",
            token=view.token.label,
            status=status,
            place=place,
        )
    return words.say("{token}: {status}.", token=view.token.label, status=status)


def word_cancelling(view: Cancellation, words: Catalogue) -> str:
    """That it was cancelled, and who got a seat by it."""
    return " ".join(
        [
            word_step(view.token, words),
            *(
                words.say(
                    "{token} got a seat at {time}.",
                    token=each.token.label,
                    time=_hour(each.sheet, each.token.slot_id),
                )
                for each in view.promoted
            ),
        ]
    )


def word_reallocation(view: Reallocation, words: Catalogue) -> str:
    """Who was moved where, and who stayed and why."""
    moved = [
        words.say(
            "{token} moved to {time}.",
            token=each.token.token.label,
            time=_hour(each.token.sheet, each.token.token.slot_id),
        )
        for each in view.moved
    ]
    stayed = [
        words.say(
            "{token} stayed: {why}",
            token=each.token.token.label,
            why=word_reason(each.reason, words),
        )
        for each in view.stayed
    ]
    return " ".join([*moved, *stayed]) or words.say("There was nobody to move.")


def _word_seat(view: TokenView, words: Catalogue) -> str:
    token, standing = view.token, view.standing
    if token.status is Status.WAITLISTED:
        return words.say(
            "{token} waits for a seat at {time}, as number {place}.",
            token=token.label,
            time=_hour(view.sheet, token.slot_id),
            place=standing.waitlist_position,
        )
    if standing.estimated_time is None:
        return words.say("{token} is booked.", token=token.label)
    time = words.time(standing.estimated_time, view.sheet.zone)
    return words.say("{token} seated {time}.", token=token.label, time=time)


def _hour(sheet: Sheet, slot_id: str) -> str:
    timed = sheet.timeline.get(slot_id)
    return slot_id if timed is None else local_label(timed.expected_start, sheet.zone)
