"""What servers say when they refuse a recipient, by what it means for the address.

The words are looked for in a server's answer (a few lines), never in ordinary mail.
"""
# ruff: noqa: E501, RUF001 (phrases stand as servers write them)

import re

_WHO = r"(?:user|recipient|receiver|addressee|address|mailbox|mail box|account|alias|e-?mail|destinatario|name|id|person|customer|subscriber|member|login|target)"
_ASIDE = r"(?:['’]s)?(?: name| address(?:es)?| account| mailbox| id)?(?:[\s:;,.]*[<\"'(\[]?[^\s<>@]{1,64}@[^\s<>]{1,200}[>\"')\]]?)?[\s:;,.<>\"'()\[\]-]{0,6}"

FULL = re.compile(
    r"over ?-?quota|quota|(?:mail)?box(?: is|'s|for \S{1,80})?(?: too| currently)? full|full mailbox|mailfolder is full|maildir(?:ectory)?.{0,20}full"
    r"|(?:disk|mail ?box|storage|storage space|size|space|inbox) (?:\w+ ){0,3}(?:limit|exceed|exhausted|is used)|exceed(?:s|ed|ing)? (?:\w+ ){0,5}(?:storage|limit|quota|space|size|allowed)"
    r"|(?:insufficient|not enough|out of|no) (?:disk |system |mail )?(?:storage|space)|too much mail|too many messages|account is full|has no (?:more )?(?:disk )?space"
    r"|mailbox size|message size|inbox (?:is )?full|postfach (?:ist )?voll|plein|llen[oa]\b|cheia|piena|переполнен|превышен|磁盘空间|邮箱已满|空间不足|容量|いっぱい|가득",
    re.IGNORECASE,
)
"""The mailbox exists but is full, or the message is too big for it."""

DEAD = re.compile(
    # No such user.
    _WHO
    + _ASIDE
    + r"\b(?:is |are |was |has been |does |do |did |could |can )?(?:currently |presently )?"
    r"(?:unknown|unrecogni[sz]ed|not (?:be )?(?:found|exist|known|listed|recogni[sz]ed|a valid|valid|a known|a registered|registered|local|defined|one of|have an? )|n[o']t (?:exist|found|be found|have an?)|doesn't (?:exist|have)|nonexist|non-exist|no longer (?:exist|valid|in use|used|available|accept|on |here|with|work|receiv|current|activ)|invalid|undeliverable|does ?n[o']t exist|has left|expired or)"
    r"|(?:unknown|invalid|no such|bad|non-?existent|no valid|illegal|unrouteable|unroutable|incorrect|wrong|undefined|unrecogni[sz]ed|not? existing|not a valid|no existing)\s+(?:or \w+ )?(?:local |destination |final |rcpt |e-?mail |smtp |mail )?(?:[\w-]{1,20} )?"
    r"(?:user|recipient|receiver|address|mail ?box|account|alias|domain|host|person|destination|addressee|local[- ]part|name|forward-path|customer|user ?name|id\b|mail drop|virtual)"
    r"|unknown (?:or illegal|or invalid|to)|no (?:mail ?box|user|account|one|such|person|recipient)\b.{0,40}\b(?:here|name|user|by that name|person|found|exists?)"
    r"|user[- ]?unknown|userunknown|unknownuser|recipnotfound|recipient ?not ?found|usernotfound|user ?not ?found|mailbox ?not ?found|nosuchuser|no_such_user|address ?unknown|unknown[- ]address|unknown recipient|nonexistent|unrecogni[sz]ed or-name|unrecogni[sz]ed-or"
    r"|not (?:listed )?in (?:the )?(?:public |domino |local )?(?:name|directory|address ?book|domino)|no matches to nameserver|not our customer|isn't (?:a |our |in |valid)|wasn't found|weren't found|couldn't be found|could not be found|cannot be found|can't be found|unable to find|not a (?:valid|known|user|member|customer)"
    r"|does not have an? [\w.]{0,60} ?account|doesn't have an? [\w.]{0,60} ?account|has no [\w.]{0,40} ?account|is not (?:hosted|located|a user|a valid|known) |not hosted here|nobody (?:here|by)|never logged|no longer (?:with|employed|at|on|a|has)|is no longer|unassigned|undeliverable address|unable to verify (?:user|recipient|address)|unverified address"
    r"|recipient address rejected: (?:access denied|undeliverable|unverified)|(?:user|recipient|address)(?: is)? undeliverable|no mapping|addressbook|address does not|no local mailbox|account (?:has been )?(?:deleted|removed|closed|terminated|cancel+ed)|(?:mailbox|user|address|account|recipient) (?:has been |was )?(?:deleted|removed|terminated|cancel+ed|closed)|discontinued address"
    r"|delivery not authorized, message refused: no such|550 5\.1\.1\b.{0,10}$|is not accepted here|there is no (?:one|user|such|mailbox)|unknown user|user (?:is )?not (?:here|on)|cuenta no|(?<!may )not exist"
    # No such host.
    r"|(?:host|domain|name service|server|site|hostname|computer)(?: name| or domain name| of \S{1,80}| \S{1,80}|[\s:\"'<(]{1,3}[\w.-]{1,80}[\"'>)]?)?(?: lookup)?[\s:,;.-]{0,3}(?: ?(?:was|is|does|could|can|has))?\s?(?:not (?:be )?(?:found|exist|known|valid|resolv)|n[o']t (?:be )?(?:found|exist|resolv)|unknown|doesn't exist|does not exist|cannot be found|invalid)"
    r"|nxdomain|non-?existent (?:host|domain)|dns (?:domain )?.{0,40}(?:does not exist|nonexistent|name error)|domain lookup failed|no (?:mx|a|dns)(?: or (?:mx|a))? (?:records?|entry|hosts?)|no mail (?:hosts|exchanger)|couldn't find any host|no route to (?:host|domain)|point to non-existent|non-existent hosts|no such (?:host|domain)|unable to (?:route|resolve)|can(?:not|'t) resolve|unresolvable|illegal host/domain|illegal host|bad (?:domain|host)|isn't a (?:valid )?(?:domain|host)|name or service not known|no address associated|invalid (?:domain|host)|destination computer was not found|unrouteable mail domain|host or domain name|domain_?not_?found|domain name not|name server: .{0,80}(?:not found|unknown)|host not found|mx.{0,20}does not exist"
    # Moved; accepts no mail.
    r"|has moved|moved to|address has changed|has a new (?:e-?mail )?address|no longer at this|nullmx|null mx|(?:does|do|will) not (?:accept|receive|support) (?:any )?(?:e-?mail|mail|messages|incoming)|doesn't (?:accept|receive|support) (?:any )?(?:e-?mail|mail)|no smtp service|not accepting (?:any )?(?:e-?mail|network|mail)(?! from (?:this|your))|no longer accepts? (?:e-?mail|mail)|smtp service not available here|recipients? (?:rejected|refused) by server: no"
    # Other languages.
    r"|unbekannt|nicht (?:gefunden|bekannt|existier|vorhanden)|existiert nicht|ungültige|inconnue?\b|n'existe pas|introuvable|invalide|pas (?:été )?trouv|no existe|desconocid|no (?:se )?(?:ha |pudo )?encontra|non (?:esiste|trovat|è stato trovato)|inesistente|sconosciut|inválid|não (?:existe|encontrad|foi encontrad)|inexistente|bestaat niet|onbekend|niet gevonden|ongeldig|nie istnieje|nieznany|nie znaleziono|не существует|не найден|неизвестн|недействит|нет такого|no such|findes ikke|finns inte|finnes ikke|ei löy|tuntematon|neexist|nenalezen|nem létez|ismeretlen|bulunamad|geçersiz|bilinmeyen|δεν βρέθηκε|δεν υπάρχει"
    r"|存在しません|見つかりません|見つかりませんでした|宛先不明|不明な|ありません(?:でした)?。?$|不存在|找不到|未找到|無此|无此|查无|沒有此|没有这个|无效|无法识别|존재하지|없는|찾을 수 없|알 수 없",
    re.IGNORECASE | re.MULTILINE,
)
"""The address or its host does not exist, has moved, or accepts no mail at all."""

CLOSED = re.compile(
    r"disabled|suspend|inactive|deactivat|not active|isn't active|locked|frozen|blocked by (?:the )?(?:admin|recipient)|on hold|temporarily (?:unavailable|disabled|closed|inactive)|dormant|expired account|account expired|discontinued|not enabled|on leave|停止|禁用|冻结|休眠|未激活|desativad|gesperrt|désactiv|заблокирован|отключен",
    re.IGNORECASE,
)
"""The mailbox exists but is switched off."""

SPAM = re.compile(
    r"spam|\bjunk|\bblocked|block ?list|black ?list|reputation|\bpolic(?:y|ies)|dmarc|\bspf\b|dkim|virus|malware|unsolicited|垃圾|スパム|스팸",
    re.IGNORECASE,
)
"""Words so clear that they outweigh a code that blames the address."""

BLOCKED = re.compile(
    SPAM.pattern
    + r"|authenti|authori[sz]|\bcontent|attachment|banned|prohibited|listed (?:at|in|on|by)|\brbl\b|dnsbl|sender (?:address )?(?:rejected|denied|verif)|\brelay|not permitted|not allowed|permission|restricted|forbidden|\babuse|complain|too (?:large|big|long|many)|\bsize\b|client host|\b[he][eh]lo\b|reverse dns|\bptr\b|rdns|access denied|\brates?\b|\bbulk\b|phish|\bfilter|refused to accept|administrative(?:ly)? (?:prohibit|refus)|\bloop|\bhops?\b|infected|dangerous|bad (?:sender|header|sequence)|\btls\b|encrypt|certificate|rejected (?:by|due|for|because)|message (?:was )?(?:rejected|refused|blocked)|not accepted (?:by|from|due)|拒收|拒绝",
    re.IGNORECASE,
)
"""The message or its sender was refused, not the address."""

UNCERTAIN_DEAD = re.compile(
    r"mail ?box(?: \S{1,80})? (?:is )?(?:currently )?(?:unavailable|not available)|mailbox not|(?:recipient|address|user|rcpt|mailbox)(?: address)?(?: was| is| has been)? (?:rejected|refused|denied|unavailable|not (?:accepted|available|allowed|deliverable))|(?:rejected|refused|did not like|does not like|not like) (?:the |our |your )?(?:following )?(?:recipient|address|rcpt)|not accept(?:ing|ed)? (?:(?:mail|messages)(?! from)|recipient)|unavailable mailbox|account (?:is )?(?:unavailable|not available)|unable to (?:accept|deliver).{0,30}(?:user|recipient|address)|undeliverable|verif(?:y|ication) fail|user doubtful|unknown",
    re.IGNORECASE,
)
"""RFC 5321's 550 in its general form: most often a user that does not exist."""

PASSING = re.compile(
    r"try (?:again|later)|temporar|timed? ?-?out|timeout|deferr|delay|greylist|gr[ae]y-?list|rate limit|throttl|refused|unable to connect|could not connect|couldn't connect|can't connect|no connection|connection|unreachable|expired|retry|too long|will (?:keep|continue)|not (?:yet|responding|reachable)|resources|busy|local (?:error|problem)|internal|system (?:error|problem|config)|configuration|i/o error|network|lost|dropped|closed|denied|rejected|not permitted|超时|タイムアウト|混雑|拒否",
    re.IGNORECASE,
)
"""Trouble that may pass, or concerns neither the address nor the message."""
