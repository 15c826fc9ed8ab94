"""The service's log. Never give it a patient's name or phone number."""

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("opd")
