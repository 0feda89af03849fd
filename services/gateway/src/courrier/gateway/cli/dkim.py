"""``courrier gateway dkim-key``: a key that outgoing mail of a domain is signed with."""

import json
from typing import Literal

import click

from courrier.events.commands.sender import dkim_key_of
from courrier.events.vault import SecretMissing
from courrier.mail.writing.dkim_keys import (
    InvalidKey,
    SigningKey,
    dns_name,
    dns_value,
    new_private_key,
    read_key,
)

from .beside import Beside, run


@click.command("dkim-key")
@click.argument("domain")
@click.argument("selector")
@click.option("--kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def dkim_key(
    domain: str,
    selector: str,
    kind: Literal["rsa", "ed25519"],
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Make a signing key, or show the public half of the one there is: what the DNS must say."""

    async def work(beside: Beside) -> SigningKey:
        name = dkim_key_of(domain, selector)
        try:
            pem = (await beside.parts.vault.get(name)).value.decode()
        except SecretMissing:
            pem = new_private_key(kind)
            read_key(domain, selector, pem)
            await beside.parts.vault.put(name, pem.encode())
        return read_key(domain, selector, pem)

    try:
        key = run(work)
    except InvalidKey as error:
        raise click.ClickException(str(error)) from error
    shown = {"name": dns_name(key), "type": "TXT", "value": dns_value(key)}
    click.echo(json.dumps(shown) if as_json else f"{shown['name']} TXT {shown['value']}")
