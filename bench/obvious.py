"""The obvious design, the baseline: a document for each token, and a queue that is renumbered.

Written as one would write it first: check the slot, insert the token, read the slot's queue in
order, store each token's position. It is not safe under races, has no waitlist and no events.
Run as `python -m bench.obvious`; MONGODB_URI and PORT say where.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pydantic import BaseModel, Field

Document = dict[str, object]

PRIORITY = 200


class Booking(BaseModel):
    """A patient who books."""

    slotId: str  # noqa: N815  # as it travels
    patientId: str = Field(min_length=1, max_length=64)  # noqa: N815  # as it travels
    patientName: str = Field(min_length=1, max_length=200)  # noqa: N815  # as it travels
    phoneNumber: str = Field(min_length=7, max_length=32)  # noqa: N815  # as it travels


class Slot(BaseModel):
    """A slot and its seats."""

    id: str
    maxCapacity: int  # noqa: N815  # as it travels


class Token(BaseModel):
    """A token as stored and as answered."""

    id: str
    tokenNumber: str  # noqa: N815  # as it travels
    slotId: str  # noqa: N815  # as it travels
    patientId: str  # noqa: N815  # as it travels
    patientName: str  # noqa: N815  # as it travels
    phoneNumber: str  # noqa: N815  # as it travels
    source: str
    priority: int
    status: str
    position: int
    bookedAt: datetime  # noqa: N815  # as it travels


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect, make the index that the queue needs, serve, disconnect."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        os.environ["MONGODB_URI"], w="majority", journal=True
    )
    database = client.get_default_database()
    await database.tokens.create_index([("slotId", 1), ("priority", -1), ("bookedAt", 1)])
    app.state.database = database
    yield
    client.close()


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready() -> str:
    """It answers."""
    return "ready"


@app.post("/slots", status_code=201)
async def add_slot(slot: Slot, request: Request) -> Slot:
    """A new slot."""
    database: AsyncIOMotorDatabase[Document] = request.app.state.database
    await database.slots.insert_one({"_id": slot.id, "maxCapacity": slot.maxCapacity})
    return slot


@app.post("/api/tokens/book", status_code=201)
async def book(booking: Booking, request: Request) -> Token:
    """A token in a slot that has a free seat."""
    database: AsyncIOMotorDatabase[Document] = request.app.state.database
    slot = await database.slots.find_one({"_id": booking.slotId})
    if slot is None:
        raise HTTPException(404)
    seats = slot["maxCapacity"]
    count = await database.tokens.count_documents({"slotId": booking.slotId})
    if not isinstance(seats, int) or count >= seats:
        raise HTTPException(409)
    token = Token(
        id=uuid.uuid4().hex,
        tokenNumber=f"T{count + 1:03}",
        slotId=booking.slotId,
        patientId=booking.patientId,
        patientName=booking.patientName,
        phoneNumber=booking.phoneNumber,
        source="ONLINE",
        priority=PRIORITY,
        status="BOOKED",
        position=0,
        bookedAt=datetime.now(UTC),
    )
    document: Document = token.model_dump()
    document["_id"] = document.pop("id")
    await database.tokens.insert_one(document)
    token.position = await renumber(database, booking.slotId, token.id)
    return token


async def renumber(database: AsyncIOMotorDatabase[Document], slot_id: str, token_id: str) -> int:
    """Store each token's place in the slot's queue; the place of one of them."""
    place = 0
    queue = database.tokens.find({"slotId": slot_id}).sort([("priority", -1), ("bookedAt", 1)])
    for position, token in enumerate(await queue.to_list(None), start=1):
        await database.tokens.update_one({"_id": token["_id"]}, {"$set": {"position": position}})
        if token["_id"] == token_id:
            place = position
    return place


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
