"""A point in time on the command line: "30d", "12h", "2w" ago, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ingest.errors import BadInputError

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime | None = None) -> datetime:
    """In UTC. Raises BadInputError.

    >>> moment("2026-11-01").isoformat()
    '2026-11-01T00:00:00+00:00'
    """
    match = re.fullmatch(r"\s*(\d{1,5})\s*([hdw])\s*", text)
    try:
        if match:
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError) as error:
        raise BadInputError(f"{text!r} is no time. Write 30d, 12h, 2w, or a date such as 2026-11-01.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
