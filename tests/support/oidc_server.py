"""An OpenID Connect provider on this machine that lets everybody in, and lies where it is told to.

Discovery, authorisation (at once, for ``person``), token exchange with PKCE checked, and keys.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from typing_extensions import override

CLIENT, SECRET = "courrier", "a-secret-of-both"


@dataclass
class OidcServer:
    """The provider; ``lies`` are put into the next ID tokens over the truth."""

    url: str
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    published: list[ECKey] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def authorize(self, query: Mapping[str, str]) -> str:
        """Return where the browser goes back to."""
        code = sha256(query["state"].encode()).hexdigest()
        self.codes[code] = dict(query)
        back = {"code": code, "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return what a code is exchanged for; nothing for one that is not good."""
        begun = self.codes.pop(form["code"], None)
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if begun is None or begun["code_challenge"] != challenge:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "s-1", "nonce": begun["nonce"]}
        claims |= {"iat": now, "exp": now + 60} | self.person | self.lies
        header = {"alg": "ES256", "kid": self.key.kid}
        return {"token_type": "Bearer", "id_token": jwt.encode(header, claims, self.key)}

    def document(self, path: str) -> dict[str, Any] | None:
        """Return what stands at a path."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token"}
            known = {name: self.url + end for name, end in (ends | {"jwks_uri": "/keys"}).items()}
            return {"issuer": self.url} | known
        if path == "/keys":
            keys = self.published or [self.key]
            return {"keys": [key.as_dict(private=False) for key in keys]}
        return None


def _handler(server: OidcServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            server.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", server.authorize(query))
                self.end_headers()
                return
            self._say(server.document(parts.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.asked.append(self.path)
            form = {name: values[0] for name, values in parse_qs(body).items()}
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            is_client = self.headers.get("Authorization") == f"Basic {basic}"
            found = server.token(form) if is_client else {"error": "invalid_client"}
            self._say(found, 400 if "error" in found else 200)

        def _say(self, found: dict[str, Any] | None, status: int = 200) -> None:
            self.send_response(404 if found is None else status)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        @override
        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


@contextmanager
def start_oidc() -> Iterator[OidcServer]:
    """Run a provider on a free port."""
    server = OidcServer("")
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
