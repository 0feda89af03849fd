"""Which addresses a mail server may have (what a person types in decides where we connect to).

Link-local addresses hold the metadata services of clouds, multicast and unspecified ones are no
server's: they are never connected to. Private and loopback ones are where a company's own server
is; they can be closed by ``COURRIER_FETCHER_PRIVATE_SERVERS=false``.
"""

import ipaddress


def is_allowed(address: str, *, private: bool) -> bool:
    """Tell whether mail may be fetched from this IP address; what is no address is none."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return private or ip.is_global
