"""``askwell``: the command line. Only names and help are loaded here; a command loads its parts when it runs."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from ingest.errors import AskwellError
from ui.commands.answers import answers
from ui.commands.ask import ask
from ui.commands.corpus import corpus
from ui.commands.evaluate import evaluate
from ui.commands.feedback import feedback
from ui.commands.gaps import gaps
from ui.commands.ingest import ingest
from ui.commands.keys import keys
from ui.commands.mcp import mcp
from ui.commands.records import records
from ui.commands.rollback import rollback
from ui.commands.search import search
from ui.commands.serve import serve
from ui.commands.slack import slack
from ui.commands.status import status
from ui.commands.sync import sync

_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)

app = typer.Typer(
    name="askwell",
    help="Answers questions about your documents and shows the words each statement comes from.",
    epilog="Begin with:  askwell ingest corpus  then  askwell serve  and open the address that it prints.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ingest)
app.command()(sync)
app.command()(ask)
app.command()(search)
app.command()(serve)
app.command()(status)
app.command()(rollback)
app.command()(mcp)
app.command("eval")(evaluate)
app.command()(gaps)
app.add_typer(answers, name="answers")
app.add_typer(corpus, name="corpus")
app.add_typer(keys, name="keys")
app.add_typer(records, name="records")
app.add_typer(slack, name="slack")
app.add_typer(feedback, name="feedback")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"askwell {version('askwell')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script. Exits with 0 (done), 1 (failed, one sentence on stderr) or 2 (wrong usage)."""
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="askwell")
    except AskwellError as error:
        _fail(str(error))
    except Exception as error:
        if os.environ.get("ASKWELL_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in _NOT_ALLOWED and error.filename:
            _fail(
                f"{error.filename} may not be used by this user, number {os.geteuid()} ({error.strerror}). Give the "
                "folder to that user, or set ASKWELL_DATA_DIR to one that it may write to."
            )
        _fail(f"Something unexpected went wrong ({type(error).__name__}: {error}). ASKWELL_DEBUG=1 shows where.")


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence if sentence.endswith((".", "!", "?")) else sentence + ".", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
