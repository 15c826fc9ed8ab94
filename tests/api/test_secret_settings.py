"""Settings that are secrets: each may stand in a file, and none is ever told."""

from pathlib import Path

import pytest

from config import BadSettings, Settings, load_settings

SECRETS = {
    "MONGODB_URI": "mongodb://keeper:S3cret@host/db",
    "LINK_KEYS": f"k1:S3cret{'s' * 40}",
    "OIDC_CLIENT_SECRET": "S3cret of the provider's",
}


def test_every_secret_may_stand_in_a_file() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "Secret" in str(field)}
    assert secret == {name.lower() for name in SECRETS}
    for name in secret:
        assert f"{name}_file" in Settings.model_fields


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_its_file_and_never_shown(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text(f"{SECRETS[name]}\n")
    environment.setenv(f"{name}_FILE", "secret")
    settings = load_settings()
    read = getattr(settings, name.lower())
    assert read.get_secret_value() == SECRETS[name]
    assert "S3cret" not in f"{settings!r}{settings}{settings.model_dump()}"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_given_both_ways_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text(SECRETS[name])
    (tmp_path / ".env").write_text(f"{name}_FILE=secret\n")
    environment.setenv(name, SECRETS[name])
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert str(refused.value) == f"{name}_FILE: {name} is set too; set one of them"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "it can't be read (No such file or directory)"),
        (b"\xff\xfe S3cret", "it is no text in UTF-8"),
        (b" \n", "it is empty"),
    ],
)
def test_a_file_of_a_secret_that_can_not_be_read_is_told(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    environment.setenv(f"{name}_FILE", "secret")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert str(refused.value) == f"{name}_FILE: {why}"


@pytest.mark.parametrize("name", ["MONGODB_URI", "LINK_KEYS"])
def test_what_is_wrong_in_a_file_of_a_secret_is_told_without_it(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text("mongodb://keeper:/S3cret@host/db")
    environment.setenv(f"{name}_FILE", "secret")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert "S3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_production_finds_its_database_in_a_file_and_refuses_a_secret_that_everybody_knows(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (known,) = (f"{id_}:{secret}" for id_, secret in load_settings().keyring.items())
    (tmp_path / "uri").write_text("mongodb://localhost")
    (tmp_path / "keys").write_text(known)
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("MONGODB_URI_FILE", "uri")
    assert load_settings().environment.value == "production"
    environment.setenv("LINK_KEYS_FILE", "keys")
    with pytest.raises(BadSettings, match=r"^LINK_KEYS ") as refused:
        load_settings()
    assert known not in str(refused.value)
