"""What lists, services and lawyers append below a message.

Read by `signatures` only.
"""
# ruff: noqa: E501 (phrases stand as they are written)

import re

from courrier.mail.replies.words import folded, folded_word, phrases

_FOOTER = re.compile(
    r"mailing[- ]list|unsubscribe|listinfo|google groups|listserv|yahoo! groups|mailman/|majordomo|-request@|sf\.net email|reply to this email|view it on|"
    r"to respond|visit topic|desabonn|desinscri|abmelden|abbestellen|cancelar (?:la )?suscripcion|additional commands|you (?:are )?receiv(?:ed|ing) this|you are subscribed"
)
_DISCLAIMER = re.compile(
    r"[\W_]*(?:(?:e-?mail |legal |confidentiality |important |privacy |email )?(?:disclaimer|confidentiality(?: note| notice| statement| warning)?|confidential(?:ity)? notice|privileged (?:and|&|/) confidential|notice of confidentiality|legal notice|important notice|privacy notice|haftungsausschluss|vertraulichkeitshinweis|rechtlicher hinweis|aviso legal|aviso de confidencialidad\w*|aviso importante|clausula de confidencialidad\w*|avertissement|avis de confidentialite|avviso di riservatezza|nota di riservatezza|informativa privacy)\b[\W_]*"
    r"|(?:this|the (?:information|content|contents)(?: contained| transmitted)?(?: in| by| of)?(?: and attached to)?(?: this)?|any information in this) (?:\w+ ){0,2}(?:e-?mail|message|communication|transmission|electronic|correspondence|document|fax)\b.{0,250}(?:confidential|intended|privileged|proprietary|addressee|recipient|scanned|virus)"
    r"|(?:this|the) (?:information|communication) (?:contained|is|and).{0,150}(?:confidential|intended|privileged)"
    r"|if you (?:are not|have received|received|were not) (?:the (?:intended|named)|this).{0,200}|any (?:views|opinions) .{0,100}(?:author|sender|those)"
    r"|ce (?:message|courriel|mail|courrier|document).{0,200}(?:confidentiel|destinataire|pieces jointes|usage exclusif)|les informations contenues.{0,200}(?:confidentiel|destin)|si vous n'etes pas (?:le|la) destinataire"
    r"|(?:diese|dieses|der inhalt dieser|die information(?:en)?)(?: in dieser)? (?:\w+ )?(?:e-?mail|nachricht|mail|mitteilung|schreiben)\b.{0,200}(?:vertraulich|adressat|empfanger|bestimmt|rechtlich geschutzt)|sollten sie nicht der (?:\w+ )?(?:adressat|empfanger)"
    r"|(?:este|esta|el contenido de este|la informacion contenida en est[ae]|o conteudo dest[ae]|a informacao contida nest[ae]|as informacoes contidas nest[ae]) (?:\w+ )?(?:mensaje|correo|mensagem|e-?mail|comunicacion|mensaje y sus).{0,250}(?:confidencia|destinat|uso exclusivo)|antes de imprimir"
    r"|(?:questo|questa|il presente|la presente|le informazioni contenute|il contenuto).{0,250}(?:riservat|confidenzial|destinatari|d\.?lgs|gdpr|privacy)"
    r"|(?:dit|deze|de informatie|de inhoud van dit|aan dit) (?:\w+ )?(?:e-?mail|bericht|e-mailbericht|verzonden|in dit).{0,250}(?:vertrouwelijk|geadresseerde|bestemd|rechten)"
    r"|(?:ta|niniejsza|tresc tej|informacje zawarte).{0,40}(?:wiadomosc\w*|e-mail|korespondencj\w*).{0,250}(?:poufn|adresat|przeznaczon)"
    r"|(?:данное|настоящее|это|информация).{0,40}(?:сообщени|письм).{0,250}(?:конфиденциал|адресат|предназначен)"
    r"|(?:denna|detta|denne|dette|tama|tato|tento|prezentul|acest|ez az|bu) (?:e-?post|e-?mail|mail|meddelande|sahkoposti|viesti|zprava|mesaj|uzenet|elektronik).{0,250}(?:konfidenti|fortroli|luottamuksel|duvern|confiden|bizalmas|gizli|mottagare|modtager))"
)
_DISCLAIMER_WORDS = phrases(
    "{avis|nota|this|the|any|if|ce|les|si|dies|der|este|esta|el|la|o|a|as|il|le|dit|deze|de|aan|ta|это|dett|tama|tato|ez|bu}"
)
_LEAST = 5
_DISCLAIMER_BEGINNINGS = frozenset(
    word[:_LEAST]
    for word in (
        "e-mail", "email", "legal", "confiden", "important", "privacy", "disclaimer", "privileged", "notice", "haftung", "vertraulich", "rechtlich", "aviso", "clausula", "avertissement", "avviso", "informativa", "unless", "sollten", "antes", "quest", "niniejsz", "tresc", "informacje", "данное", "настоящее", "информация", "denna", "denne", "tento", "prezentul", "acest"
    )
)  # fmt: skip
_DISCLAIMER_HEAD = 420


def is_footer(line: str) -> bool:
    """A line of a mailing list's or a service's footer: how to leave, where the archive is."""
    return _FOOTER.search(folded(line[:200])) is not None


_BANNER = re.compile(
    r"[\W_]*(?:caution|warning|attention|achtung|vorsicht|atencion|attenzione|external|externe?|alert|notice|hinweis|\[?ext\]?)\b.{0,60}(?:outside|external|extern|exterieur|esterno|externo|originated|ausserhalb)"
    r"|(?:this|the) (?:e-?mail|message) (?:originated|was sent|came|is|originates) from (?:outside|an external)|you don't often get email from|\W{0,3}external (?:e-?mail|sender|message)\W{0,3}\Z"
    r"|(?:ce|cet) (?:message|courriel|e-?mail) (?:provient|a ete envoye).{0,40}exter|diese (?:e-?mail|nachricht) (?:stammt|kommt|wurde).{0,60}(?:extern|ausserhalb)|some people who received this message don't often get email"
)
_NO_LETTERS = " \t*_-~=#>!.:[("
_BANNER_BEGINNINGS = frozenset(
    {"cau", "war", "att", "ach", "vor", "ate", "ext", "ale", "not", "hin", "thi", "the", "you"}
    | {"cet", "die", "som"}
)
"""The first letters of all that `_BANNER` matches."""
_WARNING = re.compile(r".{0,80}(?:click|links?|attachments?|sender|phishing|trust|verify)\b")


def behind_banner(lines: list[str]) -> int:
    """Where the text begins below a warning that the receiver's server put on top; 0: no such."""
    first = 0
    if not lines[0].strip():
        first = next((at for at, line in enumerate(lines[:6]) if line.strip()), len(lines))
    if first >= len(lines) or len(lines[first]) > _DISCLAIMER_HEAD:
        return 0
    beginning = lines[first].lstrip(_NO_LETTERS)[:3]
    if beginning.isalnum() and folded_word(beginning) not in _BANNER_BEGINNINGS:
        return 0
    if _BANNER.match(folded(lines[first])) is None:
        return 0
    end = first + 1
    while end < min(len(lines), first + 5) and _WARNING.match(folded(lines[end][:200])):
        end += 1
    return end if any(line.strip() for line in lines[end:]) else 0


def may_disclaim(first: str) -> bool:
    """Whether disclaimers begin with this word."""
    return first in _DISCLAIMER_WORDS or first[:_LEAST] in _DISCLAIMER_BEGINNINGS


def _goes_on_disclaiming(line: str) -> bool:
    """Articles begin many lines, and few of these go on as disclaimers do."""
    words = line.split(None, 2)
    seconds = _SECONDS.get(folded_word(words[0]))
    return seconds is None or len(words) == 1 or folded_word(words[1]).startswith(seconds)


_SECONDS = {
    "the": ("information", "content", "communication"), "les": ("informations",),
    "der": ("inhalt",), "el": ("contenido",), "la": ("informacion", "presente"),
    "o": ("conteudo",), "a": ("informacao",), "as": ("informacoes",),
    "il": ("presente", "contenuto"), "le": ("informazioni",), "de": ("informatie", "inhoud"),
}  # fmt: skip


def is_disclaimer(lines: list[str], at: int) -> bool:
    """Whether a disclaimer begins with this line, in the languages of most of them.

    Args:
        lines: a text; a disclaimer may be broken into several.
        at: a line of which `may_disclaim` says that it can be one.
    """
    if not _goes_on_disclaiming(lines[at]):
        return False
    head = lines[at][:_DISCLAIMER_HEAD]
    if len(head) < 80:
        head = " ".join(line[:_DISCLAIMER_HEAD] for line in lines[at : at + 5])
    return _DISCLAIMER.match(folded(head[:_DISCLAIMER_HEAD])) is not None
