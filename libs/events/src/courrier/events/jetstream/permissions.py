"""Who may write and read what on the broker: one list per service, for any NATS deployment.

A service writes its own families only; that is what makes it their only writer. The linker orders
others to erase what nobody wants or holds any more. A service answers
commands on ``command.<service>.>`` and its inbox is its own, so that no service can read the
answers meant for another.
"""

from dataclasses import dataclass

from courrier.events.jetstream.streams import EVENT_STREAMS

ADMIN = "admin"
"""The user that declares streams and the vault bucket; no service runs as it."""

SERVICES = ("fetcher", "linker", "sender", "gateway")

ARCHIVER = "archiver"
"""The user that takes the log out of the broker: it reads every stream and writes none."""

USERS = (ADMIN, *SERVICES, ARCHIVER)
"""Every user of the account that holds the streams."""

WRITES = {
    "fetcher": ("mailbox.>", "blob.>", "$KV.VAULT.oauth.>", "command.gateway.drop-blobs"),
    "linker": (
        "email.>",
        "command.fetcher.purge-messages",
        "command.fetcher.erase-received",
        "command.sender.erase-outbound",
        "command.gateway.drop-blobs",
    ),
    "sender": ("outbound.>", "campaign.>", "blob.>", "command.fetcher.renew-sign-in"),
    "gateway": ("settings.>", "crm.>", "export.>", "blob.>", "$KV.VAULT.>", "command.>"),
}

READS = {
    "fetcher": ("MAILBOX", "EMAIL", "SETTINGS", "OUTBOUND"),
    "linker": ("MAILBOX", "EMAIL", "OUTBOUND", "SETTINGS", "CRM"),
    "sender": ("OUTBOUND", "CAMPAIGN", "MAILBOX", "EMAIL", "SETTINGS", "CRM"),
    "gateway": ("MAILBOX", "EMAIL", "OUTBOUND", "CAMPAIGN", "SETTINGS", "CRM", "EXPORT"),
}

ERASES = {
    "fetcher": ("MAILBOX",),
    "linker": ("EMAIL",),
    "sender": ("OUTBOUND",),
    "gateway": ("CRM", "BLOBS"),
}
"""Streams that a service may overwrite messages of: its own, and the blobs nobody refers to."""

EVERYONE_READS = ("BLOBS", "DEAD", "KV_VAULT")


@dataclass(frozen=True, slots=True)
class Permissions:
    """NATS subjects a user may publish and subscribe to; answers to requests come on top."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox_prefix(service: str) -> str:
    """Return the prefix of the service's private inboxes."""
    return f"_INBOX_{service}"


def permissions_of(service: str) -> Permissions:
    """Return what the user of this service may do.

    Raises:
        KeyError: no such service.
    """
    if service == ARCHIVER:
        return _archiver()
    streams = (*READS[service], *EVERYONE_READS)
    reading = [subject for stream in streams for subject in _reading(stream)]
    own = (f"lease.{service}.>", "dead.>", "ping.>", "$JS.API.INFO")
    # Whether the log was restored (its epoch) stands in every stream's description.
    looking = (f"$JS.API.STREAM.INFO.{stream}" for stream in EVENT_STREAMS)
    erasing = (f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in ERASES[service])
    publish = (*WRITES[service], *own, *dict.fromkeys((*looking, *reading)), *erasing)
    subscribe = (f"{inbox_prefix(service)}.>", f"command.{service}.>", "ping.>")
    return Permissions(publish, subscribe)


def _archiver() -> Permissions:
    streams = (*EVENT_STREAMS, "BLOBS")
    infos = (f"$JS.API.STREAM.INFO.{stream}" for stream in streams)
    reads = (f"$JS.API.DIRECT.GET.{stream}" for stream in streams)
    lasts = (f"$JS.API.DIRECT.GET.{stream}.>" for stream in streams)
    by_leader = (f"$JS.API.STREAM.MSG.GET.{stream}" for stream in streams)
    publish = ("lease.archive.>", "$JS.API.INFO", *infos, *reads, *lasts, *by_leader)
    return Permissions(publish, (f"{inbox_prefix(ARCHIVER)}.>",))


def _reading(stream: str) -> tuple[str, ...]:
    return (
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.*.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
        f"$JS.FC.{stream}.>",
    )
