"""What an ID token proves: who somebody is, and of which groups.

It counts with the provider's signature alone, made for this service and for the sign-in that asked
for it, and for a few minutes.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import cast

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry
from msgspec import Struct

from models.account import Identity
from models.errors import IdentityUnproven
from services.log import log

_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Those with a key that only the provider has: none, or the client's secret, proves nothing."""
_LEEWAY_SECONDS = 60
"""By which the provider's clock may differ from ours."""
_MOST_SUBJECT = 255
_MOST_GROUPS = 1000
_MOST_NAME = 200


class Expected(Struct, frozen=True, kw_only=True):
    """Whose token it must be, for whom and for which sign-in, and where it has the groups."""

    issuer: str
    client_id: str
    nonce: str
    groups_claim: str


class Person(Struct, frozen=True, kw_only=True):
    """Whom the provider has signed in. `name` is for people, and may change."""

    identity: Identity
    name: str | None
    groups: frozenset[str]


class UnknownSigningKey(Exception):
    """None of the keys that are known has the name that the token gives."""


class SigningKeys(Struct, frozen=True):
    """By which the provider signs, and how."""

    keys: KeySet
    registry: JWSRegistry

    @classmethod
    def of(cls, told: Iterable[Mapping[str, object]], algorithms: Collection[str]) -> "SigningKeys":
        """Those that only the provider can sign with; one that is not understood spoils no other."""
        keys: list[Key] = []
        for data in told:
            if data.get("use", "sig") == "sig" and data.get("kty") != "oct":
                try:
                    known = cast(dict[str, str | list[str]], data)  # it checks what it needs
                    keys.append(JWKRegistry.import_key(known))
                except (JoseError, ValueError, TypeError) as error:
                    log.warning("identity_provider_key_unknown", why=type(error).__name__)
        usable = sorted(_ALGORITHMS.intersection(algorithms))
        registry = JWSRegistry(algorithms=usable, strict_check_header=False)
        return cls(KeySet(keys), registry)


def person_of(
    id_token: str, access_token: str | None, keys: SigningKeys, expected: Expected, now: datetime
) -> Person:
    """Whom the token proves. Raises UnknownSigningKey, IdentityUnproven."""
    try:
        token = jwt.decode(id_token, keys.keys, registry=keys.registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.client_id},
            },
            {
                "nonce": expected.nonce,
                "client_id": expected.client_id,
                "access_token": access_token,
            },
        )
        claims.validate(int(now.timestamp()), _LEEWAY_SECONDS)
    except InvalidKeyIdError:
        raise UnknownSigningKey from None
    except (JoseError, ValueError, TypeError) as error:
        claim = error.claim if isinstance(error, ClaimError) else ""
        raise unproven(f"{type(error).__name__} {claim}".rstrip()) from None
    return _person(token.claims, expected)


def unproven(why: str) -> IdentityUnproven:
    """The refusal; the operator finds the reason in the log, which has nothing of the person."""
    log.warning("identity_unproven", why=why)
    return IdentityUnproven()


def _person(claims: Mapping[str, object], expected: Expected) -> Person:
    subject, told = claims["sub"], claims.get(expected.groups_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_SUBJECT:
        raise unproven("sub")
    listed = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return Person(
        identity=Identity(issuer=expected.issuer, subject=subject),
        name=_name(claims.get("name")) or _name(claims.get("preferred_username")),
        groups=frozenset(group for group in listed[:_MOST_GROUPS] if isinstance(group, str)),
    )


def _name(told: object) -> str | None:
    """A name that can be shown."""
    if not isinstance(told, str):
        return None
    name = " ".join("".join(each if each.isprintable() else " " for each in told).split())
    return name[:_MOST_NAME] or None
