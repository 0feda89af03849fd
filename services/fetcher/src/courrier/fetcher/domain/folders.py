"""Which folder of a server is meant, and what it is for.

SPECIAL-USE attributes (RFC 6154) are compared without regard to case: Cyrus writes them in lower
case. Servers without them are asked by the names that mail programs give.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SPECIAL_USES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash")

_CANONICAL = {use.lower(): use for use in SPECIAL_USES}

_USUAL_NAMES = {
    "\\Sent": (
        *("sent", "sent items", "sent mail", "sent messages", "sent-mail"),
        *("envoyés", "messages envoyés", "éléments envoyés", "courrier envoyé", "envoyes"),
        *("gesendet", "gesendete objekte", "gesendete elemente", "postausgang"),
        *("enviados", "elementos enviados", "mensajes enviados", "itens enviados"),
        *("inviati", "posta inviata", "verzonden", "verzonden items", "wysłane"),
        *(
            "skickat",
            "sendt",
            "sendte elementer",
            "lähetetyt",
            "отправленные",
            "已发送",
            "送信済み",
        ),
    ),
    "\\Drafts": (
        *("drafts", "draft", "brouillons", "brouillon", "entwürfe", "entwurf"),
        *("borradores", "rascunhos", "bozze", "concepten", "kopie robocze", "szkice"),
        *("utkast", "kladder", "luonnokset", "черновики", "草稿箱", "草稿", "下書き"),
    ),
    "\\Trash": (
        *("trash", "deleted items", "deleted messages", "deleted", "bin"),
        *("corbeille", "éléments supprimés", "messages supprimés", "papierkorb"),
        *("gelöschte elemente", "gelöschte objekte", "papelera", "elementos eliminados"),
        *("lixo", "itens excluídos", "lixeira", "cestino", "posta eliminata", "prullenbak"),
        *("verwijderde items", "kosz", "papperskorg", "papirkurv", "slettede elementer"),
        *("roskakori", "удаленные", "корзина", "已删除", "垃圾箱", "ゴミ箱"),
    ),
    "\\Junk": (
        *("junk", "spam", "junk e-mail", "junk email", "bulk mail"),
        *("indésirables", "courrier indésirable", "pourriel", "spamverdacht", "junk-e-mail"),
        *("correo no deseado", "lixo eletrônico", "posta indesiderata", "ongewenste e-mail"),
        *(
            "niechciane",
            "skräppost",
            "uønsket e-post",
            "roskaposti",
            "спам",
            "垃圾邮件",
            "迷惑メール",
        ),
    ),
    "\\Archive": (
        *("archive", "archives", "archiv", "archivo", "arquivo", "archivio", "archief"),
        *("archiwum", "arkiv", "arkisto", "архив", "归档", "アーカイブ"),
    ),
}
_RANKS = {
    name: (use, rank) for use, names in _USUAL_NAMES.items() for rank, name in enumerate(names)
}
"""What a usual name is for, and how usual it is: of several, the most usual one counts."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the server lists it: ``name`` decoded, ``attributes`` as written."""

    name: str
    attributes: tuple[str, ...] = ()
    separator: str | None = None

    @property
    def is_selectable(self) -> bool:
        """Whether it can hold messages (RFC 9051 section 7.3.1)."""
        lowered = {attribute.lower() for attribute in self.attributes}
        return not lowered & {"\\noselect", "\\nonexistent"}


def uses(listing: Sequence[Folder]) -> dict[str, str]:
    """Return what folders are for, by name, in the RFC's spelling.

    A usual name counts only where no folder declares the same use. The nearest to the top counts.
    """
    declared = {folder.name: use for folder in listing if (use := _declared(folder))}
    taken = set(declared.values())
    guesses: dict[str, tuple[tuple[int, int], str]] = {}
    for folder in listing:
        depth, last = _place(folder)
        use, rank = _RANKS.get(last, ("", 0))
        if not use or use in taken or folder.name in declared or not folder.is_selectable:
            continue
        guesses[use] = min(guesses.get(use, ((99, 0), "")), ((depth, rank), folder.name))
    return declared | {name: use for use, (_, name) in guesses.items()}


def special_use(folder: Folder, listing: Sequence[Folder]) -> str | None:
    """Return what the folder is for, in the RFC's spelling, or None (see ``uses``)."""
    return _declared(folder) or uses(listing).get(folder.name)


def find(wanted: str, listing: Sequence[Folder]) -> Folder | None:
    """Return the folder of this name, or of this SPECIAL-USE when it begins with a backslash.

    Where all folders are within INBOX, as on Courier, a name may be given without that prefix.
    """
    if wanted.startswith("\\"):
        named = {use.lower(): name for name, use in reversed(uses(listing).items())}
        return next((f for f in listing if f.name == named.get(wanted.lower())), None)
    if wanted.upper() == "INBOX":  # its name has no case (RFC 9051 section 5.1)
        inbox = (folder for folder in listing if folder.name.upper() == "INBOX")
        return next(inbox, Folder("INBOX"))
    within = {f"INBOX{folder.separator}{wanted}" for folder in listing if folder.separator}
    by_name = {folder.name: folder for folder in listing}
    names = [wanted, *within]
    return next((by_name[name] for name in names if name in by_name), None)


def _place(folder: Folder) -> tuple[int, str]:
    """Return how deep a folder lies, INBOX not counted, and its own name in lower case."""
    parts = folder.name.split(folder.separator) if folder.separator else [folder.name]
    depth = len(parts) - (parts[0].upper() == "INBOX")
    return depth, parts[-1].lower()


def _declared(folder: Folder) -> str | None:
    uses = (_CANONICAL.get(attribute.lower()) for attribute in folder.attributes)
    return next((use for use in uses if use), None)
