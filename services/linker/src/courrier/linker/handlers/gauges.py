"""What Prometheus sees of the linker's own work, at ``/metrics``."""

from prometheus_client import Gauge

CASE_MAIL = Gauge(
    "courrier_linker_case_mail", "Mail to teams that has no case yet, asked for or not."
)
