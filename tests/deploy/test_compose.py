"""docker-compose.yml: all settings reach the service, logs are bounded, a member may be down."""

import re
from typing import cast

import yaml

from tests.api.defaults import DEFAULTS
from tests.integration.processes import ROOT

Service = dict[str, object]
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = cast(dict[str, Service], yaml.safe_load(TEXT)["services"])
WORKERS = ("opd1", "opd2")
MEMBERS = {"mongo1", "mongo2", "mongo3"}


def test_a_worker_gets_every_setting_of_env_but_where_it_listens() -> None:
    for name in WORKERS:
        worker = SERVICES[name]
        assert worker["env_file"] == [{"path": ".env", "required": False}]
        fixed = cast(dict[str, str], worker["environment"])
        ours = fixed.keys() & DEFAULTS.keys()
        assert ours == {"ENVIRONMENT", "HOST", "PORT", "MONGODB_URI", "TRUSTED_PROXIES"}
        assert fixed["HOST"] == "0.0.0.0"


def test_the_log_of_each_container_is_bounded() -> None:
    for name, service in SERVICES.items():
        logging = cast(dict[str, dict[str, str]], service["logging"])
        assert logging["options"].keys() >= {"max-size", "max-file"}, name


def test_every_image_is_pinned() -> None:
    for name, service in SERVICES.items():
        if "build" not in service:
            assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+", str(service["image"])), name


def test_nothing_that_serves_waits_for_all_members_of_the_database() -> None:
    """A list of names waits for a start, a mapping may wait for health."""
    for name, service in SERVICES.items():
        waits_for = service.get("depends_on", [])
        assert isinstance(waits_for, list), name
        assert not MEMBERS & set(waits_for), name


def test_haproxy_stands_in_front_of_all_workers_and_alone_is_reached_from_outside() -> None:
    haproxy = SERVICES["haproxy"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["haproxy"]
    assert haproxy["volumes"] == ["./deploy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"]
    told = cast(dict[str, str], haproxy["environment"])
    config = (ROOT / "deploy" / "haproxy.cfg").read_text()
    for number, worker in enumerate(WORKERS, start=1):
        assert told[f"OPD_WORKER_{number}"] == f"{worker}:8000"
    assert all(f'"${{{name}}}"' in config for name in told)


def test_a_backup_can_be_kept_outside_of_the_containers() -> None:
    assert cast(list[str], SERVICES["opd1"]["volumes"]) == ["backups:/backups"]
