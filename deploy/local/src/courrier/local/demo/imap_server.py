"""IMAP over TLS for every address of the demo, by pymap (IDLE, MOVE, UIDPLUS; no CONDSTORE)."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata

from courrier.local.ports import HOST

from .kept_mailboxes import KeptMailboxes


async def open_mailboxes(directory: Path, addresses: Iterable[str]) -> dict[str, KeptMailboxes]:
    """Read the mailboxes of these addresses, making empty ones where there are none."""
    opened: dict[str, KeptMailboxes] = {}
    for address in addresses:
        opened[address] = KeptMailboxes(directory / address)
        await opened[address].load()
    return opened


def configuration() -> Config:
    """Return pymap's settings, already applied to the running context."""
    arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
    config = Config(
        arguments,
        host=HOST,
        port=0,
        tls_enabled=False,  # STARTTLS is not offered: the port speaks TLS from the first byte
        demo_data=False,
        demo_user="",
        demo_password="",
    )
    config.apply_context()
    return config


async def serve_imap(
    config: Config,
    mailboxes: Mapping[str, KeptMailboxes],
    password: str,
    *,
    port: int,
    tls: ssl.SSLContext,
) -> asyncio.Server:
    """Listen; every address logs in with the one password."""
    login = Login(config)
    hashed = await Passwords(config).hash_password(password)
    for address, folders in mailboxes.items():
        login.users_dict[address] = UserMetadata(config, address, password=hashed)
        config.set_cache[address] = (folders, FilterSet())
    reader = ProxyProtocolReader(ProxyProtocolNoop())
    on_connection = reader.get_callback(IMAPServer(login, config))
    return await asyncio.start_server(on_connection, HOST, port, ssl=tls)
