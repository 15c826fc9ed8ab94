"""Methods of HTTP."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing, so other sites may have them sent; they can't read the answers."""
