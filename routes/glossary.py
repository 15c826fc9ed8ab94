"""What each field is, for the documentation: a name means the same wherever it stands.

Where it does not, `Schema.field` or `operation.parameter` says what it is there. A field that says
it itself, where it is declared, is not in here.
"""

from collections.abc import Mapping

MEANING: Mapping[str, str] = {
    # Ids
    "id": "The id of this, opaque: it is only handed back",
    "doctorId": "The doctor's id",
    "slotId": "The slot's id",
    "tokenId": "The token's id",
    "patientId": "The patient's id, the hospital's own or one that the service made",
    "targetSlotId": "The slot of the same day that the tokens go to first",
    "fromSlotId": "The slot whose seat it gave up",
    "toSlotId": "The slot in which it got another, null if it waits",
    "documentId": "The stored document that can't be read",
    "requestId": "The X-Request-ID of the request that did it",
    "sheet": "The doctor's day: the doctor's id and the date",
    # Doctors
    "name": "The name as people call it",
    "specialization": "What the doctor treats",
    "newestSeq": "The seq of the newest event of all",
    "opdDays": "The days of the week on which the doctor sees patients; none means any",
    "retired": "Whether the doctor takes no new slots and no new bookings any more",
    # Patients
    "patientName": "The patient's name",
    "phoneNumber": "The patient's phone number, as it was written",
    "language": "The patient's language, a BCP 47 tag",
    # Slots
    "date": "The facility's local date",
    "startTime": "The planned start, the facility's local time",
    "endTime": "The planned end, the facility's local time; earlier than the start is the next day",
    "start": "The planned start",
    "end": "The planned end",
    "expectedStart": "The start with all delays",
    "maxCapacity": "The planned seats",
    "capacity": "The seats there are, those beyond maxCapacity included",
    "taken": "How many seats are held",
    "Problem.taken": "The tokens that hold a seat in the slot",
    "available": "How many seats are free",
    "waitlisted": "How many wait for a seat",
    "delayMinutes": "This slot's own delay in all, in minutes",
    "delay_slot.delay_minutes": "The delay in all, in minutes; 0 takes it back",
    "over": "Whether its expected end has passed",
    "status": "Where the token stands on its way",
    "SlotOut.status": "Whether the slot gives out seats",
    "DelayedSlotOut.status": "Whether the slot gives out seats",
    "SlotStateOut.status": "Whether the slot gives out seats",
    "SlotPatch.status": "CLOSED: no more seats are given out; OPEN takes that back",
    "Problem.status": "The HTTP status",
    "Alive.status": "Always the same: it answers",
    "Ready.status": "Whether it takes requests",
    "byStatus": "How many tokens have each status",
    "bySource": "How many tokens are of each source",
    "fillRate": "Seats held over seats planned; 1 is full",
    "bumped": "Who gave up a seat for this token, null if nobody had to",
    "StatsOut.bumped": "How often a token gave up its seat here",
    "overflow": "Seats held beyond maxCapacity",
    "meanWaitMinutes": "From check-in to the consultation, in the mean",
    "meanConsultationMinutes": "From the consultation's start to its end, in the mean",
    # Tokens
    "tokenNumber": "The number on paper: never changed, never given twice on that doctor's day",
    "source": "Where the booking came from; it gives the score",
    "priority": "The score at booking; the higher goes first",
    "position": "Its place in the slot's queue, from 1; null if it is not in it",
    "waitlistPosition": "Its place on the slot's waitlist, from 1; null if it is not on it",
    "estimatedTime": "When the consultation should begin; null where nobody can say",
    "bookedAt": "When it was booked",
    "checkedInAt": "When the patient came",
    "calledAt": "When the patient was called",
    "startedAt": "When the consultation began",
    "endedAt": "When it was completed, cancelled or marked absent",
    "cancelReason": "Why it was cancelled, in the words of who did",
    "ifFull": "What a full slot means: a place on its waitlist, or a refusal",
    "anyDay": "Whether it may happen before the token's date; it needs a reason then",
    "close": "Whether the slot is closed too; if not, only its waitlist moves",
    "slot": "The slot as it is now",
    "queue": "Who holds a seat and is yet to be seen, in order",
    "waitlist": "Who waits for a seat, in order",
    "token": "The token as it is now",
    "promoted": "Those who got a seat by it",
    "moved": "The tokens that have another place",
    "stayed": "The tokens that have none, or need none",
    "from": "The slot it was moved from",
    "to": "The slot it was moved to",
    "why": "Why, in words",
    "notice": "What whoever reads this should know of the slot; null if all is as usual",
    "line": "The tokens in the order in which they are seen",
    "place": "Its place in the line, from 1",
    # Events and explanations
    "seq": "Its place among all events, without gaps",
    "n": "Its place among those of its doctor's day, without gaps",
    "type": "What happened",
    "Problem.type": "The code as a URN",
    "at": "When it happened",
    "actor": "Who did it: the principal whose credential came with the request",
    "onBehalfOf": "For whom, as the request's X-Actor said it: a note, which nothing proves",
    "reason": "Why, in words",
    "Ready.reason": "Why it is not ready, in one line",
    "words": "What happened, as one would tell the patient",
    "before": "Where the token stood",
    "after": "Where the token stands since",
    "slotBefore": "How the slot was",
    "slotAfter": "How the slot is since",
    "entries": "What happened to it, in order",
    "score": "Its score; the higher goes first",
    "scoreParts": "What the score is made of",
    "part": "What gives the points",
    "points": "How many",
    "rule": "Who goes first",
    "ahead": "Who stands before it, in order",
    "servedFirst": "Others who take the doctor's time before it",
    "wouldChange": "What would move it, in words",
    # Who runs it
    "database": "The database's name",
    "driver": "By what the service talks to the database",
    "databaseAnswers": "Whether the database answers",
    "clockSkewSeconds": "How far this server's clock is ahead of the database's",
    "relayLagSeconds": "So long ago every event written until then was in the list of events",
    # Problems
    "title": "What the error is called",
    "detail": "What is wrong and what helps, for people",
    "code": "What is wrong, for machines: it never changes",
    "alternatives": "Slots of the day that would seat this patient",
    "present": "The status that the token has",
    "allowed": "The statuses that it can take from there",
    "errors": "Each field that was refused",
    "field": "The field, with dots where one stands in another",
    # Lists
    "limit": "How many at the most",
}


def title_of(name: str) -> str:
    """`patientId` and `patient_id` are "Patient id"; a header's name stays."""
    if "-" in name:
        return name
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    text = words.replace("_", " ")
    return f"{text[:1].upper()}{text[1:]}"
