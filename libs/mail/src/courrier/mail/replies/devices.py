"""The lines that telephones, mail programs and services add: `Sent from my iPhone`.

Read by `signatures` only; whole lines only, with a device or a program in them.
"""
# ruff: noqa: E501, RUF001 (phrases stand as programs write them)

import re

from courrier.mail.replies.words import folded, phrases

_DEVICE = (
    r"(?:iphon|ipad|ipod|unterwegs|terminal|mac\b|macbook|apple watch|android|galaxy|samsung|blackberry|huawei|xiaomi|redmi|mi phone|oneplus|oppo|vivo|nokia|lumia|windows|htc|lg\b|sony|"
    r"xperia|motorola|moto\b|pixel|nexus|honor|mobile|mobil|mobiele|movil|telefon|phone|handy|smartphone|portable|tablet|palm|treo|pda|hiptop|wireless|verizon|vodafone|t-mobile|"
    r"at&t|sprint|orange|o2|telekom|outlook|mail|gmail|yahoo|aol|proton|tutanota|spark|bluemail|k-9|fairemail|thunderbird|hotmail|gmx|web\.de|freenet|mailbird|"
    r"airmail|newton|boxer|typemail|edison|superhuman|missive|front|zoho|nine|aqua mail|inbox|app\b|device|handheld|tricorder|"
    r"ios|mailspring|polymail|canary|rediff|яндекс|mail\.ru|телефон|айфон|手机|邮箱|信箱|手機|郵件|郵箱|携帯|スマートフォン|아이폰|갤럭시|휴대|네이버|tel\b|iphone|dell|lenovo|acer|zte)"
)
_SENDERS = phrases(
    "{sent|composed|written|posted|typed|thumbed|delivered|dictated|tapped|enviado|enviada|enviat|envoyé|envoyée|inviato|inviata|inviate|inviati|verzonden|verstuurd|gestuurd|gesendet|von|vom|mit|skickat|sendt|lähetetty|wysłano|wysłane|wysłana|отправлено|послано|надіслано|odesláno|odosláno|odoslané|küldve|elküldve|trimis|poslano|poslato|gửi|đã|da|από|στάλθηκε|εστάλη|изпратено|dikirim|saadetud|נשלח|أرسلت|ارسلت|أرسل|ارسل|مرسل|تم|diese|dit|ce|cet|questo|este|esta|this|the|iphone'umdan|ipad'imden|iphone'dan|telefonumdan|provenance|iphone'umdan|ส่งจาก}"
)
_SENDING = re.compile(
    r"(?:(?:sent|composed|written|posted|typed|thumbed|delivered|dictated|tapped)(?: \w+)? (?:from|via|with|using|by|through|on|out)"
    r"|(?:enviado|enviada|enviat) (?:desde|do|da|de|con|com|a partir|via|pelo|por|atraves|des|through|from)|envoyee?(?: sans fil)? (?:de|du|d'|depuis|a partir|avec|via|par|grace)"
    r"|inviat[oaei] (?:da|dal|con|tramite|dall'|dallo)|(?:verzonden|verstuurd|gestuurd) (?:vanaf|vanuit|met|via|van|door|op)"
    r"|gesendet (?:von|mit|aus|uber|via|vom|per)|(?:von|vom|mit) (?:meine[mrn]?|unterwegs|dem|der)|skickat (?:fran|med|via)|sendt (?:fra|med|via|min)|lahetetty"
    r"|wyslan[oea] (?:z|przez|za|ze)|отправлено (?:с|из|от|через|co|со|мобиль)|послано (?:с|из)|надіслано (?:з|із|через)|ode?slan[oe] (?:z|ze|pomoci|pomocou|cez)|(?:el)?kuldve"
    r"|trimis (?:de|din|cu|prin)|poslano (?:s|z|iz|sa)|poslato (?:sa|iz)|(?:da )?gui tu|απο|σταλθηκε απο|εσταλη απο|изпратено от|dikirim dari|saadetud"
    r"|נשלח מ\S*|أرسلت من|ارسلت من|أرسل من|ارسل من|مرسل من|تم الإرسال من|"
    r"(?:diese|dit|ce|cet|questo|este|esta|this|the)(?: \w+)? (?:nachricht|mail|e-mail|email|bericht|message|courriel|messaggio|mensaje|correo|mensagem) (?:wurde|is|a ete|est|e stat\w|fue|ha sido|se|foi|was|sent)"
    r"|iphone'?umdan|ipad'?imden|telefonumdan|provenance|sendt fra|ส่งจาก)\b",
)
_REVERSED = re.compile(
    r"(?:az )?(?:iphon|ipad|telefon|android|mobil)\S*.{0,20}(?:kuldve|gonderildi|gesendet)\Z|da (?:iphone|ipad|android)\Z"
    r"|(?:从|從|通过|透過).{0,4}我?的? ?(?:iphone|ipad|手机|手機|android|华为|小米).{0,10}(?:发送|發送|傳送|寄出)\Z"
)
_DOWNLOAD = re.compile(
    r"(?:get|download|obtenir|obtenez|telecharger|telechargez|holen sie sich|hier|laden sie|outlook|obtener|obten|descargar|obter|obtenha|baixar|ottieni|scarica|download|pobierz|скачать|загрузить|завантажити|hamta|hent|hanki|"
    r"ziskat|stahnout|ziskajte|descarca|αποκτηστε|ληψη|edinin|al|tai|获取|下载|取得|入手|다운로드|قم بتنزيل|احصل على|קבל|הורד)\b.{0,12}"
    r"(?:outlook|bluemail|typemail|aqua mail|spark|yahoo mail|proton|airmail|edison mail|boxer)\b.{0,60}\Z"
)
_ASIAN = (
    "から送信",
    "发自",
    "發自",
    "傳自",
    "发送自",
    "传自",
    "寄自",
    "から送ら",
    "에서 보냄",
    "에서 보냈습니다",
    "에서 발송",
    "에서 보낸",
    "发送的",
    "發送的",
    "로부터 발송",
    "の iphone から",
    "より送信",
    "来自我的",
    "來自我的",
    "获取 outlook",
    "取得 outlook",
    "outlook を入手",
    "用 outlook",
)
ADVERTISEMENTS = tuple(
    phrases(
        "do you yahoo!{?|}?",
        "yahoo! {mail|messenger|sports|photos|greetings|for good|mobile|answers}",
        "msn {hotmail|messenger|photos|explorer|8|9|premium|search}",
        "{get your free|join the world's largest e-mail|hotmail.com|netzero|juno.com|caramail|www.laposte.net|free*|freemail|gmx dsl|powered by|jetzt kostenlos}",
        "{virus-free|virus free|virenfrei|sans virus|libre de virus|privo di virus|livre de virus|virusvrij|wolny od wirusow|без вирусов|bez virusu|virusfri}",
        "{avast|avg.com|checked by avg|outgoing mail is certified|scanned by|this message has been scanned|esta mensagem foi verificada|<#}",
        "{please consider the environment|think before you print|think before printing|think green|save a tree|pensez a l'environnement|avant d'imprimer}",
        "{denken sie an die umwelt|antes de imprimir|prima di stampare|pense no meio ambiente|denk aan het milieu|prosze pomysl}",
        "{accedez au courrier|wanadoo vous informe|created with mailtrack|mailtrack|mailsuite|remitente notificado|sender notified by}",
    )
)
_ADVERTISED = (
    "vir", "mail", "ahoo!", "msn ", "free", "think", "scanned", "imprim", "notif", "avast", "avg",
    "a tree", "<#", "courrier", "umwelt", "verificada", "gmx", "kostenlos", "juno", "netzero",
    "ambiente", "milieu", "powered", "stampare", "pomysl", "laposte", "wanadoo", "вирус", "wirus",
)  # fmt: skip
"""Each of the advertisements has one of these: fewer to look for in the lines of people."""


def may_send(first: str) -> bool:
    """Whether lines that `is_sent_from` tells begin with this word."""
    return first in _FIRST_WORDS


def may_send_abroad(first: str) -> bool:
    """The same for lines that are not in ASCII; a look at the first letters."""
    beginnings = {first[:1], first[:2], first[:4]}
    return not _FOREIGN_FIRST.isdisjoint(beginnings) or not first[:1].isalnum()


def asian_signs(text: str) -> list[str]:
    """What stands in the text of all that ends or begins such lines in East Asian scripts."""
    return [sign for key in _ASIAN_SIGNS if key in text for sign in _ASIAN_SIGNS[key]]


def is_sent_from(bare: str) -> bool:
    """`Sent from my iPhone`, `Get Outlook for iOS` and the like; a whole line."""
    if bare[:4].lower() in _OFTEN and not any(map(bare.__contains__, _SENT)):
        return False
    words = folded(bare.strip("*_-–—=<>()[]|~•\"'. \t"))
    if not _LEAST <= len(words) <= _MOST:
        return False
    return _is_device_line(_LINK.sub("", words).rstrip(" .!。*_<>[]()-"))


def _is_device_line(words: str) -> bool:
    if not words.isascii() and len(words) <= _MAX_ASIAN and any(each in words for each in _ASIAN):
        return True
    match = _SENDING.match(words) if words.split(" ", 1)[0] in _SENDERS else None
    if match is not None:
        return _names_device(words, words[match.end() :].strip())
    if len(words) > _MAX_OFFER:
        return False
    return _REVERSED.match(words) is not None or _DOWNLOAD.match(words) is not None


_LEAST, _MOST = 4, 160
_MAX_ASIAN = 70
_LINK = re.compile(r"\s?[<(\[]?\s?https?://\S{0,200}|\s?<mailto:\S{0,100}")
_FIRST_WORDS = _SENDERS | phrases(
    "{get|laden|download|obtenir|obtenez|telecharger|telechargez|holen|hier|laden sie|outlook|obtener|obten|descargar|obter|obtenha|baixar|ottieni|scarica|pobierz|hamta|hent|hanki|ziskat|stahnout|ziskajte|descarca|edinin|al|tai}"
)
_FOREIGN_FIRST = frozenset(
    word[:4]
    for word in (
        "az", "iphon", "ipad", "telefon", "android", "mobil", "da", "从", "從", "通过", "透過", "скачать",
        "загрузить", "завантажити", "αποκτηστε", "ληψη", "获取", "下载", "取得", "入手", "다운로드",
        "قم", "احصل", "קב", "הורד",
    )
)  # fmt: skip
_ASIAN_SIGNS = {
    "ら": ("から",), "送": ("より送", "送自", "送的"), "自": ("发自", "發自", "傳自", "传自", "寄自", "自我的"),
    "取": ("取 ", "取得"), "入": ("入手",), "用": ("用 ",), "에": ("에서",), "로": ("로부터",),
    "\u1166": ("\u1166",), "\u1169": ("\u1169",),
}  # fmt: skip
"""Each of `_ASIAN` has one of these, by a character of it; Korean also decomposed."""
_MAX_OFFER = 90
_MOST_DEVICE_WORDS = 16
_OFTEN = frozenset({"this", "the ", "dit ", "ce m", "este", "esta", "mit ", "von ", "vom "})
_SENT = ("sent", "sen", "envoy", "invia", "envia", "stuurd", "zonden")
_HAS_DEVICE = re.compile(_DEVICE)
_MY = re.compile(
    r"(?:from )?(?:my|mon|ma|mi|meinem|meiner|meinen|mein|mio|mia|dal mio|il mio|meu|minha|o meu|mijn|min|mit|mojego|mojej|моего|моей|мого|meho|svojho|telefonul meu|το)\b"
)


def _names_device(words: str, rest: str) -> bool:
    """A known device or program follows, or `my` and up to three words."""
    if not rest or rest.endswith((",", "?", ":")) or len(rest) > 100:
        return False
    head = words.split(", ", 1)[0]
    if len(words.split(" ")) <= _MOST_DEVICE_WORDS and _HAS_DEVICE.search(head) is not None:
        return True
    return _MY.match(rest) is not None and len(rest.split(" ")) <= 4 and "," not in rest


def is_advertisement(line: str) -> bool:
    """A line that mail services and virus scanners append."""
    words = folded(line)
    if not any(map(words.__contains__, _ADVERTISED)):
        return False
    return any(map(words.__contains__, ADVERTISEMENTS))
