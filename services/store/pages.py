"""Pages of what is kept in order of time."""

from datetime import datetime

from msgspec import Struct

from database import Collection, Document


class Span(Struct, frozen=True, kw_only=True):
    """What is later than `after` and before `until`, about `limit` at a time; `latest`: the end of it."""

    after: datetime
    until: datetime
    limit: int
    latest: bool = False


class Page(Struct, frozen=True):
    """Documents in no order, all there are up to `up_to`; None: all of the span."""

    documents: list[Document]
    up_to: datetime | None


async def page_of(collection: Collection, where: Document, span: Span) -> Page:
    """The first of a span. It ends with all of its last instant, so it may be a little longer.

    So that a page after an instant neither repeats nor leaves out what happened in that one. Of the
    end of a span no page follows.
    """
    bounds = {"$gt": span.after, "$lt": span.until}
    found = await collection.find(
        {**where, "at": bounds}, order="at", descending=span.latest, limit=span.limit
    )
    if span.latest or len(found) < span.limit:
        return Page(found, None)
    last = found[-1]["at"]
    assert isinstance(last, datetime)  # noqa: S101  # what was asked for by time has one
    ended = await collection.find({**where, "at": last})
    return Page([each for each in found if each["at"] != last] + ended, last)
