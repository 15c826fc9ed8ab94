"""Settings: their defaults, what they refuse, and what `.env.example` says of them."""

import shutil
from pathlib import Path

import pytest

from config import BadSettings, Settings, load_settings
from database import check_uri
from services.clock import SystemClock
from services.ids import Ids
from tests.api.defaults import DEFAULTS, ROOT
from tests.api.service import GivenSettings, serve

BAD = [
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("MAX_CONNECTIONS", "0"),
    ("MOST_REQUESTS", "0"),
    ("MOST_LOOK_UPS", "0"),
    ("ALLOWED_HOSTS", "https://opd.example.org"),
    ("ALLOWED_HOSTS", "opd.example.org:8000"),
    ("CORS_ORIGINS", "portal.example.org"),
    ("CORS_ORIGINS", "https://portal.example.org/"),
    ("CORS_ORIGINS", "https://portal.example.org, *"),
    ("TRUSTED_PROXIES", "*"),
    ("TRUSTED_PROXIES", "haproxy"),
    ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1:8000"),
    ("ENVIRONMENT", "staging"),
    ("LOG_LEVEL", "loud"),
    ("MONGODB_DRIVER", "mongoose"),
    ("FACILITY_TIMEZONE", "Mars/Olympus"),
    ("FACILITY_TIMEZONE", ""),
    ("FACILITY_TIMEZONE", "../../etc/passwd"),
    ("AUDIT_DAYS", "0"),
    ("DEFAULT_SLOT_DURATION", "0"),
    ("DEFAULT_MAX_CAPACITY", "0"),
    ("DEFAULT_MAX_CAPACITY", "501"),
    ("EMERGENCY_PRIORITY", "-1"),
    ("PAID_PRIORITY", "high"),
    ("FOLLOWUP_PRIORITY", ""),
    ("ONLINE_PRIORITY", "1.5"),
    ("WALKIN_PRIORITY", "1000001"),
    ("NO_SHOW_TIMEOUT", "0"),
    ("LATE_ARRIVAL_GRACE", "-1"),
    ("QUEUE_ORDER", "first_come"),
    ("HEAD_START_MINUTES", "PRIORITY=25,"),
    ("OVERFLOW_MINUTES", "-1"),
    ("QUEUE_WEIGHTS", "source=-1"),
    ("HEAD_START_MINUTES", "EMERGENCY=25 WALKIN=0"),
    ("EMERGENCY_OVERFLOW", "-1"),
    ("MAX_BUMPS", "x"),
    ("MAX_TOKENS_PER_SHEET", "0"),
]
BAD_URIS = [
    "localhost:27017",
    "http://keeper:S3cret@host/db",
    "mongodb://",
    "mongodb://keeper:S3cret@/db",
    "mongodb://keeper:S3cret@host:port/db",
    "mongodb://keeper:S3cret@host:99999/db",
    "mongodb://keeper:/S3cret@host/db",
    "mongodb://keeper:1/S3cret@host/db",
    "mongodb://keeper:?S3cret@host/db",
    "mongodb://keeper:?a=S3cret@host/db",
    "mongodb://keeper:@S3cret@host/db",
    "mongodb://keeper:x:S3cret@host/db",
    "mongodb://keeper:%S3cret@host/db",
    "mongodb://keeper:S3cret@host/db?color=red",
]


def _shown(settings: Settings) -> dict[str, str]:
    values = settings.model_dump(mode="json")
    return {name.upper(): "" if told is None else str(told) for name, told in values.items()}


@pytest.mark.usefixtures("environment")
def test_the_defaults_are_these() -> None:
    assert _shown(load_settings()) == DEFAULTS


def test_env_example_documents_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    # Copied as it is, it must name no database.
    unset = ("MONGODB_URI", "EMBEDDED_FILE")
    assert told == {name: value for name, value in DEFAULTS.items() if name not in unset}
    assert any(line.startswith("# MONGODB_URI=mongodb://") for line in lines)
    assert f"# EMBEDDED_FILE={DEFAULTS['EMBEDDED_FILE']}" in lines
    for number, line in enumerate(lines):
        if "=" in line and line.split("=")[0].strip("# ").isupper():
            above = lines[number - 1]
            assert above.startswith("#") or "=" in above, f"nothing explains {line}"


@pytest.mark.usefixtures("environment")
def test_env_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    assert _shown(load_settings()) == DEFAULTS


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_told_in_one_line_that_names_it(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("uri", BAD_URIS)
def test_a_bad_uri_is_told_without_its_password(environment: pytest.MonkeyPatch, uri: str) -> None:
    environment.setenv("MONGODB_URI", uri)
    with pytest.raises(BadSettings) as refused:
        check_uri(load_settings())
    assert str(refused.value).startswith("MONGODB_URI: ")
    assert "S3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://localhost",
        "mongodb://localhost:27017/opd?replicaSet=rs0&w=majority",
        "mongodb://keeper:%2F%40secret@a:1,b:2,c/opd?authSource=admin",
        "mongodb://[::1]:27017/opd",
        "mongodb://account:key==@account.example:10255/?ssl=true&appName=@account@",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/opd",
    ],
)
def test_a_good_uri_is_taken(environment: pytest.MonkeyPatch, uri: str) -> None:
    environment.setenv("MONGODB_URI", uri)
    check_uri(load_settings())


def test_a_password_is_never_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MONGODB_URI", "mongodb://keeper:S3cret@host/db")
    settings = load_settings()
    assert "S3cret" not in f"{settings!r}{settings}{settings.model_dump()}"


def test_production_refuses_to_start_without_a_database(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENVIRONMENT", "production")
    with pytest.raises(BadSettings, match=r"^MONGODB_URI "):
        load_settings()
    environment.setenv("MONGODB_URI", "mongodb://localhost")
    assert load_settings().environment.value == "production"


def test_several_bad_values_are_all_named_in_one_line(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "x")
    environment.setenv("MAX_BUMPS", "x")
    with pytest.raises(BadSettings, match=r"^PORT: .*; MAX_BUMPS: [^\n]*$"):
        load_settings()


def test_values_come_from_env_files_too(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_BUMPS=7\nPORT=9\nSOMETHING_ELSE=1\n")
    environment.setenv("PORT", "10")
    settings = load_settings()
    assert (settings.max_bumps, settings.port) == (7, 10)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("MAX_BUMP=1", "MAX_BUMPS"),
        ("mongo_uri=mongodb://db", "MONGODB_URI"),
        ("WALK_IN_PRIORITY=1", "WALKIN_PRIORITY"),
        ("LOGLEVEL=INFO", "LOG_LEVEL"),
        ("PRIORITY_PAID=1", "PAID_PRIORITY"),
        ("TIMEZONE=UTC", "FACILITY_TIMEZONE"),
        ("export DEFAULT_CAPACITY=3", "DEFAULT_MAX_CAPACITY"),
    ],
)
def test_a_misspelled_name_in_env_is_told_with_its_likeliest_meaning(
    tmp_path: Path, line: str, meant: str
) -> None:
    (tmp_path / ".env").write_text(f"# ours\n\nPORT=9\n{line}\n")
    with pytest.raises(BadSettings, match=rf"^\.env line 4: .*; is it {meant}\?$") as refused:
        load_settings()
    assert "mongodb://" not in str(refused.value)


@pytest.mark.usefixtures("environment")
def test_names_of_other_programs_in_env_are_theirs(tmp_path: Path) -> None:
    names = ["COMPOSE_PROJECT_NAME", "OPD_WORKER_1", "OPD_MOST_CONNECTIONS", "TZ", "HTTP_PROXY"]
    (tmp_path / ".env").write_text("".join(f"{name}=x\n" for name in names))
    assert _shown(load_settings()) == DEFAULTS


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    "line", ["S3cret", "PORT 9", "PORT: 9", "MONGODB_URI", "=9", "LOG_LEVEL='S3cret", "- PORT=9"]
)
def test_a_line_of_env_that_sets_nothing_is_named_without_what_it_says(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / ".env").write_text(f"MAX_BUMPS=3\n\n{line}\n")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert str(refused.value) == ".env line 3: write NAME=value"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-32"])
def test_an_env_file_in_another_encoding_is_told_in_one_line(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("# für\nPORT=9\n".encode(encoding))
    with pytest.raises(BadSettings, match=r"^\.env: save it in UTF-8; [^\n]*$"):
        load_settings()


@pytest.mark.usefixtures("environment")
def test_an_env_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_BUMPS=7\r\nPORT=9\r\n", encoding="utf-8-sig")
    settings = load_settings()
    assert (settings.max_bumps, settings.port) == (7, 9)


@pytest.mark.usefixtures("environment")
def test_an_env_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(BadSettings, match=r"^\.env: it can't be read \([^\n]*\)$"):
        load_settings()


@pytest.mark.parametrize("level", ["debug", "Debug", "DEBUG"])
def test_a_log_level_may_be_in_any_case(environment: pytest.MonkeyPatch, level: str) -> None:
    environment.setenv("LOG_LEVEL", level)
    assert load_settings().log_level == "DEBUG"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"online_priority": 100}, []),
        ({"walkin_priority": 201}, ["WALKIN_PRIORITY is higher than ONLINE_PRIORITY"]),
        ({"emergency_priority": 10}, ["PAID_PRIORITY is higher than EMERGENCY_PRIORITY"]),
    ],
    ids=str,
)
async def test_scores_out_of_order_are_warned_of_at_the_start(
    changed: dict[str, int], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = GivenSettings().but(**changed)
    assert list(settings.doubts()) == told
    async with serve(settings, SystemClock(), Ids()):
        out = capsys.readouterr().out
    assert out.count("settings_doubtful") == len(told)
    assert all(line in out for line in told)
