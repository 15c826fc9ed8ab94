"""Which version this is: the one place that says so."""

VERSION = "1.0.0"
"""As https://semver.org has it: the API's paths, fields and codes are what it speaks of."""
