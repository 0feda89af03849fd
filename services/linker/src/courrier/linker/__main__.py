"""``python -m courrier.linker`` is ``courrier linker``."""

from courrier.linker.cli import cli

if __name__ == "__main__":
    cli()
