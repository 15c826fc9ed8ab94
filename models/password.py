"""What a password is, as NIST SP 800-63B has it: long, any characters, and not one that is common."""

import unicodedata

LEAST_LENGTH = 15
"""Characters. NIST asks for so many where nothing but the password is asked for."""
MOST_LENGTH = 128


def normalized(password: str) -> str:
    """As it is compared: the same text may be typed in several ways on several keyboards."""
    return unicodedata.normalize("NFKC", password)
