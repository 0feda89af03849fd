"""What Prometheus sees of the consumers of this process, at ``/metrics``."""

from prometheus_client import Gauge

LAG = Gauge(
    "courrier_consumer_lag_events",
    "Events that a consumer has still to take.",
    ["consumer", "stream", "group"],
)
PARKED = Gauge(
    "courrier_parked_events",
    "Events that a consumer has set aside, those that wait behind others included.",
    ["consumer"],
)
