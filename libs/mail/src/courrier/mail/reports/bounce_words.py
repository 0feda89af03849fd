"""What servers say when they refuse a recipient, by what it means for the address.

All in the form that `plain_answer` gives an answer: lower case, single blanks, no addresses and
hardly any punctuation, a blank at both ends.
"""
# ruff: noqa: E501 (phrases stand as servers write them)
# fmt: off

import re

from courrier.mail.reports.bounce_addresses import ADDRESS

_MARKS = re.compile(r"[\s<>()\[\]{}\"*:;,!?=\u201c\u201d\u00ab\u00bb\u3000\uff1a\u3002]+|\.(?= |$)|(?<= )'|'(?= )|\.{2,}|_")
_MAX_ANSWER = 1_500

FULL = (
    "quota", "box full", "box is full", "box too full", "box currently full", "box is too full", "full mailbox", "mailfolder is full", "inbox is full", "account is full", "is full ", "storage limit", "storage exceeded", "exceeds storage", "mailbox size", "size limit", "message size", "exceeds size", "exceeds allowed size", "exceeded storage", "exceed its disk", "exceeds the limit", "exceeded the local limit", "exceeds maximum", "maximum mailbox size", "exceed maximum", "exceeds the maximum",
    "insufficient disk", "insufficient storage", "insufficient system storage", "not enough storage", "not enough space", "not enough disk", "out of storage", "out of space", "no storage", "no space", "too much mail", "too many messages", "storage space", "disk full", "disk space", "mailbox exceed", "mailbox has exceeded", "over the limit", "over the maximum",
    "postfach voll", "postfach ist voll", "speicherplatz", "pleine", "espace insuffisant", "buzón lleno", "está lleno", "casella piena", "casella di posta piena", "è piena", "está cheia", "caixa cheia", "postvak vol", "postbus vol", "переполнен", "превышен", "磁盘空间", "邮箱已满", "郵箱已滿", "空间不足", "邮箱空间", "容量", "いっぱい", "가득",
)
"""The mailbox exists but is full, or the message is too big."""

DEAD = (
    # No such user.
    "user unknown", "unknown user", "userunknown", "unknown recipient", "recipient unknown", "unknown address", "address unknown", "unknown mailbox", "unknown account", "unknown local", "unknown or illegal", "unknown or invalid", "unknown alias", "unknown addressee", "unknown person", "unknown destination", "unknown rcpt", "unknown to address", "unknown email", "unknown virtual", "unknown name", "unknown customer",
    "no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "no such person", "no such local", "no such domain", "no such host", "no such name", "no such alias", "no such email", "no such virtual", "no such member", "nosuchuser", "no mailbox", "no mail box", "no user ", "no account", "no one by that name", "nobody here", "nobody by", "there is no one", "no recipient", "no valid recipient", "no person", "no local mailbox", "no mapping", "no existing",
    "invalid user", "invalid recipient", "invalid address", "invalid mailbox", "invalid account", "invalid local", "invalid alias", "invalid email", "invalid e-mail", "invalid final", "invalid destination", "invalid userid", "invalid domain", "invalid host", "bad recipient", "bad destination", "bad address", "bad mailbox", "bad domain", "bad host", "bad user", "illegal user", "illegal alias", "illegal host", "illegal recipient", "incorrect address", "wrong address", "nonexistent", "non-existent", "inexistent", "not existing",
    "unrouteable", "unroutable", "unrecognised or", "unrecognized or", "unrecognized recipient", "unrecognized address", "unrecognised address", "recipnotfound", "recipient not found", "recipientnotfound", "usernotfound", "user not found", "mailbox not found", "mailboxnotfound", "address not found", "addressnotfound", "account not found", "name not found", "not be found", "not found by smtp address",
    " not exist", "n't exist", "doesnotexist", "not listed in", "not in address", "not in name", "not in the directory", "name & address book", "domino directory", "no matches to nameserver", "not our customer", "isn't a valid", "isn't valid", "isn't in my", "isn't our", "wasn't found", "weren't found", "unable to find", "cannot find", "can't find", "could not find", "couldn't find", "not a valid", "not a known", "not valid", "not a user", "not a member", "not known", "not recognized", "not recognised", "not a registered", "not registered", "is not local", "not hosted here", "isn't hosted",
    "have a yahoo", "does not have a", "doesn't have a", "has no account", "has no mailbox", "not have an account", "not have a mailbox", "no longer exist", "no longer valid", "no longer in use", "no longer used", "no longer available", "no longer accept", "no longer on", "no longer here", "no longer with", "no longer work", "no longer receiv", "no longer current", "no longer active", "no longer employed", "no longer at", "no longer a ", "is no longer", "has left", "unassigned",
    "unable to verify user", "unable to verify recipient", "unverified address", "address rejected access denied", "address rejected undeliverable", "address rejected unverified", "user undeliverable", "recipient undeliverable", "address undeliverable", "undeliverable address", "undeliverable recipient", "has been deleted", "was deleted", "account deleted", "account removed", "account has been removed", "account closed", "account has been closed", "account terminated", "account has been terminated", "mailbox removed", "account cancel", "user removed", "is not accepted here", "user is not here", "not here ", "invalid mailbox", "isn't known", "is unknown",
    # No such host.
    "host unknown", "unknown host", "host not found", "domain not found", "domain unknown", "unknown domain", "domain name not", "host name not found", "nxdomain", "domain lookup failed", "no mx record", "no a record", "no dns", "no mx or", "no mx host", "no mx ", "no mail hosts", "no mail exchanger", "find any host", "no route to host", "no route to domain", "point to nonexist", "point to non-exist", "unable to route", "unable to resolve", "cannot resolve", "can't resolve", "unresolvable", "is not a valid domain", "name or service not known", "no address associated", "destination computer was not found", "host or domain name", "domainnotfound", "domain not exist", "host cannot be found", "name server host not", "dns domain", "invalid host", "illegal host/domain",
    # Moved; accepts no mail.
    "has moved", "moved to", "user not local please try", "address has changed", "has a new address", "has a new e", "no longer at this", "nullmx", "null mx", "not accept mail", "not accept e-mail", "not accept email", "not accept any", "not receive mail", "not receive email", "not receive e-mail", "not support mail", "n't accept mail", "n't accept email", "n't accept e-mail", "n't receive mail", "n't receive email", "no smtp service", "smtp service not available here", "not accepting network messages",
    # Other languages.
    "unbekannt", "nicht gefunden", "nicht bekannt", "nicht existier", "nicht vorhanden", "existiert nicht", "ungültige", "inconnu", "n'existe pas", "introuvable", "invalide", "pas trouvé", "pas été trouvé", "no existe", "desconocid", "no se encontró", "no se ha encontrado", "no encontrad", "no se pudo encontrar", "no encontró", "non esiste", "non trovat", "stato trovato", "inesistente", "sconosciut", "inválid", "não existe", "não encontrad", "não foi encontrad", "não foi possível encontrar", "inexistente", "bestaat niet", "onbekend", "niet gevonden", "ongeldig", "nie istnieje", "nieznany", "nie znaleziono", "не существует", "не найден", "неизвестн", "недействит", "нет такого", "findes ikke", "finns inte", "finnes ikke", "tuntematon", "ei löy", "neexist", "nenalezen", "nem létez", "ismeretlen", "bulunamad", "geçersiz", "bilinmeyen", "δεν βρέθηκε", "δεν υπάρχει",
    "存在しません", "存在しない", "見つかりません", "見つからない", "宛先不明", "不明な", "不存在", "找不到", "未找到", "無此", "无此", "查无", "沒有此", "没有这个", "无效", "无法识别", "존재하지", "없는", "찾을 수 없", "알 수 없",
)
"""The address or its host does not exist, has moved, or accepts no mail at all."""

DEAD_SENTENCE = re.compile(
    r" (?:users?|recipients?|receivers?|addressee|address(?:es)?|mailbox|mail box|accounts?|alias|e-?mail|names?|ids?|customer|subscriber|domain|hosts?|server|group|destinations?|login) "
    r"(?:(?!and |but |because |if )[^ ]{1,60} ){0,9}?"
    r"(?:unknown|(?:could |can|can )?not (?:be )?found|not exist|doesn't exist|is invalid|invalid|no longer|isn't valid|undeliverable|has left|doesnotexist)[ .]"
)
"""The same with words in between: `account that you tried to reach does not exist`."""

CLOSED = (
    "disabled", "suspend", "inactive", "deactivat", "not active", "isn't active", "locked", "frozen", "blocked by admin", "blocked by the admin", "on hold", "temporarily unavailable", "temporarily closed", "dormant", "expired account", "account expired", "account has expired", "discontinued", "not enabled", "not activated", "停止", "禁用", "冻结", "休眠", "未激活", "desativad", "gesperrt", "désactiv", "заблокирован", "отключен",
)
"""The mailbox exists but is switched off."""

SPAM = (
    "spam", " junk", " blocked", "block list", "blocklist", "blacklist", "black list", "reputation", " policy", " policies", "dmarc", " spf ", "dkim", "virus", "malware", "unsolicited", "phish", "垃圾", "スパム", "스팸",
)
"""Words so clear that they outweigh a code that blames the address."""

BLOCKED = (
    *SPAM, "authenti", "authoriz", "authoris", " content", "attachment", "banned", "prohibited", "listed at", "listed in", "listed on", "listed by", " rbl", "dnsbl", "sender rejected", "sender address rejected", "sender denied", "sender verif", "sender address verif", " relay", "not permitted", "not allowed", "permission", "restricted", "forbidden", " abuse", "complain", "too large", "too big", "too long", "too many", " size ", "client host", " helo", " ehlo", "reverse dns", " ptr ", "rdns", "access denied", " rate ", " rates ", " bulk", " filter", "refused to accept", "administratively", "administrative prohib", "administrative refus", " loop", " hops", " hop ", "infected", "dangerous", "bad sender", "bad header", "bad sequence", " tls", "encrypt", "certificate", "rejected by", "rejected due", "rejected for", "rejected because", "message rejected", "message was rejected", "message refused", "message blocked", "not accepted by", "not accepted from", "not accepted due", "from this sender", "from your", "拒收", "拒绝",
)
"""The message or its sender was refused, not the address."""

UNCERTAIN_DEAD = (
    "mailbox unavailable", "mailbox not available", "mailbox is unavailable", "mailbox is not available", "mailbox currently unavailable", "mailbox not", "recipient rejected", "recipient address rejected", "address rejected", "user rejected", "rcpt rejected", "mailbox rejected", "recipient refused", "address refused", "recipient denied", "recipient not accepted", "address not accepted", "recipient not allowed", "user unavailable", "recipient unavailable", "address unavailable", "recipient was rejected", "address was rejected", "recipient has been rejected", "recipient is not", "address is not", "user is not", "recipients rejected", "rejected the recipient", "rejected recipient", "rejected following recipient", "rejected address", "has rejected address", "rejected the following recipient", "rejected your", "refused recipient", "not like recipient", "not like our rcpt", "not accepting mail ", "not accepting messages", "unavailable mailbox", "account unavailable", "account is unavailable", "account not available", "account is not available", "undeliverable", "verify failed", "verification failed", "user doubtful", "unknown", "not deliverable",
)
"""RFC 5321's 550 in its general form: most often a user that does not exist."""

PASSING = (
    "try again", "try later", "attempts", "temporar", "timed out", "timed-out", "timeout", "time out", "deferr", "delay", "greylist", "graylist", "grey-list", "gray-list", "rate limit", "throttl", "refused", "unable to connect", "could not connect", "couldn't connect", "can't connect", "connection", "unreachable", "expired", "retry", "too long", "will keep", "will continue", "not yet", "not responding", "resources", " busy", "local error", "local problem", "internal", "system error", "system problem", "configuration", "i/o error", "network", " lost ", "dropped", "closed", "denied", "rejected", "not permitted", "超时", "タイムアウト", "混雑", "拒否",
)
"""Trouble that may pass, or concerns neither the address nor the message."""


def plain_answer(text: str | None) -> str:
    """An answer in the form in which words are looked for."""
    folded = (text or "")[:_MAX_ANSWER].casefold().replace("\u2019", "'")
    return " " + " ".join(_MARKS.sub(" ", ADDRESS.sub(" ", folded)).split()) + " "


def says(answer: str, phrases: tuple[str, ...]) -> bool:
    """Whether a plain answer holds one of the phrases."""
    return any(phrase in answer for phrase in phrases)


def is_dead(answer: str) -> bool:
    """Whether a plain answer says that the address does not exist, and not only perhaps."""
    certain = answer.replace("may not exist", " ").replace("not accepting mail from", " ")
    return says(certain, DEAD) or DEAD_SENTENCE.search(certain) is not None


def without_verdict(answer: str) -> str:
    """A plain answer without the words that say so, to see what else it says."""
    rest = DEAD_SENTENCE.sub(" ", answer)
    for phrase in DEAD:
        if phrase in rest:
            rest = rest.replace(phrase, " ")
    return rest
