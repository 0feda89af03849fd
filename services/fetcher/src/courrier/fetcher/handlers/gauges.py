"""What Prometheus sees of the fetcher: sums over all accounts, never one series an account."""

from prometheus_client import Counter, Gauge

ACCOUNTS = Gauge("courrier_fetcher_accounts", "Accounts held by this instance.", ["state"])
CONNECTIONS = Gauge("courrier_fetcher_connections", "Connections to mail servers.")
GROUPS = Gauge("courrier_fetcher_groups", "Groups of accounts held by this instance, of 32.")
LAG = Gauge(
    "courrier_fetcher_lag_seconds",
    "Seconds since the account that waits longest, and is not failing, was in step.",
)
LOG_INS = Counter("courrier_fetcher_log_ins", "Log-ins at mail servers.")
FAILURES = Counter("courrier_fetcher_failures", "Failed tries to read an account.", ["reason"])
RECEIVED = Counter("courrier_fetcher_received", "Messages received.")
PUSH = Gauge("courrier_fetcher_push", "Accounts by whether IDLE works.", ["push"])
