"""Subjects that mail programs write above an answer they send by themselves, by language.

`ANSWER` says that it is automatic and may be followed by anything; `ABSENCE` could be a person's
subject too and counts only as a whole, or before a colon, a dash, a date or the like.
"""
# ruff: noqa: E501, RUF001 (subjects stand as mail programs write them)

import re
from itertools import chain

ANSWER: dict[str, tuple[str, ...]] = {
    "en": (
        r"auto(?:matic|mated|matically generated)?[ -]?(?:e-?mail )?(?:reply|replies|response|responder|respond|answer|acknowledge?ment)\b(?!\s(?:does|doesn|do|is|isn|was|not|settings?|rules?|features?|problem|question|issue|bug)\b)", r"auto[ -]?(?:re)?\s?:", r"(?:vacation|away|holiday|absence)[ -](?:auto[ -]?)?(?:reply|response|responder|message|notification|notice)\b",
        r"out[ -]of[ -](?:the[ -])?office[ -](?:auto[ -]?)?(?:reply|response|notification|message|autoreply|auto|alert|notice|assistant|re\b)", r"(?:delayed|auto)[ -]?response notif",
    ),
    "fr": (r"réponse (?:automatique|auto)\b", r"r[ée]p\.? auto", r"message (?:automatique )?d['’]absence", r"(?:notification|avis|réponse) d['’]absence", r"répondeur (?:automatique|de vacances)", r"accusé de réception automatique"),
    "de": (r"auto(?:matische|matisierte|m\.)?[ -]?(?:antwort|rückantwort|rückmeldung|benachrichtigung|eingangsbestätigung|abwesenheits\w*)", r"abwesenheits?(?:notiz|nachricht|meldung|assistent|benachrichtigung|info\w*|hinweis|agent)", r"urlaubs(?:notiz|nachricht|meldung|benachrichtigung)"),
    "es": (r"(?:respuesta|contestación) auto(?:mática|matica)?\b", r"autorespuesta", r"auto-?respuesta", r"mensaje de ausencia", r"aviso de ausencia"),
    "it": (r"risposta automatica", r"risponditore automatico", r"messaggio automatico", r"avviso di assenza", r"messaggio di assenza", r"notifica di assenza"),
    "pt": (r"respostas? autom[áa]tica", r"auto-?resposta", r"mensagem de ausência", r"aviso de ausência", r"aviso de férias"),
    "nl": (r"automatisch (?:antwoord|bericht)", r"auto-?antwoord", r"automatische (?:reactie|beantwoording|reply)", r"afwezigheids?(?:bericht|assistent|melding|notificatie)"),
    "nordic": (r"auto(?:matiskt?|matisk)?[ -]?svar", r"frånvaro(?:meddelande|hanteraren)", r"fravær(?:s(?:melding|besked|meddelelse|assistent))", r"automaattinen vastaus", r"poissaolo(?:viesti|ilmoitus)", r"sjálfvirkt svar", r"semester(?:meddelande|svar)"),
    "slavic": (
        r"odpowiedź automatyczna", r"automatyczna odpowiedź", r"auto-?odpowiedź", r"autoresponder", r"автоматическ(?:ий|ое) (?:ответ|уведомление|сообщение)", r"автоответ(?:чик)?\b", r"автоматична відповідь", r"автоматичен отговор", r"automatick[áa] odpov[ěe][dď]", r"automatski odgovor", r"samodejni odgovor", r"аутоматски одговор",
    ),
    "other": (
        r"automatikus (?:válasz|üzenet)", r"otomatik (?:yanıt|cevap)", r"r[ăa]spuns automat", r"αυτόματη απάντηση", r"automaatvastus", r"automātiskā atbilde", r"automatinis atsakymas", r"resposta automàtica", r"erantzun automatikoa", r"balasan otomatis", r"(?:thư )?trả lời tự động", r"תשובה אוטומטית", r"מענה אוטומטי", r"رد تلقائي", r"الرد التلقائي", r"ตอบกลับอัตโนมัติ", r"การตอบกลับอัตโนมัติ", r"स्वचालित उत्तर",
    ),
    "cjk": (
        r"自動(?:応答|返信|回覆|回复|答覆|返答)", r"【?自動(?:返信|応答|送信)", r"不在(?:通知|のお知らせ|連絡|応答|自動)", r"自动(?:答复|回复|回覆|应答)", r"自動答復", r"外出(?:通知|自动)", r"休假自动", r"자동\s?(?:회신|응답|답장)", r"부재\s?중\s?(?:자동|알림|메시지|회신|응답)?",
    ),
}  # fmt: skip

ABSENCE: dict[str, tuple[str, ...]] = {
    "en": (
        r"(?:i(?:['’]m| am| will be)|we are|currently) (?:currently )?(?:out[ -]of|away from)[ -](?:the[ -]|my )?(?:office|desk|mail|e-?mail|town|country)",
        r"(?:out[ -]of|away from)[ -](?:the[ -]|my )?(?:office|desk|mail|e-?mail|town|country)", r"(?:i(?:['’]m| am) )(?:currently )?on (?:my )?(?:vacation|holidays?|(?:annual |parental |maternity |paternity |medical |sick )?leave|pto)", r"(?:currently )?on (?:my )?(?:vacation|holidays?|(?:annual |parental |maternity |paternity |medical |sick )?leave|pto)", r"ooo\b", r"oof\b", r"away on (?:vacation|holiday|leave)", r"(?:maternity|parental|annual|paternity) leave", r"no longer (?:with|at|employed|working)[\w .&-]{0,60}",
    ),
    "fr": (r"absent[e]?(?: du bureau)?", r"absence(?: du bureau)?", r"hors du bureau", r"en (?:congés?|vacances|déplacement)", r"je suis (?:absent|en (?:congés?|vacances))e?"),
    "de": (r"abwesend", r"abwesenheit", r"ich bin (?:nicht im (?:büro|hause?)|im urlaub|abwesend|außer haus)", r"(?:bin )?nicht im büro", r"(?:bin )?im urlaub", r"außer haus", r"nicht im haus", r"elternzeit"),
    "es": (r"fuera de (?:la |mi )?oficina", r"ausente(?: de la oficina)?", r"ausencia(?: de la oficina)?", r"de vacaciones", r"estoy (?:de vacaciones|fuera)", r"en vacaciones"),
    "it": (r"fuori (?:sede|ufficio)", r"assente(?: dall['’]ufficio)?", r"assenza(?: dall['’]ufficio)?", r"(?:sono )?in ferie", r"in vacanza"),
    "pt": (r"fora d[oe] escritório", r"ausência(?: (?:do escritório|temporária))?", r"ausente(?: do escritório)?", r"(?:estou )?de férias", r"em férias"),
    "nl": (r"afwezig(?:heid)?", r"niet (?:aanwezig|op kantoor)", r"(?:ik ben )?(?:met|op) vakantie", r"buiten kantoor"),
    "nordic": (r"frånvaro", r"frånvarande", r"fravær", r"fraværende", r"ikke til stede", r"ikke på kontoret", r"inte på kontoret", r"på (?:ferie|semester)", r"poissa(?: toimistosta)?", r"lomalla", r"(?:jag|jeg) är (?:på semester|borta)"),
    "slavic": (r"poza biurem", r"nieobecno(?:ść|sc)(?: w biurze)?", r"nieobecn[ya]", r"(?:jestem )?na urlopie", r"вне офиса", r"(?:меня )?нет (?:на работе|в офисе)", r"(?:я )?в отпуске", r"отсутствие", r"mimo kancelář", r"mimo kanceláriu", r"nepřítomnost", r"neprítomnosť", r"izvan ureda", r"odsoten", r"odsotnost"),
    "other": (r"házon kívül", r"irodán kívül", r"szabadságon", r"távollét", r"ofis dışı(?:nda(?:yım)?)?", r"izindeyim", r"absent din birou", r"în concediu", r"plecat din birou", r"εκτός γραφείου", r"απουσία", r"kontorist väljas", r"fora de l['’]oficina", r"di luar kantor", r"vắng mặt", r"מחוץ למשרד", r"خارج المكتب"),
    "cjk": (r"不在", r"外出中", r"休暇中", r"出張中", r"休假(?:中)?", r"不在办公室", r"不在辦公室", r"부재중", r"휴가(?: 중)?"),
}  # fmt: skip

_TAIL = (
    r"(?=\s*$|\s*[:：;,.!|/(\[【（–—~*]|\s+-|-\s|\s*->|\s+(?:until|till|til|thru|through|from|returning|return|back|re:|fw:|auto|reply|notification|\d|"
    r"bis|vom|ab|jusqu|du|au|hasta|del|desde|fino|dal|até|tot|van|t/m|till|til|fra|från|do|od|до|с|kuni|saakka|asti)\b)"
)
_MAX_NAMED = 200
_OPEN = " [(【「<*\"“'~_-"
_CLOSING = frozenset("])】>")
_FORMS = [each for forms in (ANSWER, ABSENCE) for each in forms.values()]
_AUTOMATIC = re.compile(
    r"(?:(?:" + "|".join(each for forms in ANSWER.values() for each in forms) + r")"
    r"|(?:" + "|".join(each for forms in ABSENCE.values() for each in forms) + r")" + _TAIL + r")",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"[\w.,'’-]{1,40}(?: [\w.,'’-]{1,40}){0,3} is (?:currently )?(?:out of|away from) (?:the |my )?office"
    + _TAIL,
    re.IGNORECASE,
)
# Domino writes these with a full stop; without it a person may have.
_NAMED_ELSEWHERE = re.compile(
    r"[\w,/'’-]{1,40}(?: [\w.,/'’-]{1,40}){0,3} (?:ist (?:derzeit )?(?:außer haus|nicht im (?:büro|hause?)|abwesend)|est absente?(?:\(e\))?(?: du bureau)?|est hors du bureau|está (?:ausente|fuera)(?: de la oficina)?|está (?:fora|ausente) do escritório|è (?:fuori (?:ufficio|sede)|assente)|is (?:niet op kantoor|afwezig))\.\Z",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:[\[(【<-]|- )\s?(?:auto(?:matic|mated)?[ -]?(?:reply|response|responder)|out of (?:the )?office|ooo|vacation|abwesend|absent|réponse automatique|automatische antwort|respuesta automática)\s?[\])】>]?\s*$",
    re.IGNORECASE,
)


def _heads(form: str, length: int) -> set[str]:
    """The characters with which matches of a form begin, fewer where an escape follows."""
    if not length or not form or form.startswith("\\"):
        return {""}
    if form.startswith("(?:"):
        options, rest = _group(form)
    elif form.startswith("["):
        options, rest = list(form[1 : form.index("]")]), form[form.index("]") + 1 :]
    else:
        options, rest = [form[0]], form[1:]
    tail = rest.removeprefix("?")
    heads: set[str] = set(_heads(tail, length)) if rest != tail else set()
    for option in options:
        if option.startswith("(?:") or len(option) > 1:
            heads |= _heads(option + tail, length)
        else:
            heads |= {option + each for each in _heads(tail, length - len(option))}
    return heads


def _group(form: str) -> tuple[list[str], str]:
    """The alternatives of the group with which a form begins, and what follows it."""
    depth, options, start = 0, [], 3
    for at, character in enumerate(form):
        depth += (character == "(") - (character == ")")
        if depth == 1 and character == "|":
            options.append(form[start:at])
            start = at + 1
        if not depth:
            return [*options, form[start:at]], form[at + 1 :]
    return [form], ""


_KEY = 3
_KEYS = frozenset(head.casefold() for form in chain(*_FORMS) for head in _heads(form, _KEY))


_ANSWER = re.compile(
    r"^\s{0,4}(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp|res|enc|回复|转发|答复)\s?(?:\[\d+\])?\s?:",
    re.IGNORECASE,
)


def is_answer(subject: str) -> bool:
    """Whether a person answers or forwards, by the subject."""
    return _ANSWER.match(subject) is not None


def is_automatic_subject(subject: str) -> bool:
    """Whether a mail program wrote it; `Re: Out of office` is a person's answer to one."""
    bare = subject.lstrip(_OPEN)
    key = bare[:_KEY].casefold()
    if (key in _KEYS or key[:2] in _KEYS) and _AUTOMATIC.match(bare) is not None:
        return True
    if " is " in bare and _NAMED.match(bare) is not None:
        return True
    if bare[-1:] == "." and _NAMED_ELSEWHERE.match(bare[:_MAX_NAMED]) is not None:
        return True
    return subject[-1:] in _CLOSING and _END.search(subject[-60:]) is not None


ABSENCE_BODY = re.compile(
    r"(?:out of (?:the )?office|(?:on|from) (?:vacation|holiday|leave)|away from (?:my|the)|(?:will|'ll) (?:be back|return|respond|reply)|limited access|automatic(?:ally)? (?:generated )?(?:reply|response|message)|auto-?(?:reply|response)|no longer (?:work|with|at|employed|monitored)|have received your (?:e-?mail|message)|"
    r"nicht im (?:büro|hause)|im urlaub|abwesend|absent|en congé|vacaciones|fuera de la oficina|fuori (?:sede|ufficio)|in ferie|férias|afwezig|vakantie|urlop|отпуск|отсутств|不在|休暇|休假|외출|부재)",
    re.IGNORECASE,
)
"""Words of such an answer's body; asked only where an empty return path says that a machine wrote it."""
