"""``python -m ui.reference``: docs/command-line.md and docs/settings.md, made from the program itself.

With ``--check`` nothing is written, and the exit code is 1 when a page no longer says what the program says.
Examples of answers and of the HTTP API are not made here: see ``tests/docs/examples.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

DOCS = Path(__file__).parent.parent / "docs"
_TYPES = {"<str>": "TEXT", "<list[str]>": "TEXT", "<int range>": "NUMBER", "<path>": "PATH"}
_EXAMPLES = re.compile(r"\n+Examples?:\n+")

COMMAND_LINE = """\
<!-- Made by `python -m ui.reference`; change the help texts in ui/commands/ instead. -->
# Command line

Results go to stdout, progress and messages to stderr. With `--json` stdout holds JSON and nothing else. The exit code \
is 0 when the work is done, 1 when it failed (with one sentence that says what to do) and 2 for wrong usage. \
`ASKWELL_DEBUG=1` shows where an unexpected error came from.

Every command works on the data directory, `.askwell` in the working directory unless `ASKWELL_DATA_DIR` names \
another; see [settings](settings.md). The fields of the JSON are those of the [HTTP API](http-api.md).

| command | what it does |
| --- | --- |
"""

SETTINGS = """\
<!-- Made by `python -m ui.reference`; change assistant/settings.py instead. -->
# Settings

Settings are environment variables, or lines such as `ASKWELL_PORT=8080` in a file `.env` in the working directory. \
The environment wins over the file. A value that cannot be used is an error that names its variable.

| variable | default | meaning |
| --- | --- | --- |
"""

SETTINGS_END = """
How answers are written with a chat model, and what happens when it fails: [Chat models](chat-models.md).

`ASKWELL_DEBUG=1` belongs to the command line: an unexpected error then shows where it came from.
"""


def command_line_page() -> str:
    """The page on every command: usage, options and examples, as ``--help`` shows them."""
    from ui.main import app

    group: Any = typer.main.get_command(app)
    context = typer.Context(group, info_name="askwell", **group.context_settings)
    pages = list(_commands(group, context, "askwell"))
    rows = [f"| [`{name}`](#{_anchor(name)}) | {summary} |" for name, summary, _ in pages]
    return COMMAND_LINE + "\n".join(rows) + "\n" + "".join(f"\n## {name}\n\n{body}" for name, _, body in pages)


def settings_page() -> str:
    """The page on every field of ``assistant.settings.Settings``."""
    from assistant.settings import Settings

    prefix = Settings.model_config.get("env_prefix", "")
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = str(default).lower() if isinstance(default, bool) else "" if default is None else str(default)
        rows.append(f"| `{prefix}{name.upper()}` | {f'`{shown}`' if shown else 'none'} | {field.description} |")
    return SETTINGS + "\n".join(rows) + "\n" + SETTINGS_END


PAGES = {"command-line.md": command_line_page, "settings.md": settings_page}


def main(arguments: list[str]) -> int:
    """Writes the pages, or names those that differ."""
    stale = 0
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale = 1
        if "--check" in arguments:
            print(f"docs/{name} is out of date. Run: python -m ui.reference", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"docs/{name} written")
    return stale if "--check" in arguments else 0


def _commands(group: Any, context: Any, prefix: str) -> Iterator[tuple[str, str, str]]:
    """(name, first sentence, body in Markdown) of each command, groups opened up. Typer's own classes are untyped."""
    for short, command in group.commands.items():
        name = f"{prefix} {short}"
        if hasattr(command, "commands"):
            yield from _commands(command, context, name)
            continue
        words, *examples = _EXAMPLES.split(command.help or "", maxsplit=1)
        text = " ".join(words.split())
        body = f"{text}\n\n```\n{name} [OPTIONS]{_usage(command, context)}\n```\n\n{_options(command, context)}"
        if examples:
            lines = [line.strip() for line in examples[0].splitlines() if line.strip()]
            body += "\n```sh\n" + "\n".join(lines) + "\n```\n"
        yield name, re.split(r"(?<=\.)\s", text, maxsplit=1)[0], body


def _usage(command: Any, context: Any) -> str:
    return "".join(f" {_argument(one)}" for one in command.get_params(context) if one.param_type_name == "argument")


def _argument(argument: Any) -> str:
    shown = str(argument.metavar or argument.name.upper())
    return (shown if argument.required else f"[{shown}]") + ("..." if argument.nargs == -1 else "")


def _options(command: Any, context: Any) -> str:
    rows = []
    for one in command.get_params(context):
        names, meaning = one.get_help_record(context)
        if one.param_type_name == "argument":
            names = _argument(one)
        for type_name, shown in _TYPES.items():
            names = names.replace(type_name, shown)
        rows.append(f"| `{_cell(names)}` | {_cell(meaning)} |")
    return "| argument or option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\[", "[").replace("|", "\\|")


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
