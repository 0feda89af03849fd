"""What senders mean by a charset label: registered names, browsers' readings, and what is written.

Labels are read as browsers read them (WHATWG Encoding), because senders mean what they see there:
`iso-8859-1` is windows-1252, `gb2312` is GB 18030, `ks_c_5601-1987` is UHC.
"""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache

# By letters and digits alone; an empty meaning is a label that says nothing.
_MEANT = {
    "ansi": "cp1252", "ansix341968": "cp1252", "ansix31101983": "cp1252", "ascii": "cp1252",
    "usascii": "cp1252", "asciiusascii": "cp1252", "iso646us": "cp1252", "us": "cp1252",
    "iso88591": "cp1252", "latin1": "cp1252", "l1": "cp1252", "isolatin1": "cp1252",
    "88591": "cp1252", "8859": "cp1252", "iso8859": "cp1252", "iso85591": "cp1252",
    "iso88581": "cp1252", "iso885911987": "cp1252", "iso88591windows31latin1": "cp1252",
    "xuserdefined": "cp1252", "western": "cp1252", "windows": "cp1252", "cp": "cp1252",
    "xansi": "cp1252", "iso88599": "cp1254", "latin5": "cp1254", "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8", "iso88596i": "iso8859_6", "iso88596e": "iso8859_6",
    "logical": "iso8859_8", "visual": "iso8859_8", "iso885911": "cp874", "tis620": "cp874",
    "tis6202533": "cp874", "xtis620": "cp874", "windows874": "cp874", "latin9": "iso8859_15",
    "latin0": "iso8859_15", "big5": "big5hkscs", "xbig5": "big5hkscs", "cnbig5": "big5hkscs",
    "big5eten": "big5hkscs", "csbig5": "big5hkscs", "xxbig5": "big5hkscs", "cp950": "big5hkscs",
    "windows950": "big5hkscs", "euckr": "cp949", "ksc5601": "cp949", "ksc56011987": "cp949",
    "ksc56011989": "cp949", "ksc56011992": "cp949", "ks": "cp949", "korean": "cp949",
    "uhc": "cp949", "cseuckr": "cp949", "windows949": "cp949", "xwindows949": "cp949",
    "5601": "cp949", "xmackorean": "cp949", "gb2312": "gb18030", "gb231280": "gb18030",
    "gb23121980": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "euccn": "gb18030",
    "chinese": "gb18030", "csgb2312": "gb18030", "cngb": "gb18030", "cp936": "gb18030",
    "windows936": "gb18030", "gb1830": "gb18030", "gb": "gb18030", "xgb2312": "gb18030",
    "xmacchinesesimp": "gb18030", "xmacchinesetrad": "big5hkscs", "xmacjapanese": "cp932",
    "hzgb2312": "hz", "hzgb": "hz", "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932",
    "mskanji": "cp932", "csshiftjis": "cp932", "windows31j": "cp932",
    "shiftjisx0213": "shift_jisx0213", "xmscp932": "cp932", "windows932": "cp932",
    "sjiswin": "cp932", "eucjpms": "euc_jp", "xeuc": "euc_jp", "xeucjp": "euc_jp",
    "eucjpwin": "euc_jp", "cseucpkdfmtjapanese": "euc_jp", "eucjp": "euc_jp",
    "iso2022jp": "iso2022_jp", "iso2022jpms": "iso2022_jp", "csiso2022jp": "iso2022_jp",
    "iso2022jp1": "iso2022_jp", "iso2022jp2": "iso2022_jp_2", "jis": "iso2022_jp",
    "cp50220": "iso2022_jp", "cp50221": "iso2022_jp", "cp50222": "iso2022_jp",
    "iso2022jpesc": "iso2022_jp", "iso2022cn": "iso2022_cn", "iso2022cnext": "iso2022_cn",
    "utf8": "utf-8", "utf8mb4": "utf-8", "utf8mb3": "utf-8", "unicode11utf8": "utf-8",
    "unicode20utf8": "utf-8", "xunicode20utf8": "utf-8", "unicode": "utf-8", "utf": "utf-8",
    "uft8": "utf-8", "ut8": "utf-8", "utf8sig": "utf-8", "al32utf8": "utf-8", "cp65001": "utf-8",
    "utf7": "utf-7", "unicode11utf7": "utf-7", "xunicode20utf7": "utf-7",
    "csunicode11utf7": "utf-7", "unicode20utf7": "utf-7", "ucs2": "utf-16",
    "iso10646ucs2": "utf-16", "ucs4": "utf-32", "csunicode": "utf-16", "iso10646": "utf-16",
    "xmaccentraleurroman": "mac_latin2", "xmacce": "mac_latin2", "xmacukrainian": "mac_cyrillic",
    "macintosh": "mac_roman", "xmac": "mac_roman", "xmacroman": "mac_roman", "koi": "koi8_r",
    "koi8": "koi8_r", "cskoi8r": "koi8_r", "koi8ru": "koi8_u", "cyrillic": "iso8859_5",
    "windowscyrillic": "cp1251", "cyrillicwindows": "cp1251", "win": "cp1251", "dos": "cp866",
    "alt": "cp866", "greek": "iso8859_7", "iso88592windowslatin2": "iso8859_2", "": "", "8bit": "",
    "7bit": "", "binary": "", "unknown8bit": "", "unknown": "", "xunknown": "", "default": "",
    "defaultcharset": "", "none": "", "null": "", "undefined": "", "charset": "", "utfxx": "",
    "auto": "", "userdefined": "", "other": "", "base64": "", "quotedprintable": "", "text": "",
    "plain": "",
}  # fmt: skip

# Python lists these among its encodings, but no mail is written in them and some take long.
_NOT_CHARSETS = {
    "idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined",
    "unicode-escape",
}  # fmt: skip
# `codecs.lookup` looks for a file for every other name, and keeps the name for ever.
_OF_PYTHON = frozenset(aliases) | frozenset(aliases.values()) | {
    "cp1006", "cp720", "cp737", "cp856", "cp874", "cp875", "iso8859_1", "koi8_t", "koi8_u",
    "mac_arabic", "mac_croatian", "mac_farsi", "mac_romanian", "utf_8_sig",
}  # fmt: skip
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_CODE_PAGE = re.compile(
    r"x?(?:windows?|win|cp|ibm|ms|ansi|microsoftcp|codepage|cswindows|dos)(?:cp)?(\d{3,5})\Z"
)
_ISO_8859 = re.compile(r"x?(?:cs)?(?:iso|is|so)?8859(\d{1,2})(?:19\d\d|200\d)?\Z")
_SEVERAL = re.compile(r"[,;$ \t]")
_MAX_LABEL = 80


@lru_cache(maxsize=512)
def codec_for(label: str) -> str | None:
    """The name of Python's codec for a label as written in a message, `None` if it means none.

    `iso2022_cn` is ours (see `charset_escapes`), as Python has none.
    """
    plain = label.strip().strip("'\"_ ").lower()[:_MAX_LABEL]
    found = _codec(plain)
    if found is None:
        for word in _SEVERAL.split(plain)[:3]:
            found = found or (_codec(word.strip("'\"_=")) if word != plain else None)
    return found


def _codec(plain: str) -> str | None:
    key = _NOT_PLAIN.sub("", plain)
    key = key.removeprefix("charset") or key
    meant = _MEANT.get(key)
    if meant is None:
        meant = _by_number(key) or plain
    if not meant or not meant.isascii() or "\x00" in meant:
        return None
    return meant if meant in _OURS else _python_codec(meant) or _python_codec(key.removeprefix("x"))


_OURS = {"iso2022_cn", "iso2022_jp"}


def _by_number(key: str) -> str | None:
    page = _CODE_PAGE.match(key)
    if page is not None:
        number = page.group(1)
        return _PAGES.get(number) or f"cp{number}"
    iso = _ISO_8859.match(key)
    return f"iso8859_{iso.group(1)}" if iso is not None else None


_PAGES = {
    "936": "gb18030", "949": "cp949", "950": "big5hkscs", "874": "cp874", "65001": "utf-8",
    "28591": "cp1252", "28592": "iso8859_2", "28595": "iso8859_5", "20866": "koi8_r",
    "21866": "koi8_u", "10000": "mac_roman", "819": "cp1252", "367": "cp1252", "54936": "gb18030",
    "51949": "cp949", "51932": "euc_jp", "20932": "euc_jp", "50220": "iso2022_jp",
    "1200": "utf-16-le", "1201": "utf-16-be",
}  # fmt: skip


def _python_codec(name: str) -> str | None:
    if normalize_encoding(name) not in _OF_PYTHON:
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("_", "-") not in _NOT_CHARSETS else None
