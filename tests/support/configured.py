"""Valid events of what is set up: folders, filters, templates, for builders and goldens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from courrier.events.base import Event
from courrier.events.families import configuration, settings, webhooks

USER = "b" * 32
FOLDER = "1" * 32
GROUP_FOLDER = "2" * 32
FILTER = "3" * 32
TEMPLATE = "4" * 32
SMTP = "5" * 32
WEBHOOK = "6" * 32
TEAM = "9" * 32
ACCOUNT = "a" * 32
SERVER = {"host": "smtp.example.test", "port": 465, "user": "crm", "secret": f"smtp.{SMTP}.smtp"}

_FOLDER = {"folder_id": FOLDER, "fields": {"owner_id": USER, "name": "Orders"}}
_GROUP_FOLDER = {
    "group_folder_id": GROUP_FOLDER,
    "fields": {"name": "Support", "order": 1, "team_ids": [TEAM]},
}
_FILTER = {
    "filter_id": FILTER,
    "fields": {
        "name": "Newsletters",
        "scope": "user",
        "owner_id": USER,
        "from": "*@news.example.test",
        "action": "move",
        "folder_id": FOLDER,
        "mark_read": True,
    },
}
_TEMPLATE = {
    "template_id": TEMPLATE,
    "fields": {"owner_id": USER, "name": "Thanks", "subject": "Thank you", "html": "<p>Hi</p>"},
}
_SMTP = {
    "smtp_account_id": SMTP,
    "fields": {"name": "System", "scope": "system", "address": "crm@example.test", "smtp": SERVER},
}

_WEBHOOK = {
    "webhook_id": WEBHOOK,
    "fields": {
        "owner_id": USER,
        "name": "Billing",
        "url": "https://billing.example.test/courrier",
        "since": datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        "event_types": ("courrier.email.EmailImported.v1",),
    },
}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    configuration.FolderAdded: _FOLDER,
    configuration.FolderChanged: _FOLDER,
    configuration.FolderRemoved: {"folder_id": FOLDER},
    configuration.GroupFolderAdded: _GROUP_FOLDER,
    configuration.GroupFolderChanged: _GROUP_FOLDER,
    configuration.GroupFolderRemoved: {"group_folder_id": GROUP_FOLDER},
    configuration.FilterAdded: _FILTER,
    configuration.FilterChanged: _FILTER,
    configuration.FilterRemoved: {"filter_id": FILTER},
    configuration.TemplateAdded: _TEMPLATE,
    configuration.TemplateChanged: _TEMPLATE,
    configuration.TemplateRemoved: {"template_id": TEMPLATE},
    configuration.SmtpAccountAdded: _SMTP,
    configuration.SmtpAccountChanged: _SMTP,
    configuration.SmtpAccountRemoved: {"smtp_account_id": SMTP},
    webhooks.WebhookAdded: _WEBHOOK,
    webhooks.WebhookChanged: _WEBHOOK,
    webhooks.WebhookRemoved: {"webhook_id": WEBHOOK},
    configuration.PreferencesChanged: {
        "user_id": USER,
        "fields": {"signature_html": "<p>Grace</p>", "undo_send_s": 20},
    },
    configuration.SystemSettingsChanged: {"fields": {"site_url": "https://crm.example.test"}},
    settings.EmailAccountChanged: {
        "account_id": ACCOUNT,
        "owner_id": USER,
        "name": "Support",
        "address": "support@example.test",
        "imap": {"host": "imap.example.test", "port": 993, "secret": f"account.{ACCOUNT}.imap"},
        "folder_map": {"Archive": "archive"},
        "group": {"team_ids": [TEAM], "opens_cases": True, "distribution": "round_robin"},
    },
}

SAMPLES = tuple(kind.model_validate(dict(fields)) for kind, fields in DEFAULTS.items())
