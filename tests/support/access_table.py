"""What each operation of the HTTP interface is about: from this alone the access matrix expects.

A new operation without a line here fails ``tests/integration/gateway/test_access_matrix.py``. The
expectations are written from the access model (docs/api.md), not from the code that decides.
"""

from dataclasses import dataclass
from typing import Literal

Relation = Literal["own", "team", "foreign", "private"]
Outcome = Literal["ok", "401", "403", "404"]
Kind = Literal[
    "open",
    "self",
    "admin",
    "create",
    "object",
    "email",
    "copy",
    "send",
    "mine",
    "given",
    "shared",
    "hidden",
    "session",
]

RELATIONS: dict[Kind, tuple[Relation, ...]] = {
    "object": ("own", "team", "foreign"),
    "email": ("own", "team", "foreign", "private"),
    "copy": ("own", "team", "foreign", "private"),
    "send": ("own", "team", "foreign", "private"),
    "mine": ("own", "foreign"),
    "given": ("own", "foreign"),
    "shared": ("team", "foreign"),
}
"""Objects that an operation of a kind is tried on; the others are tried once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``type`` is the kind of object in the path or the body, ``right`` what is done with it."""

    kind: Kind
    type: str = ""
    right: Literal["create", "read", "edit", "delete"] = "read"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody with one role that says the same of every type."""

    name: str
    reads: frozenset[Relation] = frozenset()
    edits: frozenset[Relation] = frozenset()
    creates: bool = False
    is_admin: bool = False


OWN: frozenset[Relation] = frozenset({"own"})
TEAM: frozenset[Relation] = OWN | {"team"}
ALL: frozenset[Relation] = TEAM | {"foreign"}
PERSONAS = (
    Persona("no"),
    Persona("own", OWN, OWN, creates=True),
    Persona("team", TEAM, TEAM, creates=True),
    Persona("all", ALL, ALL, creates=True),
    Persona("reader", ALL),
    Persona("admin", ALL, ALL, creates=True, is_admin=True),
)

OPEN, SELF, ADMIN = Rule("open"), Rule("self"), Rule("admin")
READ, EDIT, DELETE = (
    Rule("object", "contact"),
    Rule("object", "contact", "edit"),
    Rule("object", "contact", "delete"),
)
EMAIL = Rule("email", "email")

TABLE: dict[str, Rule] = {
    **dict.fromkeys(
        ("open_session", "forget_password", "use_password_reset", "asyncapi", "schemas", "schema"),
        OPEN,
    ),
    **dict.fromkeys(
        (
            "me",
            "end_session",
            "list_sessions",
            "end_sessions",
            "list_tokens",
            "create_token",
            "list_teams",
            "read_preferences",
            "change_my_preferences",
            "read_settings",
            "list_group_folders",
            "list_filters",
            "list_filter_suggestions",
            "list_templates",
            "list_smtp_accounts",
            "list_webhooks",
            "list_email_accounts",
            "list_from_addresses",
            "preview_template",
            "try_my_server",
            "create_email_account",
            "test_new_email_account",
            "list_email_account_presets",
            "list_group_account_presets",
            "list_oauth_providers",
            "create_folder",
            "create_filter",
            "list_jobs",
            "list_decisions",
            "list_tags",
            "list_threads",
            "see_notifications",
            "list_imports",
            "list_people",
            "split_pasted",
            "list_emails",
            "list_records",
            "parse_message",
            "thread_messages",
            "import_message",
            "live_events",
            "stream_events",
        ),
        SELF,
    ),
    "change_me": SELF,
    **dict.fromkeys(("list_folders", "change_many", "list_notifications"), Rule("self", "email")),
    **dict.fromkeys(
        (
            "list_users",
            "create_user",
            "read_user",
            "change_a_user",
            "remove_totp_of_user",
            "invite_user",
            "list_audit",
            "create_team",
            "change_a_team",
            "remove_team",
            "list_roles",
            "create_role",
            "read_role",
            "change_a_role",
            "remove_role",
            "change_settings",
            "create_smtp_account",
            "try_new_smtp_account",
            "create_webhook",
            "list_dead",
            "create_group_folder",
            "create_group_account",
            "test_new_group_account",
            "set_oauth_provider",
            "remove_oauth_provider",
            "list_group_accounts",
        ),
        ADMIN,
    ),
    "read_team": Rule("self", "team"),
    "create_record": Rule("create", "contact", "create"),
    "read_record": READ,
    "record_history": READ,
    "change_record": EDIT,
    "delete_record": DELETE,
    "create_template": Rule("create", "template", "create"),
    "read_template": Rule("object", "template"),
    "change_template": Rule("object", "template", "edit"),
    "remove_template": Rule("object", "template", "delete"),
    **dict.fromkeys(
        ("read_email", "holders", "explanation", "email_log", "email_page", "raw_email"), EMAIL
    ),
    "attachment": EMAIL,
    "change_email": Rule("copy", "email", "edit"),
    "delete_email": Rule("copy", "email", "edit"),
    "mark_spam": Rule("copy", "email", "edit"),
    "snooze_email": Rule("copy", "email", "edit"),
    "remind_of_email": Rule("copy", "email", "edit"),
    "reply": Rule("send", "email", "create"),
    "reply_all": Rule("send", "email", "create"),
    "forward": Rule("send", "email", "create"),
    "send_draft": Rule("send", "email", "create"),
    "cancel_sending": Rule("send", "email", "create"),
    "write_email": Rule("create", "email", "create"),
    "upload": Rule("create", "email", "create"),
    **dict.fromkeys(
        ("read_upload", "go_on", "upload_content", "give_up_upload"), Rule("mine", "upload")
    ),
    "open_private_email": ADMIN,
    **dict.fromkeys(("read_folder", "change_folder", "remove_folder"), Rule("mine", "folder")),
    **dict.fromkeys(("read_filter", "change_filter", "remove_filter"), Rule("mine", "filter")),
    **dict.fromkeys(
        (
            "read_email_account",
            "read_email_account_status",
            "read_email_account_ledger",
            "list_email_account_skipped",
            "verify_email_account_ledger",
            "change_email_account",
            "test_email_account",
            "start_sign_in_of_email_account",
            "revoke_sign_in_of_email_account",
            "list_email_account_folders",
            "pause_email_account",
            "resume_email_account",
            "fetch_email_account",
            "remove_email_account",
        ),
        Rule("given", "email_account"),
    ),
    **dict.fromkeys(
        (
            "change_password",
            "offer_totp",
            "confirm_totp",
            "remove_totp",
            "renew_recovery_codes",
            "claim_address",
            "confirm_address",
        ),
        Rule("session"),
    ),
    "hand_in": SELF,
    "upsert_records": Rule("create", "contact", "create"),
    "merge_record": EDIT,
    "end_one_session": Rule("mine", "session"),
    "delete_token": Rule("mine", "token"),
    **dict.fromkeys(("read_job", "cancel_job"), Rule("mine", "job")),
    **dict.fromkeys(
        ("read_import", "try_import", "run_import", "delete_import"), Rule("mine", "import")
    ),
    "read_group_folder": Rule("shared", "group_folder"),
    "change_group_folder": Rule("shared", "group_folder", "edit"),
    "remove_group_folder": Rule("shared", "group_folder", "delete"),
    **dict.fromkeys(
        ("read_smtp_account", "change_smtp_account", "remove_smtp_account", "try_smtp_account"),
        Rule("hidden", "smtp_account"),
    ),
    **dict.fromkeys(
        (
            "read_group_account",
            "read_group_account_status",
            "read_group_account_ledger",
            "list_group_account_skipped",
            "verify_group_account_ledger",
            "list_group_account_folders",
            "start_sign_in_of_group_account",
            "revoke_sign_in_of_group_account",
            "change_group_account",
            "pause_group_account",
            "resume_group_account",
            "fetch_group_account",
            "remove_group_account",
        ),
        Rule("hidden", "group_account"),
    ),
    "test_group_account": Rule("hidden", "group_account"),
}
"""The rule of each operation, by its id."""

ELSEWHERE: dict[str, str] = {
    "reparse_emails": "test_rereading.py",
    **dict.fromkeys(("link_email", "unlink_email", "convert_email"), "test_email_links.py"),
    "finish_sign_in": "test_signing_in.py",
    **dict.fromkeys(("undo_decision", "undo_on_email"), "test_undo.py"),
    **dict.fromkeys(("mark_not_spam", "block_sender"), "test_own_state.py"),
    **dict.fromkeys(
        (
            "read_thread",
            "change_thread",
            "split_thread",
            "merge_threads",
            "list_notes",
            "add_note",
            "list_presence",
            "say_presence",
        ),
        "test_conversations.py",
    ),
    "replay_dead": "test_dead.py",
    "dismiss_filter_suggestion": "test_filter_suggestions.py",
    **dict.fromkeys(("try_filter", "apply_filter"), "test_filters_over_past.py"),
    **dict.fromkeys(("resend_email", "mark_email_sent", "mark_email_failed"), "test_uncertain.py"),
    **dict.fromkeys(
        (
            "read_webhook",
            "change_webhook",
            "remove_webhook",
            "read_webhook_secret",
            "rotate_webhook_secret",
            "test_webhook",
            "list_webhook_deliveries",
            "retry_webhook_delivery",
        ),
        "test_webhooks.py",
    ),
}
"""Operations that need a story of their own, and where it is told; strangers are tried here."""


def expected(  # noqa: C901, PLR0911  a table
    rule: Rule, persona: Persona, relation: Relation
) -> Outcome:
    """Return what the access model says of this operation, person and object."""
    match rule.kind:
        case "admin":
            return "ok" if persona.is_admin else "403"
        case "create":
            return "ok" if persona.creates else "403"
        case "object":
            if relation not in persona.reads:
                return "404"
            return "ok" if rule.right == "read" or relation in persona.edits else "403"
        case "mine":
            return "ok" if relation == "own" else "404"
        case "shared" if not persona.is_admin:
            return "404" if relation == "foreign" else "ok" if rule.right == "read" else "403"
        case "hidden":
            return "ok" if persona.is_admin else "404"
        case "session":
            return "403"  # everybody here has a token; by a session: test_log_in.py
        case "given":
            return "ok" if relation == "own" or persona.is_admin else "404"
        case "email" | "copy" | "send":
            return _of_mail(rule, persona, relation)
        case _:
            return "403" if rule.type == "email" and not persona.reads else "ok"


def _of_mail(rule: Rule, persona: Persona, relation: Relation) -> Outcome:
    if relation == "private" or relation not in persona.reads:
        return "404"
    if rule.kind == "copy":
        return "ok" if relation == "own" else "403"
    return "ok" if rule.kind == "email" or persona.creates else "403"
