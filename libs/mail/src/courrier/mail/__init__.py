"""Pure reading and writing of e-mail messages: bytes in, values out.

No I/O, no clock, no randomness, and no exception for any bytes read. Import from the modules:

Reading
    `parse.parse(raw) -> ParsedMessage`: everything, with safe HTML and the newly written text.
    `parse.summarise(raw) -> Summary`: the same without those two, text cut at 32 Ki characters.
    `parse.attachment_bytes(raw, number) -> bytes | None`: one attachment, decoded.
    `to_json.to_json(message) -> dict`: the object of `POST /api/v1/emails/parse`.
    `message`: the values `Summary`, `ParsedMessage`, `Mailbox`, `Attachment`, `Bounce`.
    Behind them, in the order in which bytes pass: `structure` (fields and parts), `charsets`,
    `headers`, `content` (body and files), `html`, `reports` (by machines), `replies`.

Comparing
    `headers.addresses`: `match_key(address)` (equal keys, same mailbox), `parse_addresses(field)`.
    `headers.ids`: `message_ids(field)`, `message_id(field)`. `headers.subject.base_subject`.

    `conversations.conversations(messages)`: which messages belong together, by their headers.

Writing, all in `writing`
    `compose.compose(message: OutgoingMessage) -> bytes`, `compose.needs_smtputf8(message)`.
    `outgoing`: `OutgoingMessage` and its parts, and the refusals, all `Unwritable`.
    `dkim.sign(message, keys, now=...)`; `dkim_keys`: `read_key`, `new_private_key`, `dns_value`.
    `css_inlining.inline_css(html)`: style sheets written to their elements, for templates.
    `replying`: `reply_subject`, `forward_subject`, `reply_references`, `enclosed`.
    `recipients.reply_recipients`; `quoting`: `introduction`, `quote`, `forwarded`, as HTML too.

Bounds on hostile input stand in `limits`.
"""
