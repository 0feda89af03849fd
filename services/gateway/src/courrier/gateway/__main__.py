"""``python -m courrier.gateway``."""

from courrier.gateway.cli.service import gateway

if __name__ == "__main__":
    gateway()
