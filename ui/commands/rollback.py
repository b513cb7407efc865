"""``askwell rollback``: answers come from the generation before the live one again."""

from __future__ import annotations

from ui.commands.terminal import JsonOption, print_json, settings, stdout


def rollback(json: JsonOption = False) -> None:
    """Go back to the index as it was before the last ingest. A running server follows by itself.

    Example:

        askwell rollback
    """
    from ingest.generations import Generations

    name = Generations(settings().data_dir).rollback()
    if json:
        print_json({"live": name})
    else:
        stdout().print(f"The live index is now {name}.")
