"""One line a thing an operator would act on: a dotted name in the past tense, then keys.

Never a body, a subject line, a token or a password; addresses only at debug.
"""

import logging
import sys

import structlog


def set_up_logging(service: str, *, level: str, fmt: str) -> None:
    """Send structlog and the libraries' warnings to standard error as JSON lines or for people."""
    number = getattr(logging, level.upper())
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    renderer = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
