"""Putting what follows from other documents in its place, many documents at once."""

from collections.abc import Collection as Group
from collections.abc import Mapping, Sequence

from database import Collection, Document, Done, Outcome, Refused, Undecodable, Update, Why
from models.errors import DatabaseUnavailable


async def find_by_id(
    collection: Collection, ids: Group[str], where: Document | None = None
) -> Mapping[str, Document]:
    """What stands there, to spare what is stored already; nothing if one of them can't be read."""
    try:
        found = await collection.find({**(where or {}), "_id": {"$in": list(ids)}})
    except Undecodable:
        return {}
    return {str(document["_id"]): document for document in found}


async def put_all(collection: Collection, upserts: Sequence[Update]) -> list[bool]:
    """Whether each was put: not where a document stands that its condition does not match.

    Raises DatabaseUnavailable when it is not known of all. Each can be put again.
    """
    if not upserts:
        return []
    outcomes = await collection.write(upserts)
    if not all(isinstance(each, Done) or _stands(each) for each in outcomes):
        raise DatabaseUnavailable
    return [isinstance(each, Done) for each in outcomes]


def _stands(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.why is Why.EXISTS
