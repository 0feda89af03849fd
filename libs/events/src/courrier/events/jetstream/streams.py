"""The streams, declared once; ``courrier events apply`` creates them or brings them up to date.

File-backed, limits retention, ``discard: new`` and no age limit: the broker never drops a fact
to make room. ``BLOBS`` keeps one message a subject, so that storing a blob twice is harmless.
``LEASES`` holds who works on what; its messages live for seconds.
"""

from dataclasses import dataclass

from nats.aio.client import Client

from courrier.events.jetstream.api import request_api

EVENT_STREAMS = ("MAILBOX", "EMAIL", "OUTBOUND", "CAMPAIGN", "SETTINGS", "CRM", "EXPORT", "DEAD")
VAULT_STREAM = "KV_VAULT"
VAULT_SUBJECT = "$KV.VAULT."

RESTORING = "courrier.restoring"
"""Metadata of a stream that is being rebuilt: the epoch it will have."""

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class StreamDeclaration:
    """What we ask of one stream; everything else is the broker's default."""

    name: str
    subjects: tuple[str, ...]
    per_subject: int = -1
    expiring: bool = False
    rollup: bool = False

    def config(self, replicas: int) -> JsonObject:
        """Return the broker's form of the declaration."""
        return {
            "name": self.name,
            "subjects": list(self.subjects),
            "storage": "file",
            "retention": "limits",
            "discard": "new",
            "max_msgs_per_subject": self.per_subject,
            "num_replicas": replicas,
            "allow_direct": True,
            "allow_atomic": True,
            "allow_msg_ttl": self.expiring,
            "allow_rollup_hdrs": self.rollup,
            "duplicate_window": 100_000_000,
        }


DECLARATIONS = (
    *(StreamDeclaration(name, (f"{name.lower()}.>",)) for name in EVENT_STREAMS),
    StreamDeclaration("BLOBS", ("blob.>",), per_subject=1),
    StreamDeclaration("LEASES", ("lease.>",), per_subject=1, expiring=True),
    StreamDeclaration(VAULT_STREAM, (f"{VAULT_SUBJECT}>",), per_subject=1, rollup=True),
)


async def apply_streams(client: Client, replicas: int = 1) -> list[str]:
    """Create missing streams and update differing ones; return the names that were touched.

    Raises:
        ApiError: the broker refuses a declaration; the text says which and why.
    """
    touched = []
    for declaration in DECLARATIONS:
        wanted = declaration.config(replicas)
        found = await request_api(client, f"STREAM.INFO.{declaration.name}", missing_ok=True)
        if not found:
            await request_api(client, f"STREAM.CREATE.{declaration.name}", wanted)
            touched.append(declaration.name)
        elif RESTORING in metadata_of(found):
            continue  # it opens to the services when all of it is back
        elif not _same(found, wanted):
            kept = {"metadata": metadata_of(found)}
            await request_api(client, f"STREAM.UPDATE.{declaration.name}", wanted | kept)
            touched.append(declaration.name)
    return touched


def _same(found: JsonObject, wanted: JsonObject) -> bool:
    config = found.get("config")
    return isinstance(config, dict) and all(config.get(k) == v for k, v in wanted.items())


def metadata_of(found: JsonObject) -> JsonObject:
    """Return what others noted on the stream, as its epoch: an update without it would drop it."""
    config = found.get("config")
    metadata = config.get("metadata") if isinstance(config, dict) else None
    return {k: v for k, v in (metadata or {}).items() if not k.startswith("_nats.")}
