"""``python -m courrier.fetcher.adapters.readers.process``: read what comes, answer, end with it.

It has no secret and no connection but the one to its parent, on descriptor 0: whoever takes it over
with a message has the messages that it is given, and nothing else. It limits its own memory and
each request's time, so that it ends even where its parent is gone or cannot be asked.
"""

import gc
import resource
import signal
import socket

from courrier.fetcher.adapters.readers import frames
from courrier.fetcher.domain.reading import Read, read_all
from courrier.mail.parse import summarise

MOST_BYTES = 3 * 1024 * 1024 * 1024
"""Address space: thirty times the largest message."""
LONGEST_S = 120
"""Seconds for a request, after which the system ends the process; the parent waits less."""


def main(read: Read = summarise) -> None:
    """Serve the parent until it closes the line."""
    for number in (signal.SIGTERM, signal.SIGINT):  # meant for the parent, and told to its group
        signal.signal(number, signal.SIG_IGN)
    parent = socket.socket(fileno=0)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    frames.send(parent, "ready", [])
    while True:
        signal.alarm(0)
        try:
            frame = frames.receive(parent)
        except (OSError, frames.Ended):
            return
        signal.alarm(LONGEST_S)
        origin, messages = frames.requested(frame)
        frames.send(parent, *frames.answer(read_all(origin, messages, read)))


if __name__ == "__main__":
    main()
