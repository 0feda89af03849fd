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
# What a tag of the key ends where it stands open (HTML 13.2.6.4).
ENDS = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "td": {"td", "th"}, "th": {"td", "th"},
    "tr": {"td", "th", "tr"}, "tbody": {"td", "th", "tr", "tbody", "thead"},
}  # fmt: skip
TABLE_PARTS = {"table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "body", "html"}
SCOPES = {"table", "td", "th", "caption"}
FORMATTING = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
}  # fmt: skip
