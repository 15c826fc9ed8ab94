"""Encounters: that a patient was there, and how the visit went."""

from msgspec import Struct

from engine.encounters import encounter_of
from models.encounter import Encounter
from models.errors import UnknownEncounter
from services.caller import Caller
from services.store.encounters import EncounterStore
from services.store.events import EventStore
from services.token_service import TokenService
from services.views import TokenView


class EncounterView(Struct, frozen=True):
    """An encounter, and the token that it is of."""

    token: TokenView
    encounter: Encounter


class EncounterService:
    """Tells encounters; the tally stores them."""

    def __init__(self, tokens: TokenService, events: EventStore, store: EncounterStore) -> None:
        self._tokens = tokens
        self._events = events
        self._store = store

    async def get(self, caller: Caller, token_id: str) -> EncounterView:
        """That of a token, as of all that happened to it, which is stored by that too.

        Raises UnknownToken, Forbidden; UnknownEncounter before the patient has checked in.
        """
        token = await self._tokens.get(caller, token_id)  # which asks the guard, records the read
        events = await self._events.of_token(token.sheet.id, token_id)
        encounter = encounter_of(token_id, events)
        if encounter is None:
            raise UnknownEncounter
        await self._store.put(token.sheet, {token_id: encounter})
        return EncounterView(token, encounter)
