"""``askwell serve``: the web chat and the HTTP API."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Annotated

import typer

from ingest.errors import AskwellError, BadInputError
from ui.commands.terminal import say, settings


# The backslash keeps Rich from reading the default as its markup.
def serve(
    host: Annotated[str | None, typer.Option(help=r"Address to listen on.  \[default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help=r"Port; 0 takes any free one.  \[default: 8000]")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes for the API. The web chat needs a single one.")
    ] = 1,
) -> None:
    """Serve the web chat, the HTTP API and the documents. Keeps running; Ctrl+C ends it.

    Examples:

        askwell serve

        askwell serve --port 8080
    """
    current = settings()
    address = host or current.host
    if not current.allow_public and not current.require_key and not is_loopback(address):
        raise BadInputError(
            f"{address} can be reached from other machines, and nobody has to sign in. Listen on 127.0.0.1, set "
            "ASKWELL_REQUIRE_KEY=true, or ASKWELL_ALLOW_PUBLIC=true if everyone who can reach it may ask."
        )
    listening = listen(address, current.port if port is None else port)
    try:
        from ui.http.server import run

        run(current, listening, workers, say)
    finally:
        listening.close()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address. A name counts when all that it stands for is loopback."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        pass
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, taken before anything is loaded, so that a port in use is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            other = f"askwell serve --port {port + 1 if port < 65535 else 0}"
            raise AskwellError(f"Port {port} is in use on {host}. Stop what uses it, or run: {other}") from error
        raise AskwellError(f"Cannot listen on {host} port {port} ({error.strerror}). Choose another.") from error
    return listening
