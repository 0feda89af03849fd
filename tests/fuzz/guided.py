"""Coverage-guided fuzzing of the reader: ``python -m fuzz.guided --seconds 60 --found DIR``.

Starts from the corpus, keeps what reaches new branches of ``courrier.mail``, and stops at the first
broken promise, whose message is then in ``DIR`` (libFuzzer's ``crash-…``, ``timeout-…``).
"""

import argparse
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["courrier.mail"]):
    from fuzz.promises import check_reading

from fuzz.mutating import LONGEST, mutated, seeds

SLOWNESS = 20.0
"""Instrumented code on a machine that does other things as well."""
SLOWEST_S = 25
MOST_MB = 2_000


def main() -> None:
    """Fuzz for so many seconds; exit 0 if every promise was kept."""
    options = _options()
    options.found.mkdir(parents=True, exist_ok=True)
    start = seeds()

    def mutate(raw: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.2:
            return bytes(atheris.Mutate(raw, longest))
        return mutated(raw, start, chance)[:longest]

    with TemporaryDirectory() as folder:
        for number, raw in enumerate(start):
            Path(folder, str(number)).write_bytes(raw)
        arguments = [
            sys.argv[0], folder, f"-max_total_time={options.seconds}", f"-seed={options.seed}",
            f"-runs={options.runs}",
            f"-max_len={LONGEST}", f"-timeout={SLOWEST_S}", f"-rss_limit_mb={MOST_MB}",
            f"-artifact_prefix={options.found}/", "-print_final_stats=1", "-verbosity=0",
        ]  # fmt: skip
        atheris.Setup(arguments, _check, custom_mutator=mutate)
        atheris.Fuzz()


def _check(raw: bytes) -> None:
    check_reading(raw, SLOWNESS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=-1, help="At most so many messages.")
    parser.add_argument("--found", type=Path, default=Path())
    return parser.parse_args()


if __name__ == "__main__":
    main()
