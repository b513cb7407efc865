"""Which network addresses may be fetched from: public ones, and the hosts that were allowed by name.

A name is resolved once for each connection, every address that it resolves to is checked, and the connection goes to
an address that was checked, so that a name cannot lead elsewhere in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

from ingest.errors import BadInputError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddressError(BadInputError):
    """The address is private, loopback, link-local or otherwise not of the public network."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network; of addresses that hold another, the inner one counts.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def checked_address(host: str, port: int, allowed: Collection[str] = ()) -> str:
    """An IP address of ``host`` to connect to. Raises ForbiddenAddressError; OSError when the name is not known.

    One private address among public ones is enough to refuse: the next look-up could give that one.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise OSError(f"{host} has no address")
    if host.lower() not in {name.lower() for name in allowed}:
        for address in addresses:
            if not is_public(address):
                raise ForbiddenAddressError(
                    f"{host} is {address}, which is not an address of the public network, and was not fetched. If it "
                    f"is meant, allow it by name: --allow-host {host}"
                )
    return addresses[0]
