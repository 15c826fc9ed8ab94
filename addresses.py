"""Lists of hosts, sites and networks in settings: who is called how, and who is trusted."""

import re
from ipaddress import ip_network

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine, as its own programs call it."""
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The same as browsers write it."""
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]+)?")
_HOST_NAME = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9._-]+|\*")


def listed_names(text: str) -> frozenset[str]:
    """What is listed in a setting, with commas or spaces between."""
    return frozenset(text.lower().replace(",", " ").split())


def host_names(text: str) -> str:
    """Names of hosts, as in ALLOWED_HOSTS. Raises ValueError."""
    if not all(_HOST_NAME.fullmatch(name) for name in listed_names(text)):
        raise ValueError("write names without scheme and port, like opd.example.org, or * for any")
    return text


def origins(text: str) -> str:
    """Sites, as in CORS_ORIGINS. Raises ValueError."""
    if not all(_ORIGIN.fullmatch(name) for name in listed_names(text)):
        raise ValueError("write each as https://portal.example.org, with its port but no path")
    return text


def networks(text: str) -> str:
    """Addresses and networks, as in TRUSTED_PROXIES. Raises ValueError."""
    try:
        for name in listed_names(text):
            ip_network(name)
    except ValueError:
        raise ValueError(
            "write each as an address or a network, like 10.0.0.5 or 10.0.0.0/24"
        ) from None
    return text
