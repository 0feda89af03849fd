"""Words, names and reply habits of the languages that the corpus is written in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How mail of one language looks; `share` is its weight among the others."""

    share: int
    charsets: tuple[str, ...]
    header_charset: str
    reply: str
    introduction: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    glue: str = " "

    def quoted(self, text: str) -> str:
        """The text as an earlier message under its introduction; nothing for no text."""
        if not text:
            return ""
        lines = "\r\n".join(f"> {line}" for line in text.rstrip().split("\r\n"))
        return f"\r\n{self.introduction}\r\n{lines}\r\n"


LANGUAGES = (
    Language(
        40, ("us-ascii", "utf-8"), "utf-8", "Re:", "On Mon, 6 Jan 2025 at 09:12, Ann wrote:",
        tuple(
            ["the", "order", "offer", "and", "we", "please", "meeting", "contract", "customer", "send", "price", "delivery", "with", "for", "invoice", "thank", "you", "project", "next", "week", "our", "team", "about", "question", "support", "number", "account", "payment", "review", "draft", "schedule", "call", "today", "tomorrow", "document", "attached"]
        ),
        ("Ann Smith", '"Jones, Bob"', "Carla Diaz", "Support Team"),
    ),
    Language(
        15, ("iso-8859-1", "utf-8"), "iso-8859-1", "Re:", "Le 6 janv. 2025 à 09:12, Zoé a écrit :",
        tuple(
            ["le", "la", "commande", "réunion", "très", "été", "façon", "où", "facture", "client", "merci", "projet", "équipe", "société", "semaine", "déjà", "prêt", "livraison", "délai", "numéro", "problème", "réponse"]
        ),
        ("Zoé Lefèvre", "François Noël", "Hélène Créac'h"),
    ),
    Language(
        15, ("iso-8859-1", "utf-8"), "utf-8", "AW:", "Am 06.01.2025 um 09:12 schrieb Jürgen:",
        tuple(
            ["der", "die", "Angebot", "über", "Grüße", "schön", "Straße", "Besprechung", "Rechnung", "für", "Kunde", "Lieferung", "nächste", "Woche", "bitte", "prüfen", "Geschäft", "Änderung", "könnten", "würde", "Vertrag"]
        ),
        ("Jürgen Müller", "Käthe Groß", "Team Köln"),
    ),
    Language(
        8, ("iso-8859-1", "utf-8"), "utf-8", "RE:", "El lun, 6 ene 2025 a las 09:12, Íñigo escribió:",
        tuple(
            ["el", "pedido", "reunión", "mañana", "señor", "año", "cliente", "factura", "niño", "gestión", "información", "envío", "próxima", "semana", "gracias", "compañía", "número", "teléfono"]
        ),
        ("Íñigo Peña", "María Núñez"),
    ),
    Language(
        6, ("iso-8859-2", "utf-8"), "utf-8", "Odp:", "W dniu 6.01.2025 o 09:12, Łukasz pisze:",
        tuple(
            ["zamówienie", "spotkanie", "proszę", "dziękuję", "faktura", "ćwiczenie", "źródło", "żółty", "środa", "możliwość", "następny", "tydzień", "klient", "umowa", "wysyłka", "ręka", "łódź"]
        ),
        ("Łukasz Żak", "Święta Śliwa"),
    ),
    Language(
        6, ("koi8-r", "windows-1251", "utf-8"), "koi8-r", "Re:",
        "6 января 2025 г., 09:12, Дмитрий пишет:",
        tuple(
            ["заказ", "встреча", "пожалуйста", "спасибо", "счёт", "клиент", "договор", "доставка", "неделя", "вопрос", "ответ", "номер", "проект", "команда", "завтра", "сегодня", "документ", "цена"]
        ),
        ("Дмитрий Орлов", "Анна Котова"),
    ),
    Language(
        5, ("iso-2022-jp", "shift_jis", "utf-8"), "iso-2022-jp", "Re:",
        "2025年1月6日(月) 9:12 田中 <tanaka@company1.example>:",
        tuple(["注文", "会議", "お願いします", "ありがとう", "請求書", "顧客", "契約", "配送", "来週", "質問", "回答", "番号", "資料"]),
        ("田中 太郎", "鈴木 花子"),
        glue="",
    ),
    Language(
        5, ("gb2312", "gb18030", "utf-8"), "utf-8", "回复:", "在 2025年1月6日，王伟写道：",
        tuple(["订单", "会议", "谢谢", "发票", "客户", "合同", "交货", "下周", "问题", "答复", "号码", "文件", "价格", "项目"]),
        ("王伟", "李娜"),
        glue="",
    ),
)  # fmt: skip
