"""A token as an entry of a patient's own calendar (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from services.history_service import Outlook
from services.wording.catalogue import Catalogue
from version import VERSION


def calendar_file(
    outlook: Outlook, be_there: datetime, travel: int, facility: str, words: Catalogue
) -> bytes:
    """From when the patient has to be there; with an alarm `travel` minutes before, if there are any.

    Calendars are shared, so nothing tells who it is, and the link does not stand in it. The same
    token has the same entry, so that a newer file replaces it where the calendar can.
    """
    view, standing = outlook.view, outlook.view.standing
    summary = words.say("Token {number}, {facility}", number=view.token.label, facility=facility)
    entry = Event()
    entry.add("uid", view.token.id)
    entry.add("dtstamp", outlook.at.astimezone(UTC))
    entry.add("dtstart", be_there.astimezone(UTC))
    if standing.latest is not None:
        entry.add("dtend", standing.latest.astimezone(UTC))
    entry.add("summary", summary)
    if standing.estimated_time is not None:
        told = words.say(
            "Expected at {time}, as of {now}. It moves with the day: look again before you leave.",
            time=words.time(standing.estimated_time, view.sheet.zone),
            now=words.time(outlook.at, view.sheet.zone),
        )
        entry.add("description", told)
    entry.add("class", "PRIVATE")
    if travel:
        entry.add_component(_alarm(timedelta(minutes=travel), summary))
    whole = Calendar()
    whole.add("prodid", f"-//OPD token service//{VERSION}//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add_component(entry)
    content: bytes = whole.to_ical()
    return content


def _alarm(before: timedelta, summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", summary)
    return alarm
