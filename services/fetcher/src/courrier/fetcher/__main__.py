"""``python -m courrier.fetcher``."""

from courrier.fetcher.cli import cli

if __name__ == "__main__":
    cli()
