"""pymap, an IMAP server from PyPI that lacks what Dovecot has: CONDSTORE, SPECIAL-USE, SASL-IR.

It needs no Debian package. It runs on a thread of the test process, with its in-memory backend:
the one on disk sends bare LF.
"""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import BuiltinHash
from typing_extensions import override

from courrier.local.ports import HOST, free_port
from support.certificates import Certificates
from support.imap_accounts import ImapAccount, ImapServer
from support.loop_thread import LoopThread

PASSWORD = "pymap-password"
HASH = BuiltinHash(rounds=1000).hash(PASSWORD)  # a log-in costs 0.4 s with its usual rounds


@dataclass(frozen=True, slots=True)
class PoorImapServer(ImapServer):
    """A server whose users exist from their first mention."""

    login: Login = field(repr=False)

    @override
    def account(self, user: str) -> ImapAccount:
        """Return the account of this user, made if there is none."""
        config = self.login.config
        if user not in self.login.users_dict:
            config.set_cache[user] = (MailboxSet(), FilterSet())
            self.login.users_dict[user] = UserMetadata(config, user, password=HASH)
        return ImapServer.account(self, user)


@contextmanager
def start_pymap(certificates: Certificates) -> Iterator[PoorImapServer]:
    """Serve on two ports, one with TLS from the first byte, until the block ends."""
    context = certificates.server_context()
    tls_port, clear_port = free_port(), free_port()

    async def listen() -> tuple[Login, list[asyncio.Server]]:
        config = _config(context)
        login = Login(config)
        config.apply_context()
        tls = IMAPServer(login, _config(None))
        clear = IMAPServer(login, config)
        return login, [await _serve(tls, tls_port, context), await _serve(clear, clear_port, None)]

    with LoopThread() as thread:
        login, servers = thread.run(listen())
        try:
            yield PoorImapServer(
                HOST, tls_port, clear_port, PASSWORD, certificates.ca_file, login=login
            )
        finally:
            for server in servers:
                thread.loop.call_soon_threadsafe(server.close)


def _config(starttls: ssl.SSLContext | None) -> Config:
    return Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=HOST,
        port=0,
        ssl_context=starttls,
        tls_enabled=starttls is not None,
        demo_data=False,
        demo_user="",
        demo_password="",
    )


async def _serve(server: IMAPServer, port: int, tls: ssl.SSLContext | None) -> asyncio.Server:
    on_connection = ProxyProtocolReader(ProxyProtocolNoop()).get_callback(server)
    return await asyncio.start_server(on_connection, HOST, port, ssl=tls)
