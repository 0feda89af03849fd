"""What a case says of itself that an e-mail opens."""

from courrier.events.families.crm import RecordFields
from courrier.events.families.email import EmailImported
from courrier.events.families.settings import GroupOptions

NAME_CHARS = 500


def case_of(
    imported: EmailImported, number: int, assigned: str | None, options: GroupOptions
) -> RecordFields:
    """Return a case's first fields: named as the e-mail, of the people whom it is linked to.

    The text stays in the e-mail, which the case names.
    """
    linked = {link.record.type: link.record.id for link in reversed(imported.links)}
    account, contact = linked.get("account"), linked.get("contact")
    name = " ".join((imported.subject or "").split())[:NAME_CHARS]
    return RecordFields(
        name=name or None,
        number=number,
        status="Assigned" if assigned else "New",
        assigned_user_id=assigned,
        account_id=account,
        contact_ids=(contact,) if contact else (),
        lead_id=None if account or contact else linked.get("lead"),
        team_ids=(options.case_team_id,) if options.case_team_id else options.team_ids,
        email_id=imported.email_id,
    )
