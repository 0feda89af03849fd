# ruff: noqa: RUF001
import codecs

import pytest

from courrier.mail.charsets.decoding import codec_for, declared_in_html, decode
from courrier.mail.charsets.guess import guess_codec


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF-8", "utf-8"), ("utf8mb4", "utf-8"), ("'utf-8'", "utf-8"), ("utf-8;", "utf-8"),
        ("unicode-1-1-utf-7", "utf-7"), ("iso-8859-1", "cp1252"), ("ISO 8859-1", "cp1252"),
        ("iso-8859-1,utf-8", "cp1252"), ("_iso-2022-jp$ESC", "iso2022_jp"), ("ansi", "cp1252"),
        ("cp-850", "cp850"), ("windows1251", "cp1251"), ("win-1251", "cp1251"),
        ("x-cp1250", "cp1250"), ("iso8859_2", "iso8859_2"), ("iso-8859-9", "cp1254"),
        ("x-mac-cyrillic", "mac-cyrillic"), ("x-mac-roman", "mac_roman"), ("koi8-ru", "koi8_u"),
        ("tis-620", "cp874"), ("ks_c_5601-1987", "cp949"), ("gb2312", "gb18030"),
        ("x-sjis", "cp932"), ("unknown-8bit", None), ("x-unknown", None), ("8bit", None),
        ("nonsense", None), ("", None), ("hex", None), ("punycode", None), ("rot13", None),
        ("a" * 10_000, None),
    ],
)  # fmt: skip
def test_a_label_means_what_its_sender_meant(label: str, codec: str | None) -> None:
    """Registered names, browsers' readings, and the spellings that programs invented."""
    found = codec_for(label)

    assert (codec and codecs.lookup(codec).name) == found


LONG = {
    "ru": "Добрый день, коллеги! Высылаю вам договор, посмотрите до пятницы.",
    "uk": "Доброго дня, надсилаю вам рахунок за цей місяць.",
    "el": "Καλημέρα σας, ευχαριστώ πολύ για το μήνυμα.",
    "he": "שלום לכולם, תודה רבה על ההודעה",
    "ar": "السلام عليكم ورحمة الله، شكرا على رسالتكم",
    "th": "สวัสดีครับ ขอบคุณมากสำหรับอีเมล",
    "tr": "Günaydın, siparişiniz için teşekkürler, iyi çalışmalar",
    "cs": "Dobrý den, děkuji za zprávu, příští týden přijdu",
    "pl": "Dzień dobry, dziękuję za wiadomość, proszę o odpowiedź w środę",
    "hu": "Jó napot kívánok, köszönöm szépen a gyors választ",
    "de": "Schöne Grüße, wir möchten über die Pläne sprechen",
    "fr": "Bonjour, la réunion a été déplacée à mercredi",
    "es": "Mañana será otro día, señor Núñez",
    "pt": "Olá, você não está à disposição amanhã",
    "sv": "Hälsningar från Malmö på lördag",
    "ja": "お世話になっております。先日の会議の資料を送ります。",
    "zh": "您好,请查收附件中的合同,谢谢。",
    "zh-tw": "您好,請查收附件中的合約,謝謝。",
    "ko": "안녕하세요. 첨부 파일을 확인해 주세요. 감사합니다.",
}


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        ("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "cp866"), ("ru", "iso8859_5"),
        ("uk", "cp1251"), ("uk", "koi8_u"), ("el", "cp1253"), ("el", "iso8859_7"),
        ("he", "cp1255"), ("ar", "cp1256"), ("th", "cp874"), ("tr", "cp1254"), ("cs", "cp1250"),
        ("cs", "iso8859_2"), ("pl", "cp1250"), ("pl", "iso8859_2"), ("hu", "cp1250"),
        ("de", "cp1252"), ("fr", "cp1252"), ("es", "cp1252"), ("pt", "cp1252"), ("sv", "cp1252"),
        ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"),
        ("zh-tw", "big5"), ("ko", "cp949"), ("fr", "cp850"), ("fr", "mac_roman"),
    ],
)  # fmt: skip
def test_text_without_label_is_guessed_right(language: str, codec: str) -> None:
    """A sentence is enough, in every charset that mail was ever written in."""
    assert decode(LONG[language].encode(codec), None) == LONG[language]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Привет, как дела?", "cp1251"), ("Re: Вопрос по договору", "koi8_r"),
        ("Иванов Сергей", "cp1251"), ("СРОЧНО! Распродажа", "cp1251"), ("Grüße", "cp1252"),
        ("Müller", "cp1252"), ("Réunion à Genève", "cp1252"), ("José Ñandú", "cp1252"),
        ("Año nuevo", "cp1252"), ("Příliš žluťoučký kůň", "cp1250"), ("Łukasz Wąsik", "cp1250"),
        ("Γιώργος Παπαδόπουλος", "cp1253"), ("İstanbul şubesi", "cp1254"), ("תודה רבה", "cp1255"),
        ("会議のお知らせ", "cp932"), ("田中太郎", "euc_jp"), ("株式会社山田", "cp932"),
        ("订单确认", "gb18030"), ("你好", "gb18030"), ("訂單確認", "big5"), ("안녕하세요", "cp949"),
        ("주문 확인", "cp949"), ("견적서", "cp949"), ("見積書", "euc_jp"), ("写真", "cp932"),
        ("测试", "gb18030"), ("优惠活动", "gb18030"), ("會議記錄", "big5"),
        ("It’s here", "cp1252"), ("Price £5", "cp1252"), ("© 2026 Acme", "cp1252"),
        ("20° outside", "cp1252"), ("Wait…", "cp1252"), ("«Bonjour»", "cp1252"),
        ("It costs ½", "cp1252"), ("1º de mayo", "cp1252"), ("Preis: 50 €", "cp1252"),
    ],
)  # fmt: skip
def test_a_subject_of_few_words_is_guessed_right(text: str, codec: str) -> None:
    """Headers are short, and still have to be read."""
    assert decode(text.encode(codec), None) == text


def test_the_label_of_a_neighbour_decides_what_could_be_either() -> None:
    """A Czech message's one-word subject looks French on its own."""
    assert decode("Časopis".encode("cp1250"), None, "windows-1250") == "Časopis"
    assert guess_codec("Привет".encode("cp1251"), "cp1252") == "cp1251"


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        ("é".encode(), "iso-8859-1", "é"),
        ("Привет, мир".encode(), "koi8-r", "Привет, мир"),
        ("订单确认通知".encode(), "gb2312", "订单确认通知"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße".encode("cp1252"), "us-ascii", "Grüße"),
        ("Привет, мир".encode("koi8_r"), "us-ascii", "Привет, мир"),
        (b"caf\xe9 \x80", "iso-8859-1", "café €"),
        (b"\xef\xbb\xbfhi", "utf-8", "hi"),
        (b"\xff\xfeh\x00i\x00", None, "hi"),
        ("h\nœ".encode("utf-16-be"), "utf-16", "h\nœ"),
        ("h\nœ".encode("utf-16-le"), "utf-16", "h\nœ"),
        ("hœ".encode("utf-16"), "utf-16", "hœ"),
        ("hœ".encode("utf-32-be"), "utf-32", "hœ"),
        (b"plain\n", "utf-16", "plain\n"),
        (b"plain", "utf-7", "plain"),
        (b"caf+AOk-", "utf-7", "café"),
        (b"caf+AOk-", "us-ascii", "caf+AOk-"),
        (b"~{<:Ky2;~}", "hz-gb-2312", "己所不"),
        (b"\x1b$)C\x0e>H3g\x0f", "iso-2022-kr", "안녕"),
        (b"\x1b$)A\x0eDc:C\x0f!", "iso-2022-cn", "你好!"),
        (b"\x1b$B-!F|\x1b(B", "iso-2022-jp", "①日"),
        (b"\x1b$BF|K\\\x1b(B", "us-ascii", "日本"),
        (b"\x1b$BF|K\\", "iso-2022-jp", "日本"),
        (b"\x1b$B-!$}F|\x1b(B", "iso-2022-jp", "①\ufffd日"),
        (b"\xad\xa1\xa4\xfd\xc6\xfc", "euc-jp", "①\ufffd日"),
        (b"\x1b(I1\x1b(B", "iso-2022-jp", "ｱ"),
        (b"\xad\xa1\xc6\xfc", "euc-jp", "①日"),
        (b"\x87\x40", "shift_jis", "①"),
        (b"ab\x1b[1m", "utf-8", "ab\x1b[1m"),
        (b"\xf0\xe9\xf2", "x-mac-cyrillic", b"\xf0\xe9\xf2".decode("mac_cyrillic")),
    ],
)  # fmt: skip
def test_wrong_labels_do_not_spoil_the_text(content: bytes, label: str | None, text: str) -> None:
    """The bytes are believed where they plainly say otherwise."""
    assert decode(content, label) == text


def test_damage_is_replaced_and_the_rest_is_kept() -> None:
    """One bad byte spoils one character, not the text."""
    assert decode("Grüße aus Köln und München".encode() + b"\xff!", "utf-8").startswith("Grüße")
    assert decode("订单确认通知".encode("gb18030") + b"\xff", "gb2312").startswith("订单确认通知")


def test_a_page_names_its_own_charset() -> None:
    """In the two ways of HTML and in that of XHTML; UTF-16 named in ASCII is a mistake."""
    assert declared_in_html(b'<html><meta charset="windows-1251">') == "windows-1251"
    assert declared_in_html(b"<META content='text/html; charset=koi8-r' x>") == "koi8-r"
    assert declared_in_html(b'<?xml version="1.0" encoding="euc-jp"?><html>') == "euc-jp"
    assert declared_in_html(b'<meta charset="utf-16">') is None
    assert declared_in_html(b"<p>charset=x") is None
