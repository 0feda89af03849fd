"""A process that reads as the real one does, and dies of some messages."""

import os
import signal
import time

from courrier.fetcher.adapters.readers.process import main
from courrier.mail.message import Summary
from courrier.mail.parse import summarise


def read(raw: bytes) -> Summary:
    """Die, stall or break where the message says so."""
    if b"kill" in raw:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"stall" in raw:
        time.sleep(60)
    if b"break" in raw:
        raise MemoryError
    return summarise(raw)


if __name__ == "__main__":
    main(read)
