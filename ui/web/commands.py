"""What the page's own buttons ask for, as the JSON in a button's value; anything else is refused.

chat.js sends a button's value as it stands, so the server writes both ends of this little language.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import BadInputError

Do = Literal["ask", "again", "open", "earlier", "rename", "delete"]


class Command(BaseModel):
    """``ask``: ask ``text``, in place of the answer ``instead_of`` and what follows it if that is given; ``exact``
    searches for the words as they stand. ``again``: ask the last question once more. ``earlier``: show older turns.
    ``open``, ``rename`` (to ``text``) and ``delete`` name a ``conversation``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: Do
    text: str = ""
    instead_of: str = ""
    exact: bool = False
    conversation: str = ""


def value(do: Do, **fields: str | bool) -> str:
    """The value of a button.

    >>> value("open", conversation="c1")
    '{"do":"open","conversation":"c1"}'
    """
    return Command.model_validate({"do": do, **fields}).model_dump_json(exclude_defaults=True)


def command_in(sent: str) -> Command:
    try:
        return Command.model_validate_json(sent)
    except ValidationError as error:
        raise BadInputError("The page sent something that is not known here. Reload the page.") from error
