"""What a collection promises, the embedded one does as a server's does: one test for both."""

from datetime import UTC, datetime, timedelta

import pytest

from database import (
    Collection,
    Database,
    Document,
    Done,
    Duplicate,
    Insert,
    Refused,
    Unknown,
    Update,
    Why,
)

NOON = datetime(2030, 1, 15, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(params=["day_sheets", "events"])
def collection(request: pytest.FixtureRequest, database: Database) -> Collection:
    """The events, which stand apart, and one of the others."""
    name: str = request.param
    return database[name]


def event(seq: int, **more: object) -> dict[str, object]:
    """A document of either collection."""
    return {"_id": seq, "sheet": "rao-1", "n": seq, **more}


@pytest.fixture
async def filled(collection: Collection) -> Collection:
    """Five documents, 1 to 5, not put in in order."""
    await collection.insert(event(5, patientId="asha", at=NOON))
    await collection.insert_in_order([event(1, tokenId="a"), event(2, tokenId="b")])
    await collection.insert_in_order([event(n, sheet="sen-1", tokenId="a") for n in (3, 4)])
    return collection


def ids(found: list[Document]) -> list[object]:
    return [document["_id"] for document in found]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"_id": 3}, [3]),
        ({"_id": 9}, []),
        ({"_id": {"$in": [4, 2, 9]}}, [2, 4]),
        ({"_id": {"$gt": 2}}, [3, 4, 5]),
        ({"_id": {"$gt": 1, "$lte": 4}, "sheet": "rao-1"}, [2]),
        ({"sheet": "sen-1", "tokenId": "a"}, [3, 4]),
        ({"sheet": "rao-1", "n": {"$gte": 2}}, [2, 5]),
        ({"$or": [{"sheet": "rao-1", "n": {"$gte": 5}}, {"sheet": "sen-1", "n": 3}]}, [3, 5]),
        ({"$or": [{"_id": 1}, {"at": NOON}]}, [1, 5]),
        ({"tokenId": {"$exists": False}}, [5]),
        ({"patientId": "asha", "at": {"$lt": NOON}}, []),
        ({"patientId": "asha", "at": {"$lte": NOON}}, [5]),
        ({"tokenId": None}, [5]),
        ({"tokenId": {"$regex": "^B$", "$options": "i"}}, [2]),
    ],
    ids=str,
)
async def test_documents_that_match_are_found_in_order(
    filled: Collection, where: Document, expected: list[int]
) -> None:
    assert ids(await filled.find(where, order="_id")) == expected
    assert ids(await filled.find(where, order="_id", descending=True)) == expected[::-1]
    assert ids(await filled.find(where, order="_id", limit=2)) == expected[:2]
    assert {each["_id"] for each in await filled.find(where)} == set(expected)
    first = await filled.find_one(where)
    assert (first is None) if not expected else (first is not None and first["_id"] in expected)


async def test_what_comes_out_is_what_went_in_and_only_the_fields_asked_for(
    filled: Collection,
) -> None:
    whole = event(5, patientId="asha", at=NOON)

    assert await filled.find_one({"_id": 5}) == whole
    assert await filled.find_one({"_id": 5}, {"at": 1}) == {"_id": 5, "at": NOON}
    assert await filled.find_one({"_id": 5}, {"sheet": 0, "n": 0, "at": 0}) == {
        "_id": 5,
        "patientId": "asha",
    }


async def test_a_part_of_a_field_can_be_asked_for(collection: Collection) -> None:
    token = {"id": "a", "patient": {"id": "asha", "name": "Asha Rao"}}
    await collection.insert(event(1, tokens=[token], writers={"one": 1, "two": 2}))

    assert await collection.find_one({"_id": 1}, {"tokens.patient.id": 1}) == {
        "_id": 1,
        "tokens": [{"patient": {"id": "asha"}}],
    }
    assert await collection.find({"sheet": "rao-1"}, {"n": 1, "writers.two": 1}) == [
        {"_id": 1, "n": 1, "writers": {"two": 2}}
    ]


async def test_documents_without_a_field_come_first_in_its_order(filled: Collection) -> None:
    assert ids(await filled.find({}, order="tokenId", limit=1)) == [5]
    assert ids(await filled.find({}, order="tokenId", descending=True, limit=1)) == [2]
    assert ids(await filled.find({}, order="at", descending=True, limit=1)) == [5]


async def test_what_was_found_can_be_altered_without_altering_what_is_stored(
    collection: Collection,
) -> None:
    await collection.insert(event(1, texts=["a"]))
    found = await collection.find_one({"_id": 1})
    assert found is not None
    texts = found["texts"]
    assert isinstance(texts, list)

    texts.append("b")

    assert await collection.find_one({"_id": 1}) == event(1, texts=["a"])


async def test_an_id_is_taken_once(filled: Collection) -> None:
    with pytest.raises(Duplicate):
        await filled.insert(event(5, n=6))
    with pytest.raises(Duplicate):
        await filled.insert_in_order([event(3, n=7), event(8)])
    assert await filled.find_one({"_id": 8}) is None
    assert await filled.find({"n": {"$in": [6, 7]}}) == []


async def test_an_index_that_is_unique_admits_no_two_alike(filled: Collection) -> None:
    await filled.create_index(["sheet", "n"], unique=True)
    await filled.create_index(["patientId"], sparse=True)
    await filled.create_index(["sheet", "n"], unique=True)

    with pytest.raises(Duplicate):
        await filled.insert(event(8, n=5))
    with pytest.raises(Duplicate):
        await filled.update({"_id": 1}, {"$set": {"n": 5}})
    await filled.insert(event(9, sheet="sen-1", n=5))

    assert ids(await filled.find({"patientId": "asha"})) == [5]
    assert ids(await filled.find({"n": 5}, order="_id")) == [5, 9]
    assert await filled.find_one({"_id": 1}) == event(1, tokenId="a")


async def test_a_unique_index_that_is_sparse_is_of_those_that_have_the_field(
    database: Database,
) -> None:
    doctors = database["doctors"]
    await doctors.create_index(["request.key"], unique=True, sparse=True)
    await doctors.insert({"_id": "a", "request": {"key": "k"}})
    await doctors.insert({"_id": "b"})
    await doctors.insert({"_id": "c"})

    with pytest.raises(Duplicate):
        await doctors.insert({"_id": "d", "request": {"key": "k"}})

    assert ids(await doctors.find({}, order="_id")) == ["a", "b", "c"]


async def test_changes_are_made_where_they_match(filled: Collection) -> None:
    assert await filled.update({"_id": 1, "n": 1}, {"$set": {"n": 10}, "$inc": {"version": 1}})
    assert not await filled.update({"_id": 1, "n": 1}, {"$set": {"n": 11}})
    assert not await filled.update({"_id": 9}, {"$set": {"n": 11}})
    await filled.update_all(
        {"sheet": "sen-1"}, {"$set": {"note": "moved"}, "$unset": {"tokenId": ""}}
    )
    changed = await filled.update_and_find({"_id": 2}, {"$inc": {"n": 5}}, {"n": 1})
    missed = await filled.update_and_find({"_id": 9}, {"$inc": {"n": 5}}, {"n": 1})
    await filled.delete({"_id": 5, "n": 4})
    await filled.delete({"_id": 3})

    assert (changed, missed) == ({"_id": 2, "n": 7}, None)
    assert await filled.find({}, order="_id") == [
        event(1, n=10, tokenId="a", version=1),
        event(2, n=7, tokenId="b"),
        event(4, sheet="sen-1", note="moved"),
        event(5, patientId="asha", at=NOON),
    ]


async def test_all_that_match_are_deleted_and_no_others(filled: Collection) -> None:
    await filled.delete_all({"n": {"$gte": 3}})
    await filled.delete_all({"n": {"$gte": 30}})

    assert ids(await filled.find({}, order="_id")) == [1, 2]


async def test_an_upsert_makes_what_is_missing_and_refuses_what_does_not_match(
    collection: Collection,
) -> None:
    where = {"_id": 7, "$or": [{"holder": "me"}, {"until": {"$lt": NOON}}]}
    await collection.update(where, {"$set": {"holder": "me", "until": NOON}}, upsert=True)
    await collection.update(where, {"$set": {"note": "again"}}, upsert=True)

    other = {"_id": 7, "$or": [{"holder": "you"}, {"until": {"$lt": NOON}}]}
    with pytest.raises(Duplicate):
        await collection.update(other, {"$set": {"holder": "you"}}, upsert=True)

    assert await collection.find({}) == [{"_id": 7, "holder": "me", "until": NOON, "note": "again"}]


async def test_of_writes_sent_together_each_has_its_own_outcome(collection: Collection) -> None:
    """They are carried out in order of `_id`; the outcomes stand in the caller's order."""
    await collection.insert_in_order(
        [event(1, outbox=[], version=1), event(2, outbox="full", version=1)]
    )
    push = {"$inc": {"version": 1}, "$push": {"outbox": {"$each": ["event"]}}}

    exists, made = await collection.write([Insert(event(2)), Insert(event(0))])
    first, second = await collection.write(
        [Update({"_id": 1, "version": 1}, push), Update({"_id": 0}, {"$set": {"version": 1}})]
    )
    stale, unfit = await collection.write(
        [Update({"_id": 2, "version": 7}, push), Update({"_id": 2, "version": 1}, push)]
    )

    assert (made, first, second, stale) == (Done(), Done(), Done(), Unknown())
    assert isinstance(exists, Refused)
    assert exists.why is Why.EXISTS
    assert isinstance(unfit, Refused)
    assert unfit.why is Why.UNFIT
    assert await collection.find({}, order="_id") == [
        event(0, version=1),
        event(1, outbox=["event"], version=2),
        event(2, outbox="full", version=1),
    ]


async def test_upserts_sent_together_make_what_is_missing(collection: Collection) -> None:
    await collection.insert_in_order([event(1, version=1), event(2, version=7)])

    raised, stands, made, again = await collection.write(
        [
            Update({"_id": n, "version": {"$lte": 5}}, {"$set": {"version": 5}}, upsert=True)
            for n in (1, 2, 3, 3)
        ]
    )

    assert (raised, made, again) == (Done(), Done(), Done())
    assert isinstance(stands, Refused)
    assert stands.why is Why.EXISTS
    assert await collection.find({}, {"version": 1}, order="_id") == [
        {"_id": 1, "version": 5},
        {"_id": 2, "version": 7},
        {"_id": 3, "version": 5},
    ]


async def test_a_write_sees_those_before_it_on_the_same_document(collection: Collection) -> None:
    await collection.insert_in_order([event(1, version=1), event(2, version=1)])
    raised = [
        Update({"_id": n, "version": version}, {"$inc": {"version": 1}})
        for version in (1, 2)
        for n in (2, 1)
    ]

    await collection.write(raised)

    assert [each["version"] for each in await collection.find({})] == [3, 3]


async def test_what_few_documents_have_finds_just_those(database: Database) -> None:
    sheets = database["day_sheets"]
    await sheets.insert({"_id": "a", "unrelayed": True})
    await sheets.create_index(["unrelayed"], sparse=True)
    await sheets.insert_in_order([{"_id": "b"}, {"_id": "c", "unrelayed": True}, {"_id": "d"}])
    await sheets.update({"_id": "a"}, {"$unset": {"unrelayed": ""}})
    await sheets.update({"_id": "d"}, {"$set": {"unrelayed": True}})
    await sheets.delete({"_id": "c"})

    assert ids(await sheets.find({"unrelayed": True})) == ["d"]
    assert ids(await sheets.find({"unrelayed": {"$exists": False}}, order="_id")) == ["a", "b"]


async def test_what_few_documents_have_is_compared_as_without_an_index(database: Database) -> None:
    sheets = database["day_sheets"]
    await sheets.insert({"_id": "a", "tickAt": NOON})
    await sheets.create_index(["tickAt"], sparse=True)
    later = NOON + timedelta(hours=1)
    await sheets.insert_in_order([{"_id": "b", "tickAt": later}, {"_id": "c"}])
    await sheets.insert({"_id": "d", "tickAt": "soon"})
    await sheets.update({"_id": "c"}, {"$set": {"tickAt": NOON}})

    assert ids(await sheets.find({"tickAt": {"$lte": NOON}}, order="_id")) == ["a", "c"]
    assert ids(await sheets.find({"tickAt": {"$gt": NOON}}, order="_id")) == ["b"]
    assert ids(await sheets.find({"tickAt": NOON}, order="_id")) == ["a", "c"]
    assert ids(await sheets.find({"tickAt": "soon"})) == ["d"]
    due = {"tickAt": {"$gte": NOON, "$lt": later}, "_id": {"$nin": ["a"]}}
    assert ids(await sheets.find(due, order="_id")) == ["c"]
