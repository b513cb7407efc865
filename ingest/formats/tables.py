"""Tables of HTML made rectangular, since Markdown knows no spans: a cell that spans is repeated in each place.

Repeating keeps every row readable on its own, which is how a row is quoted.
"""

from __future__ import annotations

import copy

from bs4.element import Tag

_MOST_CELLS = 20_000
_MOST_SPAN = 100


def square(table: Tag) -> None:
    """Changes ``table`` in place. The cells of tables inside it become text of the cell around them."""
    for inner in table.find_all("table"):
        inner.replace_with(" ".join(inner.get_text(" ", strip=True).split()))
    waiting: dict[int, tuple[int, Tag]] = {}
    cells = 0
    for row in table.find_all("tr"):
        made: list[Tag] = []
        own = row.find_all(["td", "th"], recursive=False)
        column = 0
        while own or column in waiting:
            if column in waiting:
                left, cell = waiting.pop(column)
                made.append(copy.copy(cell))
                if left > 1:
                    waiting[column] = (left - 1, cell)
                column += 1
            else:
                cell = own.pop(0)
                wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
                for attribute in ("colspan", "rowspan"):
                    if cell.has_attr(attribute):
                        del cell[attribute]
                for step in range(wide):
                    made.append(cell if step == 0 else copy.copy(cell))
                    if high > 1:
                        waiting[column] = (high - 1, cell)
                    column += 1
            cells += 1
            if cells > _MOST_CELLS:
                return
        for child in list(row.children):
            child.extract()
        for cell in made:
            row.append(cell)


def _span(cell: Tag, attribute: str) -> int:
    value = str(cell.get(attribute) or "1")
    return min(int(value), _MOST_SPAN) if value.isdigit() and int(value) > 0 else 1
