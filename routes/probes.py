"""What whoever runs the service must see when nobody else gets through."""

ALIVE = "/healthz"
PROBES = frozenset({ALIVE, "/readyz", "/metrics"})
