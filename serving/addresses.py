"""Where we may send to: public addresses, unless an administrator said that a receiver stands inside.

A name is looked up at every sending and the message goes to the very address that was checked, so a name
that leads elsewhere a moment later leads nowhere. Link-local, multicast and translated addresses are
refused always: machines answer there that tell secrets to whoever asks.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from features.language import Text

# Addresses that hold another inside; what they lead to cannot be told from them alone. (The first holds ::1.)
_TRANSLATED = (
    ip_network("::/96"),
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
)


class AddressRefused(Exception):
    """An address we may not send to; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def check_url(url: str, *, internal: bool) -> None:
    """Refuse what is no address of a receiver; only one inside may do without TLS."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # a port that is none raises here
    except ValueError:
        raise AddressRefused(Text("网址无法识别。", "This is no address.")) from None
    # What parts an address silently leaves out, such as a line break, must not be kept and shown as one.
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise AddressRefused(
            Text("请填写以 https:// 开头的完整网址。", "Give a whole address, beginning with https://.")
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused(
            Text(
                "网址中不能有用户名、密码或片段。", "An address may hold no user name, password or fragment."
            )
        )
    if parts.scheme == "http" and not internal:
        raise AddressRefused(
            Text(
                "只有标明在内网（--internal）的接收方可以不用 https。",
                "Only a receiver registered as standing inside (--internal) may do without https.",
            )
        )
    literal = _literal(parts.hostname)
    if literal is not None:
        # Said now rather than after days of trying; a name is looked up only when something is sent.
        checked([literal], internal=internal)


def _literal(host: str) -> str | None:
    """The address that a host is without being looked up, in any of its spellings (2130706433, 0x7f.1)."""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return None


def checked(addresses: Sequence[str], *, internal: bool) -> str:
    """The address to send to, of those a name has; refused if any of them may not be sent to."""
    if not addresses:
        raise AddressRefused(Text("找不到这个主机名的地址。", "The host name has no address."))
    for address in addresses:
        if not _may_send(_unmapped(address), internal=internal):
            raise AddressRefused(
                Text(
                    "这个主机名指向不允许发送的地址。",
                    "The host name leads to an address we may not send to.",
                )
            )
    return addresses[0]


def _unmapped(address: str) -> IPv4Address | IPv6Address:
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _may_send(address: IPv4Address | IPv6Address, *, internal: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if not address.is_loopback and any(address in network for network in _TRANSLATED):
        return False
    if address.is_global:
        return True
    return internal and (address.is_private or address.is_loopback) and str(address) != "255.255.255.255"
