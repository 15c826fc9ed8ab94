"""Every setting with its default, as the environment would say it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DEFAULTS = {
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "MAX_CONNECTIONS": "4000",
    "ALLOWED_HOSTS": "",
    "CORS_ORIGINS": "",
    "ENVIRONMENT": "development",
    "LOG_LEVEL": "INFO",
    "MONGODB_URI": "",
    "MONGODB_DRIVER": "motor",
    "EMBEDDED_FILE": "data/opd.sqlite",
    "DEV_KEY_FILE": "data/dev.key",
    "LINK_KEYS": "",
    "LINK_KEYS_FILE": "",
    "FACILITY_ID": "main",
    "FACILITY_NAME": "OPD",
    "FACILITY_TIMEZONE": "Asia/Kolkata",
    "DEFAULT_SLOT_DURATION": "10",
    "DEFAULT_MAX_CAPACITY": "6",
    "EMERGENCY_PRIORITY": "1000",
    "PAID_PRIORITY": "500",
    "FOLLOWUP_PRIORITY": "300",
    "ONLINE_PRIORITY": "200",
    "WALKIN_PRIORITY": "100",
    "NO_SHOW_TIMEOUT": "15",
    "CHECKIN_EARLY": "60",
    "LATE_ARRIVAL_GRACE": "10",
    "QUEUE_ORDER": "head_start",
    "HEAD_START_MINUTES": "PRIORITY=25,FOLLOWUP=8,ONLINE=5,WALKIN=0",
    "EMERGENCY_OVERFLOW": "3",
    "MAX_BUMPS": "2",
    "TARGET_WAIT": "30",
    "MAX_TOKENS_PER_SHEET": "2000",
}
