# ruff: noqa: RUF001 (names stand as they are written)
"""Names of months and zones as Date fields write them."""

# Each language's names by their first letters, English first; none of them means two months.
_NAMES = (
    "jan ene gen sty led янв січ oca ian sau siij",
    "feb fév fev lut úno uno фев лют şub sub vas",
    "mar mär mrz mrt maa bře bre мар бер mär kov",
    "apr avr abr kwi dub апр кві nis huh bal",
    "may mai mag maj mei май мая тра kvě kve máj geg",
    "jun juin giu cze июн чер haz jún bir",
    "jul juil lug lip июл лип tem júl lie",
    "aug aoû aou ago sie авг сер ağu agu rug srp",
    "sep set wrz сен вер eyl zář zar syy",
    "oct okt ott out paź paz окт жов eki říj rij spa",
    "nov noi lis ноя лис kas",
    "dec dez déc dic des gru дек гру ara pro gen gruod",
)

MONTHS: dict[str, int] = {}
for _number, _words in enumerate(_NAMES, 1):
    for _word in _words.split():
        MONTHS.setdefault(_word, _number)

# RFC 5322 section 4.3, and what servers wrote beside it. Military letters say nothing (there).
ZONE_HOURS: dict[str, float] = dict.fromkeys((*"ABCDEFGHIKLMNOPQRSTUVWXYZ", "GMT", "UTC", "UT"), 0)
ZONE_HOURS |= {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AST": -4, "ADT": -3, "NST": -3.5, "NDT": -2.5, "AKST": -9, "AKDT": -8, "HST": -10,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "BST": 1, "MET": 1, "MEST": 2,
    "MEWT": 1, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "SAST": 2, "JST": 9, "KST": 9, "HKT": 8,
    "SGT": 8, "AWST": 8, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "WIB": 7,
    "GST": 4, "PKT": 5, "BRT": -3, "ART": -3, "CLT": -4, "COT": -5, "PET": -5,
}  # fmt: skip


def month_of(word: str) -> int | None:
    """The number of a month by its name in some language, long or short."""
    lower = word.lower()
    return MONTHS.get(lower[:4]) or MONTHS.get(lower[:3])
