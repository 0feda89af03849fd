"""How mail programs head an earlier message: labels, titles and verbs in many languages.

Read by the modules of `reply_text` only. A label counts within a block of several; a title or a
verb within a line that also has what only programs write: rules, a time, an address.
"""
# ruff: noqa: E501, RUF001 (words and marks of other scripts are the point)

from courrier.mail.replies.words import folded, phrases

_LABELS = {
    "from": (
        "From|De|Von|Da|Van|Od|Nadawca|От|От кого|Від|Від кого|Від:|Från|Fra|Lähettäjä|Feladó|Odesílatel|"
        "Odosielateľ|De la|Expeditor|Από|Kimden|Gönderen|Từ|Người gửi|מאת|من|差出人|送信者|发件人|寄件者|寄件人|"
        "發件人|發信人|보낸 사람|보낸사람|보내는 사람|발신|发送人|Dari|จาก|प्रेषक|Saatja|No|Nuo|Pošiljatelj|Šalje|Expéditeur|"
        "Absender|Remitente|Mittente|Remetente|Afzender|Отправитель|Sender|Forrás|Desde|Saatja|От|Lähettäjä"
    ),
    "date": (
        "Sent|Date|Message du|Sent at|Date sent|Sent on|Sent Date|Date/Time|Envoyé|Envoyé le|Date d'envoi|Envoyée|Le|Gesendet|"
        "Gesendet am|Datum|Enviado|Enviado el|Enviado em|Enviada em|Enviada|Enviado a las|Fecha|Fecha de envío|Inviato|Inviato il|"
        "Data|Verzonden|Verstuurd|Wysłano|Wysłane|Data wysłania|Отправлено|Дата|Послано|Надіслано|Надісланo|送信日時|日時|"
        "日付|发送时间|發送時間|发送日期|日期|时间|時間|寄件日期|傳送日期|傳送時間|寄件時間|Skickat|Sendt|Lähetetty|Päiväys|"
        "Päivä|Päivämäärä|Küldve|Elküldve|Dátum|Odesláno|Odoslané|Trimis|Trimisă|Data trimiterii|Στάλθηκε|Εστάλη|Ημερομηνία|"
        "Gönderildi|Gönderme Tarihi|Tarih|Đã gửi|Gửi|Ngày|Thời gian|נשלח|תאריך|إرسال|تم الإرسال|تاريخ الإرسال|التاريخ|"
        "보낸 날짜|보낸날짜|날짜|발송 시간|Dikirim|Tanggal|วันที่|ส่ง|Dato|Saadetud|Kuupäev|Poslano|Datums|Siųsta|Изпратено|"
        "Izsiųsta|When|Quand|Wann|Cuándo|Quando|Received|Poslané|Time"
    ),
    "to": (
        "To|À|A|Pour|An|Para|Aan|Naar|Do|Dla|Кому|До|Til|Till|Vastaanottaja|Címzett|Komu|Pro|Pre|Către|Catre|Προς|"
        "Kime|Alıcı|Đến|Tới|Người nhận|אל|לכבוד|إلى|الى|宛先|To 宛先|收件人|收件者|받는 사람|받는사람|받는이|수신|Kepada|ถึง|"
        "Za|Prima|Saaja|Kam|Kam|До кого|Destinataire|Empfänger|Destinatario|Destinatário|Odbiorca|Получатель|Per|Kopi til|Recipient"
    ),
    "cc": (
        "Cc|Bcc|Copie|Copie à|Cci|Kopie|Kopia|DW|UDW|Do wiadomości|CCO|Копия|Копія|Kopio|Másolat|Másolatot kap|Kópia|"
        "Κοιν|Κοινοποίηση|Bilgi|抄送|副本|참조|עותק|نسخة|Reply-To|Responder a|Répondre à|Antwort an|Reply To|Responder para|Rispondi a|"
        "Odpověď|Ответить|回复|Importance|Priority|Importancia|Importância|Priorità|Wichtigkeit|Belang|Attachments|Attachment|"
        "Anlagen|Anhang|Pièces jointes|Pièce jointe|Adjuntos|Datos adjuntos|Allegati|Anexos|Bijlagen|Załączniki|Вложения|添付ファイル|附件|"
        "Importance :|Organization|Organisation|Newsgroups|Sensitivity|Categories|When|Where|Conversation|Message-ID|Required|"
        "List-Id|Mailing-List|Delivered-To|Signed by|Mailed-by|Security|Thread-Topic|CC:|优先级|重要性|Важность|Važnost|Gewicht|Ref"
    ),
    "subject": (
        "Subject|Objet|Sujet|Betreff|Thema|Betrifft|Asunto|Oggetto|Assunto|Onderwerp|Temat|Тема|件名|主题|主題|主旨|标题|標題|Ämne|"
        "Emne|Aihe|Tárgy|Předmět|Predmet|Subiect|Θέμα|Konu|Chủ đề|Tiêu đề|נושא|הנדון|الموضوع|제목|Perihal|Subjek|"
        "เรื่อง|Teema|Temats|Tēma|Tema|Относно|Naslov|Zadeva|Re|Assumpte|विषय"
    ),
}
LABELS = {
    folded(word).rstrip(":").strip(): role
    for role, words in _LABELS.items()
    for word in words.split("|")
}
"""Role by folded label: `from`, `date`, `to`, `cc` (also anything of less weight), `subject`."""

ORIGINALS = phrases(
    "original {message|e-mail|email|mail|appointment|text}",
    "{|your |the }original message {|follows}",
    "{original|reply|previous|replied|quoted} message",
    "message {d'origine|original|originel|précédent|initial}",
    "{courriel|mail|e-mail|courrier} {original|d'origine}",
    "{ursprüngliche|ursprungliche|urspruengliche|originale|original|orginal} {nachricht|e-mail|email|mail}",
    "original{nachricht|-nachricht|mail|-mail}",
    "{mensaje|correo|texto} original",
    "mensaje {|de correo }{original|anterior}",
    "messaggio {originale|precedente}",
    "{mensagem|e-mail} {original|anterior}",
    "{oorspronkelijk|origineel|oorspronkelijke} {bericht|mail|e-mail}",
    "{oryginalna|pierwotna|wcześniejsza} wiadomość",
    "wiadomość {oryginalna|pierwotna}",
    "{исходное|оригинальное|первоначальное} {сообщение|письмо}",
    "{оригінальне|початкове|вихідне} {повідомлення}",
    "{回复的原邮件|轉發的原郵件|转发的原邮件|回覆的原郵件|原文|元のメッセージ|元のメール|原始邮件|原始郵件|原始信件|原邮件|原郵件|原始消息|オリジナルメッセージ|original message}",
    "{원본 메시지|원본메시지|원본 메일|원래 메시지|원본 이메일}",
    "{ursprungligt|originalt} {meddelande|mail}",
    "{oprindelig|original|opprinnelig} {meddelelse|besked|melding|mail|e-mail}",
    "{originalmeddelelse|originalmeddelande|alkuperäinen viesti|eredeti üzenet|eredeti levél}",
    "původní {zpráva|e-mail}",
    "{pôvodná správa|mesajul original|mesaj original|mesajul inițial|orijinal ileti|orijinal mesaj|özgün ileti}",
    "{αρχικό μήνυμα|thư gốc|tin nhắn gốc|הודעה מקורית|ההודעה המקורית|الرسالة الأصلية|رسالة أصلية|pesan asli}",
    "{izvorna poruka|originalna poruka|originalno sporočilo|izvirno sporočilo|оригинално съобщение|algne sõnum|originalus laiškas}",
    "{ข้อความต้นฉบับ|missatge original|jatorrizko mezua}",
)
FORWARDS = phrases(
    "{|begin |start of |end of }{forwarded|forwarded e-mail|fwd} {message|mail|email}",
    "{|début du |start du }message {transféré|réexpédié|transmis}",
    "{courriel|e-mail|mail} transféré",
    "{weitergeleitete|anfang der weitergeleiteten|beginn der weitergeleiteten} {nachricht|e-mail|email|mail}",
    "{|inicio del |comienzo del }mensaje reenviado",
    "{|inizio |inizio del }messaggio inoltrato",
    "{|início da |início de }mensagem {encaminhada|reencaminhada}",
    "{doorgestuurd|begin doorgestuurd|begin van doorgestuurd} bericht",
    "{treść przekazanej wiadomości|wiadomość przekazana dalej|przekazana wiadomość|początek przekazywanej wiadomości|początek przekazanej wiadomości}",
    "{пересылаемое|пересланное|начало переадресованного|начало пересылаемого|начало пересланного} {сообщение|сообщения|письмо|письма}",
    "{переслане повідомлення|початок переадресованого повідомлення|початок переспрямованого повідомлення}",
    "{転送されたメッセージ|転送メッセージ|転送されたメール|转发的邮件|转发邮件|转发邮件信息|轉寄的郵件|轉寄郵件|转寄|已轉寄的郵件|開始轉寄郵件|开始转发的邮件|以下是转发的邮件|下記は転送されたメッセージです}",
    "{전달된 메시지|전달된 메일|전달 메시지|아래는 전달된 메시지입니다|전달된 이메일}",
    "{|börja |start på }{vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail}",
    "{|start på }videresendt {meddelelse|melding|besked|mail}",
    "{välitetty viesti|edelleenlähetetty viesti|továbbított üzenet|továbbított levél|přeposlaná zpráva|preposlaná správa|mesaj redirecționat|începutul mesajului redirecționat}",
    "{yönlendirilen mesaj|iletilen mesaj|iletilmiş mesaj|προωθημένο μήνυμα|thư chuyển tiếp|tin nhắn được chuyển tiếp|הודעה שהועברה|رسالة معاد توجيهها|pesan terusan}",
    "{proslijeđena poruka|prosleđena poruka|posredovano sporočilo|препратено съобщение|edastatud kiri|pārsūtītais ziņojums|persiųstas laiškas|missatge reenviat}",
)
FORWARDED_BY = ("forwarded by ", "weitergeleitet von ", "transfere par ", "reenviado por ")
REPLY_ABOVE = (
    "above this line", "below this line", "au-dessus de cette ligne", "uber dieser zeile", "oberhalb dieser zeile",
    "encima de esta linea", "sobre esta linea", "sopra questa riga", "acima desta linha", "boven deze lijn",
    "boven deze regel", "powyzej tej linii", "выше этой строки", "ovanfor denna rad", "ovanfor den har raden",
    "over denne linje", "taman rivin ylapuolelle", "この行の上", "此行上方", "此行以上", "nad touto cestou", "nad tento radek",
)  # fmt: skip
"""Folded: where help desks ask for an answer (`##- Please type your reply above this line -##`)."""

VERBS = phrases(
    "{wrote|writes|written|said|says|spake}",
    "{écrit|écrivit|écrivait|écrivais|schrieb|schreibt|geschrieben|schrieben|escribió|escribe|escrito|escribiste|escribía}",
    "{scritto|scrisse|scrive|scriveva|escreveu|escreve|escreveram|schreef|schrijft|geschreven}",
    "{napisał|napisała|napisał(a)|napisał/a|napisali|pisze|pisał|pisał(a)|napsal|napsala|napsal(a)|napsal/a|píše}",
    "{napísal|napísala|napísal(a)|napísal/a|napisao|napisala|napisao/la|piše|je napisal}",
    "{написал|написала|написал(а)|написал/а|написали|пишет|писал|писала|писал(а)|пишете}",
    "{написав|написала|написав(-ла)|написав(ла)|пише|писав|написа|пишува}",
    "{skrev|skriver|kirjoitti|kirjoittaa|írta|ír|írja|yazdı|yazmış|scris|έγραψε|γράφει|viết|menulis|kirjutas|rakstīja|rašė}",
    "{כתב|כתבה|כתב/ה|كتب|كتبت|كَتَب|escrigué|escriure|idatzi|เขียน|เขียนว่า|ने लिखा|लिखा}",
)
"""Folded single words; whoever wrote is before or after them."""

VERBS_WITHIN = (
    "さんは書きました", "さんが書きました", "は書きました", "のメール", "のメッセージ", "wrote", "写道", "寫道", "编写", "編寫", "撰写", "撰寫", "写了", "님이 작성",
    "작성:", "작성한 메시지", "님의 말", "씨가 작성", "が書", "쓴 글", "님이 쓰", "来信", "來信",
)  # fmt: skip
"""In scripts that do not part words, anywhere in the last characters."""

QUOTING = (
    "from article ",
    "in article ",
    "in message ",
    "in a previous article",
    "in <",
"quoting ", "quote ", "zitat von ", "citando ", "citando a ", "citat fran ", "citeren ", "citazione ", "according to ", "cytowanie ", "cytat ", "citat ", "selon ", "lainaus ", "en reponse a ", "in reply to ", "replying to ", "dixit ", "thus spake ", "thus wrote ", "so spricht ", "quoth ", "также спрак ")  # fmt: skip
"""Folded beginnings of introductions that need no verb."""

STARTS = phrases(
    "{on|le|am|el|il|em|op|w|dnia|в|den|dne|på|at|vào|lúc|pada|der|die|a|în|pe|στις|in|ב|ביום|في|بتاريخ|dana|на|le dim|"
    "dňa|date|de|il giorno|da|kl|ons|era|az|ma|ke|to|pe|la|su|ti|у|о|u|od|sent|from|according|quoting|zitat|citando|"
    "în data|data|no dia|dia|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|lun|mar|mer|jeu|"
    "ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    "lunes|martes|miércoles|jueves|viernes|sábado|domingo|mié|jue|vie|sáb|dom|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|gio|sab|seg|ter|qua|qui|sex|"
    "segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|wo|vr|za|zo|"
    "pon|wt|śr|czw|pt|sob|niedz|ndz|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|среду|четверг|"
    "пятница|пятницу|суббота|субботу|воскресенье|понеділок|вівторок|середа|четвер|п'ятниця|субота|неділя|mån|tis|tors|fre|lör|sön|tir|tor|lør|søn|man|po|út|st|čt|pá|so|ne|"
    "hét|kedd|sze|csüt|pén|szo|vas|h|k|cs|p|v|luni|marți|miercuri|joi|vineri|sâmbătă|duminică|lun|mie|joi|vin|sâm|dum|pzt|sal|çar|per|cum|cmt|paz|pazartesi|δευ|τρί|τετ|πέμ|παρ|σάβ|κυρ|"
    "th 2|thứ|cn|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december|în|在|于|於}"
)
"""First words of introductions, folded and without punctuation."""
