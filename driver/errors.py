"""Why the database does not answer, in words for who runs the service.

The driver tells it in a text of its own, with the state of every server it knows. None of what is
said here comes from there but host names and ports: a URI holds a password.
"""

import re

from pymongo.errors import OperationFailure, PyMongoError

_SERVER = re.compile(r"ServerDescription \('([^']+)', (\d+)\)")
_BAD_CREDENTIALS = frozenset({18, 8000})
_NOT_ALLOWED = 13
_INTERNAL = 1

_CAUSES = (
    (
        ("members available for replica set name", "belongs to a set named"),
        "wrong replica set: no server of the one that replicaSet= names was found",
    ),
    (("No replica set members match", "No primary"), "the replica set has no primary now"),
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "TLS: the certificate of {} is not trusted; see tlsCAFile= and the host's name",
    ),
    (("SSL handshake failed", "[SSL"), "TLS: {} does not speak it; see tls="),
    (
        ("Name or service not known", "nodename nor servname", "name resolution", "No address"),
        "unknown host: {}",
    ),
    (("Connect call failed", "Connection refused"), "nobody listens at {}"),
    (("Message length", "Got response id"), "what answers at {} is no database"),
    (
        ("onnection closed", "onnection is closed", "already closed", "Connection reset"),
        "{} ends the connection; if it wants TLS, set tls=true",
    ),
    (
        ("timed out", "No servers found yet", "exceed time limit"),
        "{} does not answer; are port and tls= right?",
    ),
)


def cause_of(error: PyMongoError) -> str:
    """One line, the same for the same cause; the name of the error where nothing better is known."""
    if isinstance(error, OperationFailure):
        if error.code in _BAD_CREDENTIALS:
            return "wrong credentials: user, password or authSource= is not what the database has"
        if error.code == _NOT_ALLOWED:
            return "not allowed: the database wants a user that may read and write it"
        if error.code == _INTERNAL:
            return "the server answers with an internal error: what keeps its data may be down"
        return f"{type(error).__name__}: error {error.code}"
    text = str(error)
    servers = ", ".join(dict.fromkeys(f"{host}:{port}" for host, port in _SERVER.findall(text)))
    for marks, words in _CAUSES:
        if any(mark in text for mark in marks):
            return words.format(servers or "the server")
    return type(error).__name__
