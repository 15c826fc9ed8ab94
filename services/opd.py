"""The whole service in one piece: every use case, wired to one database, clock and source of ids."""

import random
from dataclasses import dataclass
from datetime import timedelta

from config import Settings
from database import Database
from models.access import Facility
from models.policy import Policy
from services.access.access import Access
from services.access.guard import Guard
from services.access.limits import Limits
from services.access.links import Links
from services.access.load import Load
from services.access_service import AccessService
from services.allocation_service import AllocationService
from services.audit_service import AuditService
from services.booking_service import BookingService
from services.clock import Clock, DayClock
from services.clock_service import ClockService
from services.config_service import ConfigService
from services.current_day import CurrentDay
from services.days import DayOpener
from services.delegation_service import DelegationService
from services.doctor_service import DoctorService
from services.encounter_service import EncounterService
from services.feed import Feed
from services.history_service import HistoryService
from services.home import home_from, policy_from
from services.housekeeping import Housekeeping
from services.ids import Ids
from services.invitation_service import InvitationService
from services.kiosk_service import KioskService
from services.look_ups import LookUps
from services.metrics import Metrics
from services.numbers_service import NumbersService
from services.patient_service import PatientService
from services.protocols.claim import Claims
from services.protocols.doctors_days import DoctorsDays
from services.protocols.past_midnight import SlotAdder
from services.protocols.shared_line import SharedLines
from services.queue_service import QueueService
from services.reads import Reads
from services.shared_days import SharedDays
from services.slot_service import SlotService
from services.store.accounts import AccountStore
from services.store.allocations import AllocationStore
from services.store.audit import AuditStore
from services.store.doctors import DoctorStore
from services.store.encounters import EncounterStore
from services.store.events import EventStore
from services.store.experiences import Experiences
from services.store.facilities import Facilities
from services.store.hours import HourStore
from services.store.loader import SheetLoader
from services.store.register import PatientRegister
from services.store.relay import EventRelay
from services.store.sheets import SheetStore
from services.store.tally import Tally
from services.store.writer import OUTCOME_SECONDS, SheetWriter
from services.ticker import Ticker
from services.token_service import TokenService
from services.watch_service import WatchService
from services.wording.catalogue import Catalogue


@dataclass(frozen=True)
class Opd:
    """The use cases. `process` is the random name under which it writes, `home` the settings' facility.

    `day_clock` tells the sheets' time; where nothing is kept it is a DayClock, which `clocks` sets.
    `clock` is the machine's: leases, sessions, rights, limits and the audit go by that.
    """

    process: str
    home: Facility
    policy: Policy
    clock: Clock
    day_clock: Clock
    clocks: ClockService | None
    ids: Ids
    doctors: DoctorService
    slots: SlotService
    tokens: TokenService
    patients: PatientService
    bookings: BookingService
    queues: QueueService
    configs: ConfigService
    allocations: AllocationService
    history: HistoryService
    encounters: EncounterService
    numbers: NumbersService
    audit: AuditService
    facilities: Facilities
    access: Access
    load: Load
    accounts: AccessService
    delegations: DelegationService
    invitations: InvitationService
    writer: SheetWriter
    relay: EventRelay
    housekeeping: Housekeeping
    tally: Tally
    ticker: Ticker
    links: Links
    kiosks: KioskService
    words: Catalogue
    feed: Feed
    watching: WatchService

    def start(self) -> None:
        """Begin with what goes on in the background."""
        self.access.start()
        self.feed.start()
        self.relay.start()
        self.housekeeping.start()
        self.tally.start()
        if self.clock.speed:  # else whoever sets the clock says when it ticks
            self.ticker.start()

    async def stop(self, within: float = OUTCOME_SECONDS) -> None:
        """Take no more commands, and see those that were taken to their end, within seconds."""
        self.feed.close()  # who watches would wait for ever
        await self.writer.stop(within)  # before the rest, so that from here on it takes none
        await self.feed.stop()
        await self.tally.stop()
        await self.housekeeping.stop()
        await self.ticker.stop()
        await self.relay.stop()
        await self.access.stop()


def build_opd(
    settings: Settings,
    database: Database,
    clock: Clock,
    ids: Ids,
    metrics: Metrics,
    *,
    dev_key: str | None = None,
) -> Opd:
    """Wire the service. Must be called inside the event loop that will use it."""
    home = home_from(settings)
    policy = policy_from(settings)

    experiences = Experiences(database)
    day_clock = DayClock(clock) if settings.in_memory else clock
    days = DayOpener(policy, day_clock, experiences.of)
    words = Catalogue()
    name = ids.writer()
    loader = SheetLoader(database, home.id)
    stored_doctors = DoctorStore(database, home.id)
    facilities = Facilities(database, stored_doctors, home)
    stored_events = EventStore(database)
    feed = Feed(stored_events, metrics)
    relay = EventRelay(database, clock, name, metrics, on_copied=feed.wake)
    writer = SheetWriter(
        database,
        loader,
        days.decide,
        name=name,
        new_sheet=facilities.new_sheet,
        chance=random.Random(ids.writer()),
        metrics=metrics,
        on_stored=relay.wake,
    )
    store = SheetStore(database, loader, writer, metrics)
    claims = AllocationStore(database)
    guard = Guard(facilities, store, clock)
    current = CurrentDay(store, days)
    doctors_days = DoctorsDays(store, stored_doctors, facilities, days)
    doctors = DoctorService(guard, stored_doctors, doctors_days, ids)
    limits = Limits(clock)
    look_ups = LookUps(limits, settings.most_look_ups)
    links = Links(settings.keyring, store, day_clock, limits)
    shared = SharedDays(store, stored_doctors, days)
    shared_lines = SharedLines(
        store, claims, shared=shared, guard=guard, days=days, clock=day_clock
    )
    audit = AuditStore(database)
    reads = Reads(audit, clock)
    tokens = TokenService(
        guard, store, days, limits=limits, look_ups=look_ups, reads=reads, shared=shared
    )
    bookings = BookingService(
        guard, store, days, ids, doctors=doctors, links=links, limits=limits, shared=shared
    )
    tally = Tally(
        database,
        clock,
        name,
        store.read,
        experiences,
        metrics,
        day_clock=day_clock,
        usual=policy.consultation_minutes,
    )
    ticker = Ticker(database, store, clock, name, day_clock=day_clock)
    accounts = AccountStore(database)
    access = Access(
        database,
        clock,
        ids,
        facility_id=home.id,
        dev_key=dev_key,
        others=(links,),
        oidc=settings,
    )
    directory = access.directory
    return Opd(
        process=name,
        home=home,
        policy=policy,
        clock=clock,
        day_clock=day_clock,
        clocks=ClockService(day_clock, ticker) if isinstance(day_clock, DayClock) else None,
        ids=ids,
        doctors=doctors,
        slots=SlotService(
            guard,
            store,
            SlotAdder(store, day_clock),
            doctors,
            doctors_days,
            days,
            default_capacity=settings.default_max_capacity,
        ),
        tokens=tokens,
        patients=PatientService(guard, tally, PatientRegister(database), reads, look_ups),
        bookings=bookings,
        queues=QueueService(guard, store, days, current, reads, shared=shared, lines=shared_lines),
        configs=ConfigService(guard, doctors, stored_doctors, doctors_days, policy),
        allocations=AllocationService(
            guard=guard,
            store=store,
            claims=Claims(store, claims, day_clock),
            doctors=doctors,
            facilities=facilities,
            bookings=bookings,
            opener=days,
        ),
        encounters=EncounterService(tokens, stored_events, EncounterStore(database)),
        history=HistoryService(
            guard, facilities, store, stored_events, tokens, experiences, shared=shared, words=words
        ),
        audit=AuditService(guard, facilities, audit, EventStore(database), reads),
        numbers=NumbersService(
            guard=guard,
            hours=HourStore(database),
            tally=tally,
            experiences=experiences,
            facilities=facilities,
            days=days,
            target_minutes=settings.target_wait,
        ),
        facilities=facilities,
        access=access,
        load=Load(clock, settings.most_requests),
        accounts=AccessService(directory, accounts, facilities, clock, ids),
        invitations=InvitationService(access, clock, ids),
        delegations=DelegationService(directory, facilities, clock, ids),
        writer=writer,
        relay=relay,
        housekeeping=Housekeeping(
            claims,
            stored_doctors,
            facilities,
            days,
            clock,
            day_clock=day_clock,
            audit=audit,
            audit_kept=timedelta(days=settings.audit_days),
        ),
        tally=tally,
        ticker=ticker,
        links=links,
        kiosks=KioskService(guard, links, store, current, clock, shared),
        words=words,
        feed=feed,
        watching=WatchService(
            guard,
            facilities,
            stored_doctors,
            store,
            current=current,
            clock=clock,
            reads=reads,
            shared=shared,
        ),
    )
