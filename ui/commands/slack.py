"""``askwell slack``: the manifest to set the app up with, and the bot without a server of its own (Socket Mode)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import BadInputError
from ui.commands.terminal import say, settings

if TYPE_CHECKING:
    from assistant.settings import Settings

slack = typer.Typer(no_args_is_help=True, help="The Slack bot.")


@slack.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Slack reaches this server; else ASKWELL_PUBLIC_URL.")
    ] = None,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, which needs no public address.")] = False,
) -> None:
    """Print the app manifest to paste at api.slack.com/apps.

    Examples:

        askwell slack manifest --url https://askwell.example.com

        askwell slack manifest --socket
    """
    import yaml

    from ui.slack.manifest import manifest as made

    address = url or settings().public_url
    if not socket and not address.startswith("https://"):
        raise BadInputError("Slack needs an https address. Give --url https://..., or use --socket.")
    typer.echo(yaml.safe_dump(made(address, socket_mode=socket), sort_keys=False, allow_unicode=True), nl=False)


@slack.command()
def run() -> None:
    """Run the bot alone in Socket Mode: no port is opened. Keeps running; Ctrl+C ends it.

    Example:

        askwell slack run
    """
    import asyncio
    from contextlib import suppress

    current = settings()
    for name in ("slack_app_token", "slack_bot_token"):
        if not getattr(current, name).get_secret_value():
            raise BadInputError(f"Set ASKWELL_{name.upper()} first: docs/slack.md says where to find it.")
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(current))


async def _run(current: Settings) -> None:
    import asyncio
    import signal

    from assistant.wiring import assemble
    from ui.slack.bot import SlackBot

    assistant = assemble(current)
    bot = SlackBot(assistant, current)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, ended.set)
    try:
        bot.start()
        await bot.connect()
        say("The Slack bot is running.")
        await ended.wait()
    finally:
        await bot.stop()
        assistant.close()
