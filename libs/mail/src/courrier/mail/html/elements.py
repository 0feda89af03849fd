"""The elements of HTML by what they do to the text that a person reads."""

PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "fieldset", "figure", "blockquote", "pre",
    "listing", "xmp", "plaintext",
}  # fmt: skip
LINES = {
    "div", "dt", "dd", "address", "article", "aside", "caption", "center", "footer", "form",
    "header", "legend", "main", "nav", "section", "tbody", "thead", "tfoot", "summary", "details",
    "figcaption", "marquee", "body",
}  # fmt: skip
LISTS = {"ul", "ol", "menu", "dir"}
ROWS = {"table", "tr"}
CELLS = {"td", "th"}
UNSHOWN = {
    "style", "script", "template", "title", "noframes", "noembed", "object", "iframe", "select",
    "textarea", "svg", "math", "audio", "video", "canvas", "xml", "applet",
}  # fmt: skip
VOID = {
    "br", "hr", "img", "image", "input", "meta", "link", "col", "area", "base", "wbr", "source",
    "embed", "param", "track", "frame", "bgsound", "keygen",
}  # fmt: skip
KEEPING_LINES = {"pre", "listing", "xmp", "plaintext"}
BLOCKS = PARAGRAPHS | LINES | LISTS | ROWS | CELLS | {"li", "hr"}
# Where a tag of the key begins, the nearest of the first set is ended, together with all inside it;
# the search stops at the second set (HTML 13.2.6.4).
_IN_ROW = {"td", "th"}
_IN_SECTION = {"td", "th", "tr"}
_IN_TABLE = {"td", "th", "tr", "tbody", "thead", "tfoot", "caption"}
_BLOCKS_BUT_LOOSE = BLOCKS - {"p", "div", "address"}
ENDS: dict[str, tuple[set[str], set[str]]] = {
    "a": ({"a"}, BLOCKS),
    "li": ({"li"}, _BLOCKS_BUT_LOOSE - {"li"}),
    "dt": ({"dt", "dd"}, _BLOCKS_BUT_LOOSE - {"dt", "dd"}),
    "dd": ({"dt", "dd"}, _BLOCKS_BUT_LOOSE - {"dt", "dd"}),
    "td": (_IN_ROW, {"table", "tr"}),
    "th": (_IN_ROW, {"table", "tr"}),
    "tr": (_IN_SECTION, {"table", "tbody", "thead", "tfoot"}),
    "tbody": (_IN_TABLE, {"table"}),
    "thead": (_IN_TABLE, {"table"}),
    "tfoot": (_IN_TABLE, {"table"}),
}
TABLE_PARTS = {"table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "body", "html"}
SCOPES = {"table", "td", "th", "caption"}
FORMATTING = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
}  # fmt: skip
