"""``python -m courrier.sender`` is ``courrier sender``."""

from courrier.sender.cli import cli

cli()
