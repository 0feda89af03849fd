"""A service as the supervisor sees it: answers /readyz, ends on SIGTERM, dies when killed.

Run as a script by the tests of ``courrier.local``.
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ready(BaseHTTPRequestHandler):
    """Everything is fine."""

    def do_GET(self) -> None:
        """Answer 200."""
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    port = os.environ.get("COURRIER_GATEWAY_PORT") or os.environ["COURRIER_HEALTH_PORT"]
    ThreadingHTTPServer(("127.0.0.1", int(port)), Ready).serve_forever()
