"""Which column is which field of a record, guessed from its name, and what a row then says."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from courrier.events.families.crm import RecordFields

from .record import record_id_of
from .refusals import Unfit

ACCOUNT_BY_ID_ELSEWHERE = "account_external_id"
CUSTOM = "custom."
FIELDS = (
    *(
        name
        for name in RecordFields.model_fields
        if name not in {"custom", "number", "email_id", "files", "parent"}
    ),
    ACCOUNT_BY_ID_ELSEWHERE,
)
"""Fields that a column may be, beside ``custom.<name>``."""

_LISTS = frozenset({"email_addresses", "opted_out", "invalid", "contact_ids", "team_ids"})
_SEVERAL = re.compile(r"[;,\s]+")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\Z")
_NAMES: Mapping[str, str] = {
    "name": "name company societe entreprise nom account organisation organization raisonsociale",
    "first_name": "firstname prenom givenname forename",
    "last_name": "lastname nomdefamille surname familyname",
    "email_addresses": "email emails mail courriel emailaddress adresseemail emailaddresses",
    "phone": "phone telephone tel mobile phonenumber portable",
    "website": "website site siteweb url web",
    "description": "description notes note commentaire comments comment",
    "status": "status statut etat",
    "stage": "stage etape",
    "amount": "amount montant",
    "currency": "currency devise",
    "closes_on": "closedate closeson dateprevue cloture",
    "due_at": "due dueat duedate echeance",
    "priority": "priority priorite",
    "external_id": "id externalid identifiant idexterne reference ref",
    ACCOUNT_BY_ID_ELSEWHERE: "accountid accountexternalid idcompte idsociete",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}

Mapped = Mapping[str, str]
"""Field by column; a column that is not there is left out."""


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Return which columns are which fields, by their names in English and French."""
    found: dict[str, str] = {}
    for column in columns:
        field = _FIELD_OF.get(_plain(column))
        if field and field not in found.values():
            found[column] = field
    return found


def check_mapping(columns: Sequence[str], mapping: Mapped) -> None:
    """Check a mapping against a file.

    Raises:
        Unfit: it names a column that is not there, a field that there is not, or one twice.
    """
    seen: set[str] = set()
    for column, field in mapping.items():
        pointer = f"/mapping/{column.replace('~', '~0').replace('/', '~1')}"
        if column not in columns:
            raise Unfit("the file has no such column", pointer=pointer)
        if field not in FIELDS and not (field.startswith(CUSTOM) and len(field) > len(CUSTOM)):
            raise Unfit("there is no such field", pointer=pointer)
        if field in seen:
            raise Unfit("another column is this field already", pointer=pointer)
        seen.add(field)
    if not seen:
        raise Unfit("no column is any field", pointer="/mapping")


def said_by(columns: Sequence[str], values: Sequence[str], mapping: Mapped) -> dict[str, object]:
    """Return what a row says, as a client would send it; an empty cell says nothing."""
    said: dict[str, object] = {}
    custom: dict[str, object] = {}
    for column, value in zip(columns, values, strict=True):
        field = mapping.get(column)
        if not field or not value:
            continue
        if field.startswith(CUSTOM):
            custom[field.removeprefix(CUSTOM)] = value
        elif field == ACCOUNT_BY_ID_ELSEWHERE:
            said["account_id"] = record_id_of("account", value)
        else:
            said[field] = _value(field, value)
    return said | ({"custom": custom} if custom else {})


def column_of(pointer: str | None, mapping: Mapped) -> str | None:
    """Return the column that a pointer to a field means."""
    if not pointer:
        return None
    parts = pointer.split("/")[1:]
    field = f"{CUSTOM}{parts[1]}" if parts[:1] == ["custom"] and len(parts) > 1 else parts[0]
    by_field = {field: column for column, field in mapping.items()}
    if field == "account_id":
        return by_field.get(field, by_field.get(ACCOUNT_BY_ID_ELSEWHERE))
    return by_field.get(field)


def _value(field: str, value: str) -> object:
    if field in _LISTS:
        return [each for each in _SEVERAL.split(value) if each]
    if field == "amount":
        return _amount(value)
    if field in {"closes_on", "due_at"} and (match := _DAY_FIRST.match(value)):
        day, month, year = match.groups()
        value = f"{year}-{int(month):02d}-{int(day):02d}"
    return f"{value}T00:00:00Z" if field == "due_at" and len(value) == len("2026-01-31") else value


def _amount(value: str) -> str:
    """Return a number as a program writes it: the last of point and comma is the decimal one."""
    digits = re.sub(r"[\s\u00a0\u202f'€$£]", "", value)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma > point:
        return digits.replace(".", "").replace(",", ".")
    return digits.replace(",", "")


def _plain(column: str) -> str:
    text = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    return _NO_WORD.sub("", text)
