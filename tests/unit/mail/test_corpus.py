import json
from pathlib import Path

import pytest

from courrier.mail.parse import parse
from courrier.mail.to_json import to_json

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.eml")), ids=lambda path: path.stem)
def test_a_message_of_the_corpus_reads_as_recorded(path: Path) -> None:
    """What once was read right stays right; the fields named in the record are compared."""
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    read = to_json(parse(path.read_bytes()))

    assert expected == {name: read[name] for name in expected}


def test_each_message_of_the_corpus_has_a_record() -> None:
    """A message without a record would promise nothing."""
    messages = {path.stem for path in CORPUS.glob("*.eml")}

    assert messages == {path.stem for path in CORPUS.glob("*.json")}
    assert len(messages) >= 30
