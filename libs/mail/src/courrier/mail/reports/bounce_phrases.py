"""The sentences by which mail servers tell of failures, by the program that writes them.

All in lower case, with single blanks and straight apostrophes, as `bounce_text.normal` makes them.
Those of `SERVERS` are written by no person in other words; those of `GENERAL` need other signs.
"""
# ruff: noqa: E501 (sentences stand as servers write them)
# fmt: off

SERVERS: dict[str, tuple[str, ...]] = {
    "Postfix": (
        "i'm sorry to have to inform you that your message could not be delivered to one or more recipients", "i'm sorry to have to inform you that the message returned below could not be delivered",
        "your message could not be delivered to one or more recipients", "your message could not be delivered for 4", "your message could not be delivered for more than", "the postfix program", "the postfix on",
    ),
    "Sendmail": (
        "the following addresses had permanent fatal errors", "the following addresses had transient non-fatal errors", "the following addresses had permanent delivery errors",
        "the following addresses had transient delivery errors", "the following addresses had delivery problems", "the following addresses have delivery notifications", "the following addresses had unrecoverable errors",
        "the following addresses had delivery errors", "the following addresses were not reached", "transcript of session follows", "unsent message follows", "warning: message still undelivered after",
        "this is a warning message only",
    ),
    "Exim": (
        "this message was created automatically by mail delivery software", "this message was created automatically by the mail delivery software", "this message was created automatically by mail delivery",
        "a message that you sent could not be delivered to", "a message that you sent has not yet been delivered", "a message that you have sent could not be delivered to", "the following address(es) failed",
        "your message cannot be delivered to all of its recipients", "a message that you sent contained no recipient addresses", "a message that you sent could not be delivered",
    ),
    "qmail": (
        "this is the qmail-send program", "i'm afraid i wasn't able to deliver your message to the following addresses", "i wasn't able to deliver your message", "i was unable to deliver your message to the following",
        "i tried to deliver a bounce message to this address", "this is a permanent error; i've given up", "i've given up. sorry it didn't work out", "we're sorry. there's a problem with the e-mail address(es) listed below",
        "this is the machine generated message from mail service", "unable to deliver message to the following address(es)", "this is the mail delivery agent at", "this is the mta program at", "this is the mail program at",
        "we were unable to deliver your message to the following address", "i couldn't find any host named", "sorry, no mailbox here by that name",
    ),
    "James": (
        "this is the james mail server", "failed recipient(s):",
    ),
    "Courier": (
        "this is a delivery status notification from", "your message to the following recipients cannot be delivered", "undeliverable mail your message",
    ),
    "OpenSMTPD": (
        "an error has occurred while attempting to deliver a message for the following list of recipients", "this is the mailer-daemon, please do not reply", "a message is delayed for more than",
    ),
    "DragonFly": (
        "this is the dragonfly mail agent", "there was an error delivering your mail to",
    ),
    "Exchange": (
        "your message did not reach some or all of the intended recipients", "the following recipient(s) could not be reached", "the following recipient(s) cannot be reached", "diagnostic information for administrators",
        "delivery has failed to these recipients", "couldn't be delivered to the recipients shown below", "delivery to these recipients or distribution lists has failed", "your message wasn't delivered to anyone because",
        "the following organization rejected your message", "rejected your message to the following e", "delivery is delayed to these recipients", "was not delivered because of security policies",
        "a problem occurred while delivering this message to this e", "an unexpected error occurred while delivering", "the following addressee(s) could not be reached", "the following recipients could not be reached",
        "this message has not yet been delivered. microsoft exchange", "delivery failed to the following recipients", "the e-mail system had a problem processing this message", "msexch:", "the mts-id of the original message is",
    ),
    "Google": (
        "delivery to the following recipient failed permanently", "delivery to the following recipients failed permanently", "delivery to the following recipient has been delayed", "technical details of permanent failure",
        "technical details of temporary failure", "the error that the other server returned was", "google tried to deliver your message", "your message wasn't delivered to", "the response from the remote server was",
        "message blocked your message to", "gmail will retry for", "message not delivered there was a problem delivering your message", "there was a problem delivering your message",
        "there was a temporary problem delivering your message", "message too large your message couldn't be delivered", "we're writing to let you know that the group you tried to contact",
        "you're sending this from a different address", "se ha producido un error permanente al enviar", "ihre nachricht wurde nicht an", "votre message n'a pas été distribué", "tu mensaje no se ha entregado",
        "il tuo messaggio non è stato recapitato", "sua mensagem não foi entregue", "je bericht is niet bezorgd",
    ),
    "Yahoo": (
        "message from yahoo.com", "sorry, we were unable to deliver your message to the following address", "this user doesn't have a yahoo", "remote host said:",
    ),
    "AOL": (
        "your mail is being returned to you because", "the mail you sent could not be delivered to the following",
    ),
    "Domino": (
        "was not delivered to:", "has not been delivered to:", "failed to deliver your message to", "------- failure reasons",
    ),
    "GroupWise": (
        "the message that you sent was undeliverable to the following", "the attached file had the following undeliverable recipient(s)", "possibly truncated original message follows",
        "a message you sent was undeliverable to the following",
    ),
    "Sun Messaging Server": (
        "your message cannot be delivered to the following recipients", "this report relates to a message you sent with the following header fields", "your message has been enqueued and undeliverable",
        "could not be delivered to the following recipients", "your message can not be delivered to the following recipients",
    ),
    "InterMail": (
        "this message was undeliverable due to the following reason", "each of the following recipients was rejected by a remote mail server", "the following recipients did not receive",
        "the following recipients did not receive this message", "the user(s) account is temporarily over quota", "the user(s) account is disabled", "the following destination addresses were unknown",
        "your message was not delivered because the", "the following recipient(s) did not receive",
    ),
    "MDaemon": (
        "the attached message had permanent fatal delivery errors", "the attached message had transient non-fatal delivery errors", "--- session transcript ---", "the following data may contain sections which represent bodies",
    ),
    "MailEnable": (
        "message could not be delivered to some recipients", "mailenable:",
    ),
    "CommuniGate": (
        "smtp module(domain", "communigate pro",
    ),
    "Smail": (
        "no valid recipients were found for this message", "failed addresses follow", "message log follows",
    ),
    "MMDF": (

    ),
    "ZMailer": (
        "this is a collection of reports about email delivery process concerning a message you originated",
    ),
    "IMail": (
        "user mailbox exceeds allowed size", "body of message generated response", "delivery failed 20 attempts", "delivery userid",
    ),
    "MailMarshal": (
        "the following recipients were affected", "mailmarshal",
    ),
    "PowerMTA": (
        "hello, this is the mail server on", "i am sending you this message to inform you on the delivery status of a message", "immediately below you will find a list of the affected recipients",
    ),
    "SES": (
        "an error occurred while trying to deliver the mail to the following recipients",
    ),
    "Microsoft SMTP": (
        "this is an automatically generated delivery status notification",
    ),
    "MailFoundry": (
        "this has been a permanent failure",
    ),
    "InterScan": (
        "message from interscan", "received >>> 5", "sent <<< rcpt to",
    ),
    "Facebook": (
        "this message was created automatically by facebook",
    ),
    "mobile gateway": (
        "message could not be delivered to mobile", "no valid recipients for this mm", "as their mailbox is full",
    ),
}

GENERAL: tuple[str, ...] = (
    # English
    "has not been delivered", "was not delivered", "delivery of the message was stopped", "considered unsolicited bulk e-mail", "was blocked by our spam",
    "could not be delivered to the following", "could not be delivered to one or more", "couldn't be delivered to", "undeliverable to the following", "the following address failed", "the following addresses failed",
    "following address(es) could not be reached", "cannot be delivered to the following", "can not be delivered to the following", "we had trouble delivering your message", "delivery failed for the following reason",
    "was undeliverable for the following reason", "delivery to the following recipients failed", "delivery to the following recipient failed", "your message cannot be delivered", "your message could not be delivered",
    "unable to deliver your message", "unable to deliver the message", "the message could not be delivered", "this message could not be delivered", "your mail could not be delivered", "email could not be delivered",
    "mail could not be delivered", "message was not delivered", "not been delivered to the following", "message has not been delivered", "message returned to sender", "returned message follows", "-------server message",
    "your mail to the following recipient", "had delivery errors", "were not able to be delivered", "your email was not delivered", "message you sent to", "delivery attempt", "delivery of your message to",
    "delivery of the following message", "cannot deliver", "can't deliver", "deliver your message", "not be delivered", "been rejected by the recipient", "unknown user", "user unknown", "no such user",
    "mail to the following recipient", "is not a valid mailbox", "recipient unknown", "your mail sent on", "deliver the following message", "unable to send your message", "message could not be sent", "unable to be delivered",
    "account doesn't exist", "was rejected by", "has been returned to you", "is being returned to you", "returned as undeliverable", "undeliverable", "message delivery failed", "message delivery failure", "could not deliver",
    "couldn't deliver", "mail delivery failed", "delivery failed", "delivery failure", "delivery error", "email address is no longer", "this e-mail address is not in use", "failed recipient", "mailbox is full", "mailbox full",
    "over quota", "undelivered", "still being retried", "will be retried", "was bounced", "retry timeout", "will be returned", "bounce message", "not delivered", "nondeliverable", "non-delivery", "rejected", "returned mail",
    "no such address", "error while sending", "i have given up", "unfortunately, we were not able to deliver your mail", "unknown to address", "the recipient could not be found", "action required recipient", "wasn't found at",
    "this message hasn't been delivered yet", "remote server returned", "unable to deliver the message due to", "your message can't be delivered", "delivery incomplete", "recipient inbox full", "message not delivered",
    "address not found", "adresse nicht gefunden", "adresse introuvable", "nachricht nicht zugestellt", "no se ha encontrado la dirección", "indirizzo non trovato", "endereço não encontrado", "adres niet gevonden",
    "адрес не найден", "找不到地址", "アドレス不明", "メールは配信されませんでした", "nie znaleziono adresu", "adressen hittades inte", "adressen blev ikke fundet", "échec définitif de la remise", "delivery to the following recipient",
    "message from yahoo", "was not delivered to", "your message is being returned", "recipient address:", "your message has been delayed", "the following message could not be delivered", "your message was not delivered because",
    "the user(s) account is", "failed address:", "your message could not be delivered to", "did not deliver to", "failed to deliver to", "failed to deliver to the domain", "original message follows.", "unknown user:",
    "unknown host:", "undeliverable to ", "invalid final delivery userid", "could not be delivered because of", "unable to deliver message to:", "unable to deliver message to", "undeliverable message",
    "could not be delivered to:", "message could not be delivered for", "it will be retried until it is",
    # German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Slavic and other languages; Exchange and Gmail first
    "ihre nachricht hat einige oder alle empfänger nicht erreicht", "fehler bei der nachrichtenzustellung an folgende empfänger", "folgende(r) empfänger konnte", "folgende(r) empfänger kann nicht erreicht werden",
    "diagnoseinformationen für administratoren", "ihre nachricht wurde nicht zugestellt", "ihre nachricht an", "konnte nicht zugestellt werden", "konnten nicht zugestellt werden",
    "die folgende organisation hat ihre nachricht abgelehnt", "die zustellung an folgende empfänger", "folgende empfänger konnten nicht erreicht werden", "die nachricht konnte nicht zugestellt werden", "nicht zustellbar",
    "unzustellbar", "votre message n'est pas parvenu à certains ou à tous les destinataires", "échec de la remise pour ces destinataires", "échec de la remise à ces destinataires", "n'a pas pu être remis",
    "n'ont pas pu être remis", "informations de diagnostic pour les administrateurs", "informations de diagnostics pour les administrateurs", "le ou les destinataires suivants n'ont pas pu être joints",
    "le(s) destinataire(s) suivant(s) n'ont pas pu être joint", "n'a pas pu être délivré", "n'a pas pu être distribué", "n'a pas été remis", "n'a pas pu être livré", "impossible de remettre", "n'a pas été distribué",
    "su mensaje no llegó a alguno", "no se pudo entregar a estos destinatarios", "no se pudo entregar el mensaje", "no se ha podido entregar", "no se pudo entregar", "información de diagnóstico para administradores",
    "error de entrega a estos destinatarios", "error en la entrega a estos destinatarios", "no se ha encontrado al destinatario", "no ha podido ser entregado", "no pudo ser entregado",
    "recapito non riuscito per i seguenti destinatari", "il messaggio non è stato recapitato", "impossibile recapitare", "informazioni di diagnostica per gli amministratori", "informazioni diagnostiche per gli amministratori",
    "non è stato possibile recapitare", "non può essere recapitato", "non è stato possibile consegnare", "mancata consegna", "non è stato consegnato", "falha na entrega a estes destinatários",
    "a entrega falhou para estes destinatários", "não foi possível entregar", "não pôde ser entregue", "não pode ser entregue", "informações de diagnóstico para administradores", "sua mensagem não", "não foi entregue",
    "não foi entregada", "de levering aan deze geadresseerden is mislukt", "bezorging aan deze geadresseerden", "kan niet worden bezorgd", "niet worden afgeleverd", "diagnostische gegevens voor beheerders",
    "kon niet worden bezorgd", "kon niet worden afgeleverd", "is niet bezorgd", "uw bericht heeft enkele of alle geadresseerden niet bereikt", "leverans till följande mottagare misslyckades", "det gick inte att leverera",
    "kunde inte levereras", "levering til disse modtagere", "kunne ikke leveres", "kan ikke leveres", "kunne ikke leveres til", "toimitus seuraaville vastaanottajille epäonnistui", "viestiä ei voitu toimittaa", "din besked",
    "blev ikke leveret", "har inte levererats", "nie można dostarczyć", "nie mogła zostać dostarczona", "nie została dostarczona", "nie udało się dostarczyć", "dostarczenie do następujących adresatów", "nelze doručit",
    "nebylo možné doručit", "nepodařilo doručit", "doručení se nezdařilo", "nem kézbesíthető", "nem sikerült kézbesíteni", "teslim edilemedi", "iletilemedi", "nu a putut fi livrat", "δεν ήταν δυνατή η παράδοση", "δεν παραδόθηκε",
    "не удалось доставить", "не может быть доставлен", "не было доставлено", "не доставлено", "не был доставлен", "сбой доставки", "ошибка доставки", "доставка не выполнена", "невозможно доставить", "письмо не доставлено",
    "не удалось доставити", "не может быть отправлено", "диагностические сведения для администраторов", "配信できませんでした", "配信できません", "送信できませんでした", "送信できません", "送達できませんでした", "お届けできません", "届きませんでした", "配送できません", "配達できません", "配送できませんでした",
    "配信に失敗", "配信エラー", "管理者向け診断情報", "次の受信者またはグループへの配信に失敗しました", "配信不能", "无法送达", "无法投递", "无法发送", "未能送达", "未送达", "投递失败", "发送失败", "被退回", "传递失败", "邮件传递", "未能投递", "无法传递", "无法传送", "無法傳遞", "無法傳送", "無法投遞", "無法寄達", "傳遞失敗", "未能傳送", "未被送达",
    "退信原因", "管理员诊断信息", "系統管理員的診斷資訊", "배달되지", "배달할 수 없", "배달하지 못", "전달되지", "전달하지 못", "전송되지", "전송하지 못", "보낼 수 없", "반송", "לא נמסר", "تعذر تسليم", "لم يتم تسليم", "không gửi được", "không thể gửi", "tidak terkirim", "ไม่สามารถส่ง",
)
