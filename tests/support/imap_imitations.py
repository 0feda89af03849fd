"""Scripts of well-known servers: what they say, as seen on the wire, with content of our own."""

from support.imap_script import OK, Answer, ImapScript

GMAIL_CAN = (
    b"IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE"
    b" ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE"
    b" APPENDLIMIT=35651584"
)
GMAIL_FOLDERS = (
    rb'* LIST (\HasNoChildren) "/" "INBOX"' + b"\r\n"
    rb'* LIST (\HasChildren \Noselect) "/" "[Gmail]"' + b"\r\n"
    rb'* LIST (\All \HasNoChildren) "/" "[Gmail]/Tous les messages"' + b"\r\n"
    rb'* LIST (\HasNoChildren \Sent) "/" "[Gmail]/Messages envoy&AOk-s"' + b"\r\n"
    rb'* LIST (\HasNoChildren \Junk) "/" "[Gmail]/Spam"' + b"\r\n"
    rb'* LIST (\HasNoChildren \Important) "/" "[Gmail]/Important"' + b"\r\n"
    rb'* LIST (\HasNoChildren) "/" "Clients/Dupont &- fils"' + b"\r\n"
)


def listening(**answers: Answer) -> ImapScript:
    """A plain server that lets everybody in and has one empty folder."""
    usual: dict[str, Answer] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n" + OK,
        "LOGIN": OK,
        "LIST": b'* LIST () "/" INBOX\r\n' + OK,
        "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] -\r\n* OK [UIDNEXT 1] -\r\n" + OK,
        "LOGOUT": b"* BYE bye\r\n" + OK,
        "NOOP": OK,
    }
    return ImapScript(usual | answers)


def gmail(**answers: Answer) -> ImapScript:
    """Google's: an X-GM-EXT-1 server in French, whose FETCH tells labels and thread ids."""
    usual: dict[str, Answer] = {
        "CAPABILITY": b"* CAPABILITY " + GMAIL_CAN + b" AUTH=PLAIN AUTH=XOAUTH2 SASL-IR\r\n" + OK,
        "LIST": GMAIL_FOLDERS + OK,
        "EXAMINE": (
            rb"* FLAGS (\Answered \Flagged \Draft \Deleted \Seen $Phishing $NotPhishing)" + b"\r\n"
            b"* OK [PERMANENTFLAGS ()] none\r\n* OK [UIDVALIDITY 11] -\r\n* 2 EXISTS\r\n"
            b"* 0 RECENT\r\n* OK [UIDNEXT 30] -\r\n* OK [HIGHESTMODSEQ 9912] -\r\n"
            b"{tag} OK [READ-ONLY] opened (Success)\r\n"
        ),
        "FETCH": (
            b"* 2 FETCH (X-GM-THRID 1278455344230334865 X-GM-MSGID 1278455344230334865 X-GM-LABELS "
            rb'("\\Inbox" "\\Sent" Important "Muy Importante" "&AOk-") UID 29 MODSEQ (9912) '
            b'FLAGS (\\Seen) INTERNALDATE "02-Mar-2026 12:00:00 +0000" RFC822.SIZE 4 '
            b"BODY[] {4}\r\nhi\r\n)\r\n" + OK
        ),
    }
    script = listening(**(usual | answers))
    script.greeting = b"* OK Gimap ready for requests from 192.0.2.1 x1\r\n"
    return script


def exchange(**answers: Answer) -> ImapScript:
    """Microsoft's: no UIDPLUS at first, BODYSTRUCTURE that is none, throttling, early BYE."""
    usual: dict[str, Answer] = {
        "CAPABILITY": (
            b"* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT"
            b" CHILDREN IDLE NAMESPACE LITERAL+\r\n" + OK
        ),
        "FETCH": (
            b"* 1 FETCH (BODYSTRUCTURE ((NIL NIL (((((\r\n"
            b"* 2 FETCH (UID 5 RFC822.SIZE 12 FLAGS (\\Seen))\r\n"
            b"* 3 FETCH (UID 0 BODY[] {2}\r\nhi)\r\n"
            b"{tag} NO The specified message set is invalid.\r\n"
        ),
    }
    return listening(**(usual | answers))


def icloud(**answers: Answer) -> ImapScript:
    """Apple's: capabilities are told by the greeting and never again."""
    script = listening(**({"CAPABILITY": b"{tag} OK !!\r\n"} | answers))
    script.greeting = (
        b"* OK [CAPABILITY IMAP4 IMAP4rev1 SASL-IR AUTH=ATOKEN AUTH=PLAIN] ready to rumble\r\n"
    )
    return script


def courier(**answers: Answer) -> ImapScript:
    """Courier's: everything under INBOX, separator a dot, no MOVE, no SPECIAL-USE."""
    folders = b"".join(
        b'* LIST (\\HasNoChildren) "." "%b"\r\n' % name
        for name in (b"INBOX", b"INBOX.Sent", b"INBOX.Papierkorb", b"INBOX.&AMk-t&AOk-")
    )
    usual: dict[str, Answer] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS NAMESPACE SORT QUOTA IDLE\r\n" + OK,
        "LIST": folders + OK,
        "NAMESPACE": b'* NAMESPACE (("INBOX." ".")) NIL (("#shared." ".")("shared." "."))\r\n' + OK,
    }
    return listening(**(usual | answers))


def rev2_only(**answers: Answer) -> ImapScript:
    """A server of today that speaks IMAP4rev2 alone: names in UTF-8, ESEARCH in place of SEARCH."""
    usual: dict[str, Answer] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev2 LITERAL-\r\n" + OK,
        "LIST": '* LIST () "/" "Été & co"\r\n* LIST (\\Sent) "/" "Envoyés"\r\n'.encode() + OK,
        "SEARCH": b'* ESEARCH (TAG "{tag}") UID ALL 1:3,7\r\n' + OK,
    }
    return listening(**(usual | answers))
