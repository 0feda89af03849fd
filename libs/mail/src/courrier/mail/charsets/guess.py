# ruff: noqa: RUF001
"""Which charset unlabelled 8-bit text is in, found by reading it in each and seeing what is a text.

Every candidate decodes the same sample; the reading whose characters a language really uses, in
words of one case pattern, wins. Bounded: a sample of 2 KB, some twenty candidates.
"""

import codecs
import re
from collections import Counter
from functools import lru_cache

from courrier.mail.charsets.letters import (
    ARABIC,
    CYRILLIC,
    GREEK,
    HEBREW,
    JAPANESE,
    KOREAN,
    LATIN,
    SIMPLIFIED,
    THAI,
    TRADITIONAL,
)

_SAMPLE_BYTES = 2_048
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_PUNCTUATION = frozenset("“”‘’„‚«»–—…•·€£©®°§№\u00a0¿¡‹›、。「」！？：，（）；・ー～【】《》")
_SIGNS = frozenset("½¼¾±×µ·ºª¹²³¥¢¬´¨¤÷¶™")
_CASE_BROKEN = re.compile(
    "[a-zß-öø-ÿāăąćčďđēęěğģīįıķĺļľłńņňőœŕřśşšţťūůűųźżžа-яёіїєґα-ωά-ώ]"
    "[À-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁІЇЄҐΑ-Ω]"
)
_ASCII_NEIGHBOUR = re.compile("[A-Za-z](?=[^\\W\\d_a-zA-Z])|[^\\W\\d_a-zA-Z](?=[A-Za-z])")
# A letter alone is a word in few cases; a sign read in the wrong charset often is one.
_ALONE = re.compile(
    r"(?<![^\W\d_])[^\W\d_a-zA-ZàèéìíòóùÀÉсуокяиваіОЯИВА½¼¾¹²³ºªµ\u3040-\uffff](?![^\W\d_])"
)
_SIGN_IN_WORD = re.compile(r"(?<=[A-Za-z])[“”„‚…‡†‹›«»¡¿](?=[a-z])|[ß-öø-ÿ](?=[A-Z][a-z])")
_THREE_ACCENTED = re.compile("[^\\W\\d_a-zA-Z]{3}")
# A vowel written before its consonant stands before one, a mark above or below on one.
_THAI_BROKEN = re.compile("[เ-ไ][^ก-ฮ]|(?<![ก-ฮ])[ัิ-ฺ็]|(?<![ก-ฮัิ-ฺ])[่-๋]|(?<![ก-ฮ็-๋])[ะา]")
_OTHER_SCRIPTS = {"cyrillic", "greek", "hebrew", "arabic", "thai"}
_VOWELS = {
    "cyrillic": frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ"),
    "greek": frozenset("αεηιουωάέήίόύώΑΕΗΙΟΥΩΆΈΉΊΌΎΏ"),
}
_TONOS = frozenset("άέήίόύώΐΰΆΈΉΊΌΎΏ")
_SYMBOL = -1.0
_FOREIGN = -1.0

_SINGLE = {
    "cp1252": ("fr", "de", "es", "pt", "it", "nordic", "nl", "is"),
    "cp1250": ("cs", "pl", "hu", "ro", "hr"),
    "iso8859_2": ("cs", "pl", "hu", "ro", "hr"),
    "cp1254": ("tr",),
    "cp1257": ("lt", "lv", "et"),
    "cp850": ("fr", "de", "es", "nordic"),
    "mac_roman": ("fr", "de", "es", "it"),
    "cp1251": ("cyrillic",),
    "koi8_u": ("cyrillic",),
    "cp866": ("cyrillic",),
    "iso8859_5": ("cyrillic",),
    "cp1253": ("greek",),
    "cp1255": ("hebrew",),
    "cp1256": ("arabic",),
    "cp874": ("thai",),
}
_MULTI = ("gb18030", "big5", "cp949", "cp932", "euc_jp")
# Equal readings are decided for what is more often met.
_PRIOR = {"cp1251": 0.12, "koi8_u": 0.1, "cp866": -0.3, "cp1257": -0.25, "mac_roman": -0.7,
          "iso8859_5": -0.1, "iso8859_2": -0.03,
          "cp850": -0.6, "gb18030": 0.02, "euc_jp": -0.02}  # fmt: skip


def guess_codec(content: bytes, hint: str | None = None) -> str:
    """Python's name of the charset that the content, which is not UTF-8, is most likely in.

    Args:
        content: any bytes.
        hint: the codec of a neighbour's label: taken unless the content is no text in it.
    """
    return _guess(_sample(content), hint)


@lru_cache(maxsize=1_024)
def _guess(sample: bytes, hint: str | None) -> str:
    """Remembered, as the names and subjects of a message repeat."""
    scores = {codec: _rate(sample, codec) for codec in (*_MULTI, *_SINGLE)}
    best = max(scores, key=lambda codec: scores[codec])
    if hint is not None and hint != "utf-8":
        known = "big5" if hint == "big5hkscs" else hint.replace("-", "_")
        rated = scores.get(known) if known in scores else _rate_unknown(sample, hint)
        if rated is not None and (rated > scores[best] - 0.6 or rated > 0):
            return hint
    return best if scores[best] > -0.9 else "cp1252"


def _sample(content: bytes) -> bytes:
    """The words around the first bytes beyond ASCII."""
    found = _BEYOND_ASCII.search(content)
    start = max(0, found.start() - 40) if found is not None else 0
    return content[start : start + _SAMPLE_BYTES]


def _read(sample: bytes, codec: str, errors: str = "strict") -> str | None:
    """The sample in that charset, a character cut off at its end left out; `None` if impossible."""
    try:
        return codecs.getincrementaldecoder(codec)(errors).decode(sample)
    except (UnicodeError, LookupError, ValueError):
        return None


def _rate_unknown(sample: bytes, codec: str) -> float | None:
    return None if _read(sample, codec) is None else 0.5


def _rate(sample: bytes, codec: str) -> float:
    """From about -2 (no text) to about 1 (every character is one that the language often has)."""
    multi = codec in _MULTI
    text = _read(sample, codec, "strict" if multi else "replace")
    if text is None:
        return -2.0
    beyond = Counter(character for character in text if character > "\x7f")
    number = sum(beyond.values())
    if not number:
        return -2.0
    prior = _PRIOR.get(codec, 0.0)
    if multi:
        return prior + sum(_han(codec, each) * many for each, many in beyond.items()) / number
    best = max(_rate_language(beyond, language) for language in _SINGLE[codec])
    return prior + best - _oddness(text, beyond, _SINGLE[codec][0]) / number


def _oddness(text: str, beyond: Counter[str], language: str) -> float:
    """How many places are not as words are: case, mixed scripts, too few or many vowels."""
    odd = 1.2 * len(_CASE_BROKEN.findall(text)) + 1.2 * len(_ALONE.findall(text))
    odd += len(_SIGN_IN_WORD.findall(text))
    if language not in _OTHER_SCRIPTS:
        return odd + 1.5 * len(_THREE_ACCENTED.findall(text))
    odd += 1.0 * len(_ASCII_NEIGHBOUR.findall(text))
    if language == "thai":
        return odd + len(_THAI_BROKEN.findall(text))
    vowels = _VOWELS.get(language)
    number = sum(many for each, many in beyond.items() if each.isalpha())
    if language == "greek" and number > 3 and _TONOS.isdisjoint(beyond):
        # Hardly a Greek word of lower case is without an accent.
        odd += 0.3 * number
    if vowels is not None and number > 3:
        share = sum(many for each, many in beyond.items() if each in vowels) / number
        odd += number * 2 * max(0.0, 0.28 - share, share - 0.62)
    return odd


def _rate_language(beyond: Counter[str], language: str) -> float:
    weights, readiness = _weights(language)
    total = counted = 0.0
    for character, many in beyond.items():
        if character in _PUNCTUATION:
            total += 0.15 * many
            counted += 0.3 * many
        elif character in _SIGNS:
            total += 0.3 * many
            counted += many
        else:
            total += weights.get(character, _rate_stranger(character)) * many
            counted += many
    return total / counted + readiness * 0.5


def _rate_stranger(character: str) -> float:
    if character == "\ufffd" or character < "\xa0":
        return -2.0
    return _FOREIGN if character.isalpha() else _SYMBOL


@lru_cache(maxsize=32)
def _weights(language: str) -> tuple[dict[str, float], float]:
    letters, readiness = LATIN.get(language) or (_SCRIPTS[language], 0.0)
    weights: dict[str, float] = {}
    for rank, letter in enumerate(letters):
        weight = 1.0 - 0.8 * rank / len(letters)
        weights[letter] = weight
        if letter.upper() != letter and len(letter.upper()) == 1:
            weights.setdefault(letter.upper(), weight * 0.75)
    if language == "tr":
        weights["İ"] = 0.6
        del weights["I"]
    return weights, readiness


_SCRIPTS = {
    "cyrillic": CYRILLIC, "greek": GREEK, "hebrew": HEBREW, "arabic": ARABIC, "thai": THAI,
}  # fmt: skip
_COMMON_HAN = {
    "gb18030": SIMPLIFIED, "big5": TRADITIONAL, "cp949": frozenset[str](), "cp932": JAPANESE,
    "euc_jp": JAPANESE,
}  # fmt: skip


def _han(codec: str, character: str) -> float:
    """What a character of East Asia speaks for the charset."""
    if "\u3040" <= character <= "\u30ff":
        return 0.9 if codec in {"cp932", "euc_jp"} else -0.6
    if "\uac00" <= character <= "\ud7a3":
        if codec != "cp949" or not _in_ks_c_5601(character):
            return -1.0
        return 1.0 if character in KOREAN else 0.2
    if "\u4e00" <= character <= "\u9fff":
        common = _COMMON_HAN[codec]
        return 1.0 if character in common else (0.0 if _is_level_1(codec, character) else -1.0)
    if character in _PUNCTUATION or "\uff01" <= character <= "\uff5e":
        return 0.2
    return -1.2


def _in_ks_c_5601(character: str) -> bool:
    first = character.encode("cp949")
    return 0xB0 <= first[0] <= 0xC8 and first[1] >= 0xA1


def _is_level_1(codec: str, character: str) -> bool:
    """The first of two planes of Han characters holds those in daily use."""
    first = character.encode(codec)
    low, high = _LEVEL_1[codec]
    return low <= first[0] <= high and (codec != "gb18030" or first[1] >= 0xA1)


_LEVEL_1 = {
    "gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "cp949": (0, 0), "cp932": (0x88, 0x97),
    "euc_jp": (0xB0, 0xCF),
}  # fmt: skip
