"""How mail clients of many languages introduce a quotation, and how people end a message.

Read by `reply_text` only. Lists are of the forms that Gmail, Outlook, Apple Mail, Thunderbird and
phones write; a form too many costs text that was meant, so each is bound to whole lines.
"""
# ruff: noqa: E501, RUF001 (phrases stand as mail clients write them, one client a line)

import re

_WROTE = (
    r"wrote|writes|a écrit|écrivit|schrieb(?: am .{0,80})?|schreibt|hat geschrieben|escribió|"
    r"escribio|escribi[óo]|ha scritto|scrisse|scrive|escreveu|schreef(?: op .{0,80})?|"
    r"heeft geschreven|het volgende geschreven|napisał(?:\(a\)|a)?|pisze|написал(?:\(а\)|а)?|"
    r"пишет|писал(?:\(а\)|а)?|написав|пише|さん(?:は|が)書きました|のメール|さんのメッセージ|写道|寫道|编写|"
    r"skrev(?: .{0,80})?|kirjoitti|írta|napsal(?:\(a\)|a)?|yazdı|şunu yazdı|a scris|έγραψε|작성|"
    r"님이 작성"
)

INTRODUCTION_END = re.compile(rf"(?:{_WROTE})\s{{0,3}}[:：]?\s*\Z", re.IGNORECASE)
"""The end of `On Monday Ann wrote:`; the colon may be missing only where quoted lines follow."""

INTRODUCTION_START = re.compile(
    r"(?:on|le|am|el|il|em|op|w dniu|dnia|в|den|dne|på|op|at|vào|pada|der|die|quoting|zitat von|el día"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|pon|wt|śr|czw|pt"
    r"|sob|niedz|пн|вт|ср|чт|пт|сб|вс)[a-zа-яё]*\.?,?|\d{1,4}[./年-]|在|于|於)(?:\s|\d)",
    re.IGNORECASE,
)

DATED_ADDRESS = re.compile(r"\d.{0,200}<[^<>\s]{1,200}@[^<>\s]{1,200}>\s{0,3}[:：]\s*\Z")
"""Gmail in Japanese, Russian and others: date, name, address in brackets, colon, no verb."""

ADDRESS_OR_DATE = re.compile(r"@|\d{1,4}[-./年:]\d|\d{1,2}\.? \w{3,}|\w{3,} \d{1,2},")

_HEADER_FROM = r"from|de|von|da|van|od|от|від|från|fra|lähettäjä|feladó|odesílatel|差出人|送信者|发件人|寄件者|寄件人|보낸 사람|发送人"
_HEADER_OTHERS = (
    r"sent|date|to|cc|subject|reply-to|envoyé(?: le)?|date d['’]envoi|à|objet|cci|gesendet|datum|an|betreff|kopie"
    r"|enviado(?: el| em)?|fecha|para|asunto|inviato|data|a|oggetto|assunto|verzonden|aan|onderwerp"
    r"|wysłano|do|dw|temat|отправлено|дата|кому|копия|тема|送信日時|日時|日付|宛先|件名"
    r"|发送时间|发送日期|日期|时间|收件人|抄送|主题|寄件日期|收件者|主旨|skickat|till|ämne|sendt|til|emne|받는 사람|제목"
)
HEADER_FROM = re.compile(rf"[*\s]{{0,3}}(?:{_HEADER_FROM})\s?\*?\s?[:：]\*?\s*\S", re.IGNORECASE)
HEADER_OTHER = re.compile(rf"[*\s]{{0,3}}(?:{_HEADER_OTHERS})\s?\*?\s?[:：]", re.IGNORECASE)
"""The header block that Outlook puts above an earlier message, bold marks allowed."""

RULE = re.compile(r"[_\-=*—]{5,}\s*\Z")

ORIGINAL = re.compile(
    r"[-_=*\s]{2,40}(?:original (?:message|email|appointment)|message d['’]origine|message original|courriel original"
    r"|urspr(?:ü|ue)ngliche (?:nachricht|e-?mail)|original-?nachricht|mensaje original|messaggio originale|mensagem original"
    r"|oorspronkelijk bericht|(?:oryginalna wiadomość|wiadomość oryginalna|pierwotna wiadomość)|исходное сообщение"
    r"|元のメッセージ|original message|原始邮件|原始郵件|原邮件|reply message|ursprungligt meddelande|oprindelig meddelelse"
    r"|alkuperäinen viesti|eredeti üzenet|původní zpráva)[-_=*\s:]{2,40}\Z",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"(?:[-_=*\s]{2,40}\s*)?(?:forwarded message|begin forwarded message|message transféré|début du message (?:transféré|réexpédié)"
    r"|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|mensaje reenviado|inicio del mensaje reenviado"
    r"|messaggio inoltrato|inizio messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)|doorgestuurd bericht"
    r"|begin doorgestuurd bericht|(?:treść przekazanej wiadomości|wiadomość przekazana dalej|przekazana wiadomość)"
    r"|пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения|転送されたメッセージ|转发的邮件|转发邮件信息)"
    r"\s*(?:[:：]|[-_=*\s]{2,40})\s*\Z",
    re.IGNORECASE,
)

SENT_FROM = re.compile(
    r"\s*\W{0,3}(?:sent (?:from|via|with|using|by) (?:my |the )?(?:\w+ ?){1,3}"
    r"(?:iphone|ipad|ipod|phone|android|galaxy|blackberry|mobile|tablet|mail|outlook|windows|samsung|device|yahoo|protonmail|handheld|app|nokia|pixel|huawei|xiaomi|note|pro|s\d+|\d+)?.{0,60}"
    r"|get (?:outlook|bluemail) for .{1,40}|envoyé (?:de|depuis|à partir de|avec|via) .{1,60}|télécharge[rz] outlook.{0,60}|obtenez outlook .{1,40}"
    r"|(?:von|vom) mein(?:em|er|en) .{1,40} gesendet|gesendet (?:von|mit|aus) .{1,60}|diese nachricht wurde von mein.{1,60}|holen sie sich outlook.{0,40}"
    r"|enviado (?:desde|do|de|a partir|com|con|via) .{1,60}|obtener outlook .{1,40}|obter o outlook .{1,40}"
    r"|inviato (?:da|dal|con|tramite) .{1,60}|ottieni outlook .{1,40}"
    r"|verzonden (?:vanaf|vanuit|met|via) .{1,60}|verstuurd (?:vanaf|met|via) .{1,60}|outlook voor .{1,30} downloaden"
    r"|wysłan[eoy] (?:z|przez|za pomocą) .{1,60}|pobierz program outlook.{0,40}"
    r"|отправлено (?:с|из|от) .{1,60}|скачать outlook .{1,40}"
    r"|.{1,30}から送信(?:されました)?|(?:发自|發自|从|来自)(?:我的)?.{1,30}|skickat från .{1,60}|sendt fra .{1,60}"
    r"|lähetetty .{1,60}|odesláno z .{1,60})\s*[.!。]?\s*\Z",
    re.IGNORECASE,
)
_FAREWELLS = (
    r"(?:(?:with|my|many|very|all the) )?(?:best|kind(?:est)?|warm(?:est)?|good) (?:regards|wishes)|"
    r"regards|(?:kind|best) rgds|best|all the best|cheers|(?:yours )?sincerely(?: yours)?|"
    r"yours(?: truly| faithfully)?|respectfully(?: yours)?|cordially|take care|br|rgds|"
    r"many thanks|"
    r"thanks(?: a lot| again| so much| very much)?(?:,? and (?:best|kind) regards)?|"
    r"thank you(?: very much| so much| again)?|thanks in advance|thx|talk soon|"
    r"have a (?:nice|good|great) (?:day|weekend|week|evening)|"
    r"(?:bien |très |sincèrement )?cordialement(?: vôtre)?|"
    r"(?:bien|sincères) (?:à vous|à toi|salutations)|salutations(?: distinguées)?|"
    r"(?:meilleures|sincères|respectueuses) salutations|bonne (?:journée|soirée|réception)|"
    r"amicalement|merci(?: d['’]avance| beaucoup)?|cdlt|à bientôt|"
    r"(?:je vous prie|veuillez) .{0,80}(?:salutations|sentiments).{0,40}|"
    r"(?:mit |viele |liebe |beste |schöne |herzliche |mit den )?(?:(?:freundlichen|besten|herzlichen|vielen|lieben|schönen) )?gr(?:ü|ue)(?:ß|ss)en?(?: aus .{1,30})?|"
    r"mfg|lg|vg|hochachtungsvoll|vielen dank(?: im voraus)?|danke|gruss|gruß|"
    r"(?:un )?(?:cordial(?:es)?|atento|afectuosos?) saludos?|saludos(?: cordiales)?|"
    r"atentamente|un (?:saludo|abrazo)|(?:muchas )?gracias(?: de antemano)?|"
    r"reciba un cordial saludo|(?:cordiali|distinti|cari|i migliori) saluti|saluti|"
    r"cordialmente|grazie(?: mille)?|a presto|buona giornata|atenciosamente|"
    r"(?:com os )?(?:melhores )?cumprimentos|abraços?|(?:muito )?obrigad[oa]|att|"
    r"(?:met )?vriendelijke groet(?:en)?|hartelijke groet(?:en)?|groet(?:en|jes)?|mvg|"
    r"hoogachtend|(?:alvast )?bedankt|dank je wel|"
    r"(?:z )?(?:poważaniem|wyrazami szacunku|pozdrowieniami)|(?:serdecznie )?pozdrawiam|"
    r"pozdrowienia|dziękuję|с (?:уважением|наилучшими пожеланиями)|всего (?:доброго|хорошего)|"
    r"спасибо|敬具|よろしくお願い(?:いた|致)?します|以上|此致(?:敬礼)?|祝好|谢谢|顺颂商祺|med vänliga? hälsning(?:ar)?|"
    r"med venlig hilsen|mvh|med vennlig hilsen"
)
FAREWELL = re.compile(rf"\s*(?:{_FAREWELLS})\s*[,.!，。;-]{{0,3}}\s*\Z", re.IGNORECASE)
LIST_FOOTER = re.compile(r"mailing list|unsubscribe|listinfo|google groups", re.IGNORECASE)
