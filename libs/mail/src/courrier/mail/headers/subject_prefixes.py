"""What mail programs write before the subject of an answer or a forward, in their languages."""
# ruff: noqa: RUF001 (words stand as mail programs write them)

REPLY = (
    *("re", "ｒｅ", "resp"),
    *("aw", "antw", "antwort"),  # German, Dutch
    *("betr", "beantw"),  # Dutch (GroupWise)
    *("réf", "rép", "réponse", "ref", "rep"),  # French (Notes, GroupWise)
    *("r", "rif", "ris", "risp"),  # Italian
    *("res", "rsp", "resposta", "respuesta"),  # Portuguese, Spanish
    *("sv", "svar"),  # Swedish, Danish, Norwegian, Icelandic
    *("odp", "odpověď", "odpoveď", "odg", "odgovor"),  # Polish, Czech, Slovak, Croatian, Slovenian
    *("vá", "válasz"),  # Hungarian
    *("ynt", "yanıt", "cevap"),  # Turkish
    *("atb", "ats", "atsakymas", "atbilde"),  # Welsh, Latvian, Lithuanian
    *("răsp", "rasp"),  # Romanian
    *("απ", "απάντηση", "σχετ"),  # Greek
    *("отв", "ответ", "на", "hа", "нa", "ha"),  # Russian; Notes and Outlook mix the alphabets
    *("відп", "відповідь", "отг", "отговор", "одг", "одговор"),  # Ukrainian, Bulgarian, Serbian
    *("השב", "תגובה", "תשובה"),  # Hebrew
    *("رد", "الرد", "پاسخ"),  # Arabic, Persian
    *("bls", "balas", "er"),  # Indonesian, Malay, Basque
    *("trả lời", "tl", "ตอบกลับ", "ตอบ"),  # Vietnamese, Thai
    *("回复", "回覆", "答复", "答覆", "回信", "返信", "返", "회신", "답장", "답변"),  # East Asia
)
FORWARD = (
    *("fw", "fwd", "forward", "forwarded", "ｆｗ", "ｆｗｄ"),
    *("wg", "wtrlt", "weitergeleitet", "weiterleitung"),  # German (GroupWise: Wtrlt)
    *("doorst", "doorgestuurd", "doorgest"),  # Dutch
    *("tr", "trans", "transf", "transféré"),  # French
    *("i", "inoltra", "inoltro", "inoltr"),  # Italian
    *("enc", "encaminhado", "rv", "reenv", "reenviado", "rm"),  # Portuguese, Spanish, Catalan
    *("vb", "vs", "vl", "fs"),  # Swedish, Danish and Norwegian (in Finnish an answer), Finnish
    *("pd", "přep", "přeposláno", "preposlané", "prosl", "posr", "posred"),  # Slavic, in Latin
    *("továbbítás", "továbbítva", "továbbított", "továb", "tov", "továbbküldött"),  # Hungarian
    *("ilt", "ılt", "yön"),  # Turkish
    *("yml", "pārs", "pers", "edasi", "edastatud"),  # Welsh, Latvian, Lithuanian, Estonian
    *("redir", "πρθ", "προώθηση"),  # Romanian, Greek
    *("пересл", "перес", "переслать", "пер", "препр", "прослеђено"),  # Cyrillic
    *("הועבר", "העברה", "إعادة توجيه", "تحويل", "ارجاع", "هدایت"),  # Hebrew, Arabic, Persian
    *("trs", "terusan", "bir", "chuyển tiếp", "ct", "ส่งต่อ"),  # South-East Asia, Basque
    *("转发", "轉發", "转寄", "轉寄", "転送", "転", "전달"),  # East Asia
)
