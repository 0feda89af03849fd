"""``python -m courrier.local.demo``: the demo's mail server, until SIGTERM."""

from .server import main

if __name__ == "__main__":
    main()
