"""What Prometheus sees of the sender: sums over all accounts, never one series an account."""

from prometheus_client import Counter, Gauge, Histogram

UNDER_WAY = Gauge("courrier_sender_dialogues", "Dialogues with SMTP servers under way.")
SETTLED = Counter("courrier_sender_settled", "What became of attempts to send.", ["outcome"])
HELD_BACK = Counter("courrier_sender_held_back", "Times a server asked for its account to rest.")
DIALOGUE_S = Histogram(
    "courrier_sender_dialogue_seconds",
    "Seconds from the recorded intent to the server's answer.",
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600),
)
WAITED_S = Histogram(
    "courrier_sender_waited_seconds",
    "Seconds from when a message was due to when its attempt began.",
    buckets=(0.1, 0.5, 1, 5, 30, 120, 600, 3600),
)
