"""HTML made to run code, to fetch or to deceive: what a message may never do to a page.

`html_attacks.json` holds the ways in by family; `hit()` stands for the code and `e.example` for the
attacker's host. Addresses are tried in each place that takes one.
"""

import json
from pathlib import Path

_FAMILIES: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
_COMBINED = ("addresses", "places of an address", "styles", "sheets")

ATTACKS = [
    *(each for name, family in _FAMILIES.items() if name not in _COMBINED for each in family),
    *(
        place.format(address)
        for address in _FAMILIES["addresses"]
        for place in _FAMILIES["places of an address"]
    ),
    *(f'<p style="{style}">a</p>' for style in _FAMILIES["styles"]),
    *(f"<style>{sheet}</style><p class=a>a</p>" for sheet in _FAMILIES["sheets"]),
]
