"""Every knob of the service, typed, with its unit. Values come from the environment and `.env`."""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

import env_file
from addresses import LOOPBACK_HOSTS, host_names, listed_names, networks, origins
from named_numbers import minutes_by_name, named, weights_by_name
from oidc_settings import OidcSettings
from secret_files import SecretFile, read_secrets

_ENV_FILE = ".env"
FACILITY_ID = r"[A-Za-z0-9.]{1,32}"
IN_MEMORY = ":memory:"
"""As EMBEDDED_FILE: keep nothing."""


class BadSettings(Exception):
    """A setting has a value that can't be used. `str()` is one line that names it."""


class Environment(StrEnum):
    """Where the service runs; production refuses what only suits a try-out."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Driver(StrEnum):
    """Motor, or PyMongo's own async client, Motor's successor."""

    MOTOR = "motor"
    PYMONGO = "pymongo"


def known_zone(name: str) -> str:
    """The name of a time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write it like Asia/Kolkata") from error
    return name


_HOST = r"(\[[^\]/?@]*\]|[^:/?@\[]*)(:[0-9]*)?"
_URI = re.compile(rf"[^:]*://([^/?@]*@)?{_HOST}(,{_HOST})*(/[^@?]*)?(\?.*)?", re.DOTALL)


def _encoded(uri: SecretStr) -> SecretStr:
    """Refuse a URI that lets a part of its password pass for a port or a database name.

    The driver would refuse it too, but quote that part.
    """
    text = uri.get_secret_value()
    if text.startswith("mongodb") and not _URI.fullmatch(text):
        raise ValueError(
            "write it like mongodb://user:password@host:27017/database; "
            "in user and password / is %2F, : is %3A, @ is %40 and ? is %3F"
        )
    return uri


def _in_capitals(text: object) -> object:
    return text.upper() if isinstance(text, str) else text


_LINK_KEY = re.compile(r"[A-Za-z0-9]{1,16}:[\x21-\x2b\x2d-\x7e]{32,}")
_TRY_OUT_KEY = "tryout:everybody-knows-this-key-so-it-protects-nobody"


def _link_keys(keys: SecretStr) -> SecretStr:
    if not all(_LINK_KEY.fullmatch(each) for each in _listed(keys.get_secret_value())):
        raise ValueError("write each as id:secret, the secret of 32 characters or more")
    return keys


def _listed(text: str) -> list[str]:
    return text.replace(",", " ").split()


Score = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=1, le=480)]


_SECRETS = ("mongodb_uri", "link_keys", "oidc_client_secret")
"""Each may stand in a file: see secret_files.py."""


class Settings(OidcSettings):
    """All settings. Each is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(
        env_file=_ENV_FILE, env_file_encoding="utf-8-sig", extra="ignore", frozen=True
    )

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    max_connections: int = Field(4000, ge=1, le=100_000)
    """Connections that one process takes at once."""
    most_requests: int = Field(30_000, ge=1, le=1_000_000_000)
    """A minute, of one principal, and of one address from which nobody known asks; in one process."""
    most_look_ups: int = Field(600, ge=1, le=1_000_000_000)
    """A minute, by a patient's id, of one principal; in one process."""
    allowed_hosts: Annotated[str, AfterValidator(host_names)] = ""
    """Names under which callers may reach the service; see `hosts`."""
    cors_origins: Annotated[str, AfterValidator(origins)] = ""
    """Sites whose pages may call it from a browser, besides its own."""
    trusted_proxies: Annotated[str, AfterValidator(networks)] = ""
    """Addresses and networks that are believed for whom they forward; see `proxies`."""
    environment: Environment = Environment.DEVELOPMENT
    log_level: Annotated[
        str, BeforeValidator(_in_capitals), Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    ] = "INFO"
    mongodb_uri: Annotated[SecretStr, AfterValidator(_encoded)] | None = None
    """Without it the embedded database serves, for one process on one machine."""
    mongodb_uri_file: SecretFile = None
    """In place of it: a file that holds it."""
    mongodb_driver: Driver = Driver.MOTOR
    embedded_file: str = Field("data/opd.sqlite", min_length=1)
    """Where the embedded database keeps its data; IN_MEMORY keeps nothing."""

    dev_key_file: str = Field("data/dev.key", min_length=1)
    """Where the key of a try-out is kept; IN_MEMORY keeps it nowhere. Production has none."""
    link_keys: Annotated[SecretStr, AfterValidator(_link_keys)] = SecretStr("")
    """By what patients' links are signed, id:secret; see `keyring`."""
    link_keys_file: SecretFile = None
    """In place of it: a file that holds them."""
    audit_days: int = Field(365, ge=1, le=36_500)
    """How many days the records of access and of reads are kept."""
    facility_id: str = Field("main", pattern=f"^{FACILITY_ID}$")
    facility_name: str = Field("OPD", min_length=1, max_length=200)
    facility_timezone: Annotated[str, AfterValidator(known_zone)] = "Asia/Kolkata"
    default_language: Literal["en", "hi"] = "en"
    """Of pages, where a browser asks for none that there is."""
    default_slot_duration: Minutes = 10
    """Minutes of one consultation."""
    default_max_capacity: int = Field(6, ge=1, le=500)
    """Seats of a slot that is added without a count."""
    emergency_priority: Score = 1000
    paid_priority: Score = 500
    followup_priority: Score = 300
    online_priority: Score = 200
    walkin_priority: Score = 100
    no_show_timeout: Minutes = 15
    """Minutes for which one is waited for who was called, missed the call, or was due."""
    checkin_early: int = Field(60, ge=0, le=720)
    """Minutes before the slot from which on a kiosk checks in."""
    late_arrival_grace: int = Field(10, ge=0, le=480)
    """Minutes after the due time that a patient may come without being late."""
    queue_order: Literal["strict", "head_start", "weighted"] = "head_start"
    """By what those who are here are called: docs/rules.md, rule 15."""
    head_start_minutes: Annotated[str, AfterValidator(minutes_by_name)] = (
        "PRIORITY=25,FOLLOWUP=8,ONLINE=5,WALKIN=0"
    )
    """How many minutes of earlier arrival each source is worth; see `head_starts`."""
    queue_weights: Annotated[str, AfterValidator(weights_by_name)] = (
        "source=1,waiting=1,appointment=1"
    )
    """What each part counts in the order weighted; see `weights`."""
    queue_overflow: Literal["tell", "offer", "refuse"] = "tell"
    """What becomes of walk-ins once the day should end too late: docs/rules.md, rule 25."""
    overflow_minutes: int = Field(30, ge=0, le=720)
    """Minutes after its planned end from which on a day ends too late."""
    emergency_overflow: int = Field(3, ge=0, le=100)
    """Seats of a slot beyond its capacity, for emergencies alone."""
    max_bumps: int = Field(2, ge=0, le=100)
    """How often one token may be bumped."""
    target_wait: Minutes = 30
    """Minutes that a patient should wait at most, for the numbers."""
    max_tokens_per_sheet: int = Field(2000, ge=1, le=10_000)
    """How many tokens one doctor's day may hold."""

    @property
    def in_memory(self) -> bool:
        """Whether nothing is kept, so that no day is a real one."""
        return self.mongodb_uri is None and self.embedded_file == IN_MEMORY

    @property
    def keyring(self) -> dict[str, str]:
        """The keys of links by id; the first signs, the others verify what they have signed.

        Without any a try-out has one that everybody knows, and production gives no links.
        """
        text = self.link_keys.get_secret_value()
        if not text.strip() and self.environment is Environment.DEVELOPMENT:
            text = _TRY_OUT_KEY
        pairs = (each.partition(":") for each in _listed(text))
        return {id_: secret for id_, _, secret in pairs}

    @property
    def head_starts(self) -> dict[str, int]:
        """The minutes of `head_start_minutes` by name."""
        return {name: int(minutes) for name, minutes in named(self.head_start_minutes)}

    @property
    def weights(self) -> dict[str, float]:
        """The parts of `queue_weights` by name."""
        return {name: float(weight) for name, weight in named(self.queue_weights)}

    @property
    def hosts(self) -> frozenset[str] | None:
        """The names it answers to, None for any.

        Who listens for this machine alone answers to its names alone: else a page of any site could
        have its own name lead here, and read what is for this machine's people.
        """
        if names := listed_names(self.allowed_hosts):
            return None if "*" in names else names
        loopback = self.host in ("localhost", "::1") or self.host.startswith("127.")
        return LOOPBACK_HOSTS | {self.host} if loopback else None

    @property
    def origins(self) -> frozenset[str]:
        """The sites of `cors_origins`."""
        return listed_names(self.cors_origins)

    @property
    def proxies(self) -> frozenset[str]:
        """The addresses and networks of `trusted_proxies`."""
        return listed_names(self.trusted_proxies)

    @model_validator(mode="before")
    @classmethod
    def _secrets_may_stand_in_files(cls, given: dict[str, object]) -> dict[str, object]:
        return read_secrets(given, _SECRETS)

    @model_validator(mode="after")
    def _production_names_its_database(self) -> "Settings":
        """A forgotten MONGODB_URI must not open an empty hospital."""
        if self.environment is Environment.PRODUCTION and self.mongodb_uri is None:
            if "embedded_file" not in self.model_fields_set:
                raise ValueError(
                    "MONGODB_URI or, for the embedded database, EMBEDDED_FILE must be set "
                    "when ENVIRONMENT=production"
                )
            if self.in_memory:
                raise ValueError(
                    f"EMBEDDED_FILE must name a file when ENVIRONMENT=production: {IN_MEMORY} "
                    "keeps nothing"
                )
        return self

    @model_validator(mode="after")
    def _production_keeps_its_secrets(self) -> "Settings":
        if self.environment is Environment.PRODUCTION and _TRY_OUT_KEY.partition(":")[2] in (
            self.keyring.values()
        ):
            raise ValueError("LINK_KEYS holds the key of the try-out, which everybody knows")
        return self

    def doubts(self) -> Iterator[str]:
        """What may be used and is probably not meant."""
        if not self.keyring:
            yield "LINK_KEYS is not set: bookings come without a link for the patient"
        scores = ("emergency", "paid", "followup", "online", "walkin")
        for higher, lower in pairwise(f"{name}_priority" for name in scores):
            if getattr(self, higher) < getattr(self, lower):
                yield f"{lower.upper()} is higher than {higher.upper()}"


def load_settings() -> Settings:
    """The settings as the environment and `.env` say. Raises BadSettings."""
    names = [name.upper() for name in Settings.model_fields]
    faults = env_file.faults(Path(_ENV_FILE), names)
    if faults:
        raise BadSettings("; ".join(faults))
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("; ".join(_in_words(error))) from None


def _in_words(error: ValidationError) -> list[str]:
    """One phrase for each problem. Values stay out of it: a URI may hold a password."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in problem["loc"]).upper()
        text = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {text}" if name else text)
    return lines
