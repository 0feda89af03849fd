"""A provider that people sign in with, on loopback: authorise, token, introspect, revoke.

It checks what a real one checks: client, redirect address, PKCE (RFC 7636), codes that work once,
and, as strict providers do, refresh tokens that work once.
"""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from courrier.local.ports import HOST

CLIENT = "courrier-client"
CLIENT_SECRET = "client-secret"
Form = dict[str, str]
Answer = tuple[int, dict[str, object]]


@dataclass
class Provider:
    """What was agreed to, by token; ``refreshes`` counts, ``lives_s`` is told with each token.

    ``withdrawn``: the person took the consent back. ``is_down``: every question is answered 503.
    """

    user: str = "grace@example.test"
    lives_s: int = 3600
    refresh_lives_s: int = 0
    withdrawn: bool = False
    is_down: bool = False
    refreshes: int = 0
    url: str = ""
    codes: dict[str, Form] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def agree(self, authorization_url: str) -> str:
        """Return where the browser of a person who agrees is sent."""
        asked = {key: one[0] for key, one in parse_qs(urlsplit(authorization_url).query).items()}
        if asked["client_id"] != CLIENT or asked["code_challenge_method"] != "S256":
            raise AssertionError(f"not what was registered: {asked}")
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def answer(self, path: str, form: Form) -> Answer:
        """Return status and JSON object for a POST."""
        with self.lock:
            if self.is_down:
                return 503, {}
            match path:
                case "/token":
                    return self._token(form)
                case "/introspect":
                    is_active = form.get("token") in self.access and not self.withdrawn
                    return 200, {"active": is_active, "email": self.user}
                case "/revoke":
                    self.revoked.append(form["token"])
                    return 200, {}
            return 404, {}

    def _token(self, form: Form) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            digest = sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            fits = asked and (asked["code_challenge"], asked["redirect_uri"]) == (
                challenge,
                form["redirect_uri"],
            )
            return self._grant() if fits else (400, {"error": "invalid_grant"})
        self.refreshes += 1
        if self.withdrawn or form.get("refresh_token") not in self.refresh:
            return 400, {"error": "invalid_grant"}
        self.refresh.discard(form["refresh_token"])
        return self._grant()

    def _grant(self) -> Answer:
        access, refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.access.add(access)
        self.refresh.add(refresh)
        told = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer"}
        if self.refresh_lives_s:
            told |= {"refresh_token_expires_in": str(self.refresh_lives_s)}
        return 200, {**told, "expires_in": self.lives_s}


@contextmanager
def oauth_server() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            read = parse_qs(self.rfile.read(length).decode())
            form = {key: one[0] for key, one in read.items()}
            status, told = provider.answer(self.path, form)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    provider.url = f"http://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
