"""What a server's answer to a bulk write means for each of the writes."""

from collections.abc import Mapping, Sequence

import pytest
from pymongo.errors import BulkWriteError

from database import Done, Outcome, Refused, Unknown, Update, Why
from driver.collection import ServersCollection

DUPLICATE, UNFIT, TOO_LARGE, TOO_LARGE_ON_POSTGRESQL = 11000, 2, 17419, 285999133
CONFLICT, NO_PRIMARY, DEADLOCK_ON_POSTGRESQL = 112, 10107, 16908292


class Answering:
    """A collection of a server that answers each bulk write with these errors by position."""

    def __init__(self, codes: Mapping[int, int], matched: int, concern: Sequence[object]) -> None:
        self._details = {
            "writeErrors": [{"index": place, "code": code} for place, code in codes.items()],
            "writeConcernErrors": concern,
            "nMatched": matched,
            "nInserted": 0,
            "nUpserted": 0,
        }

    async def bulk_write(self, requests: Sequence[object], ordered: bool = True) -> object:
        assert len(requests) == 3
        assert not ordered
        raise BulkWriteError(self._details)


async def told(
    codes: Mapping[int, int], matched: int, concern: Sequence[object] = ()
) -> list[Outcome]:
    """What became of three writes, in the order of their ids, which is the order of the answer."""
    collection = ServersCollection(Answering(codes, matched, concern))  # type: ignore[arg-type]  # all that write() asks of it
    return await collection.write([Update({"_id": name}, {}) for name in "abc"])


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (DUPLICATE, Why.EXISTS),
        (TOO_LARGE, Why.TOO_LARGE),
        (TOO_LARGE_ON_POSTGRESQL, Why.TOO_LARGE),
        (UNFIT, Why.UNFIT),
        (424242, Why.UNFIT),
    ],
)
async def test_an_error_of_a_single_write_is_final_and_says_why(code: int, why: Why) -> None:
    assert await told({1: code}, matched=2) == [Done(), Refused(why, code), Done()]


@pytest.mark.parametrize("code", [CONFLICT, NO_PRIMARY, DEADLOCK_ON_POSTGRESQL])
async def test_an_error_that_passes_leaves_it_unknown(code: int) -> None:
    first, second, third = await told({1: code}, matched=2)
    assert (first, third) == (Done(), Done())
    assert isinstance(second, Unknown)


async def test_what_no_majority_confirmed_is_unknown_unless_it_was_refused() -> None:
    outcomes = await told({0: UNFIT}, matched=2, concern=[{"code": 64}])
    assert outcomes == [Refused(Why.UNFIT, UNFIT), Unknown(), Unknown()]


async def test_where_fewer_matched_than_were_sent_all_others_are_unknown() -> None:
    assert await told({0: UNFIT}, matched=1) == [Refused(Why.UNFIT, UNFIT), Unknown(), Unknown()]
