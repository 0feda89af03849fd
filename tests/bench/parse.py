"""``courrier bench parse``: messages a second, on one core, from raw bytes to the parsed form.

Ours is everything that ``POST /emails/parse`` answers but the sanitised HTML, which is made when
somebody looks. The limit of the ratio is the standard library's fast policy (compat32) giving the
same data by hand. Beside it: its modern policy, and two packages, each asked for what it has.
Rounds alternate, so that a drifting machine touches all alike; the medians are compared.
"""

import inspect
import time
from collections.abc import Callable, Sequence
from statistics import median

import fast_mail_parser
import mailparser

from bench import stdlib_reading
from bench.corpus import messages
from bench.result import Result, cpu_s
from courrier.mail.parse import parse, summarise

SEED = 7
ROUNDS = 3
Reader = Callable[[bytes], object]


def run(count: int) -> Result:
    """Time all readers over the same generated messages."""
    corpus = list(messages(count, SEED))
    rates = _rates(corpus)
    ours, limit = rates["courrier"], rates["email, compat32"]
    mean_kib = sum(map(len, corpus)) / len(corpus) / 1024
    return Result(
        bench="parse",
        n=count,
        value=ours,
        unit="messages/s",
        limit=limit,
        ratio=ours / limit,
        cpu_s=cpu_s(),
        detail={
            "mean_kib": round(mean_kib, 1),
            "compiled": not inspect.isfunction(parse),
            "messages_per_s": {name: round(rate) for name, rate in rates.items()},
            "us_per_message": {name: round(1e6 / rate, 1) for name, rate in rates.items()},
        },
    )


def _rates(corpus: Sequence[bytes]) -> dict[str, float]:
    readers = _readers()
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for round_ in range(ROUNDS):
        for name, read in readers.items():
            # The slow ones see a part of the corpus, each round another one.
            part = corpus if name.startswith("courrier") else corpus[round_::ROUNDS]
            taken[name].append(len(part) / _seconds(read, part))
    return {name: median(rates) for name, rates in taken.items()}


def _readers() -> dict[str, Reader]:
    return {
        "courrier": lambda raw: parse(raw, with_html=False),
        "courrier, what the fetcher needs": summarise,
        "courrier, with the HTML sanitised": parse,
        "email, compat32": stdlib_reading.by_compat32,
        "email, policy.default": stdlib_reading.by_default_policy,
        "mail-parser": _by_mail_parser,
        "fast-mail-parser (Rust; nothing of quotation, bounces, robots)": _by_fast_mail_parser,
    }


def _by_mail_parser(raw: bytes) -> object:
    mail = mailparser.parse_from_bytes(raw)
    return mail.message_id, mail.from_, mail.to, mail.cc, mail.subject, mail.date, mail.body


def _by_fast_mail_parser(raw: bytes) -> object:
    try:
        mail = fast_mail_parser.parse_email(raw)
    except fast_mail_parser.ParseError:
        return None  # it refuses some of the damaged messages
    return mail.subject, mail.text_plain, mail.text_html, mail.attachments


def _seconds(read: Reader, corpus: Sequence[bytes]) -> float:
    started = time.process_time()
    for raw in corpus:
        read(raw)
    return time.process_time() - started
