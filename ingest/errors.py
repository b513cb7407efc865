"""The one family of errors that people see: each says what happened and what to do next, in one sentence.

Adapters translate vendor errors into these; faces print ``str(error)`` and nothing else.
"""


class AskwellError(Exception):
    """Base of every error with a sentence for a person."""


class NotFoundError(AskwellError):
    """Something that was named does not exist (document, conversation, collection)."""


class NoIndexError(AskwellError):
    """There is no live index generation yet."""


class IndexMismatchError(AskwellError):
    """The index was made by another embedder or another version and cannot be read as it stands."""


class BadInputError(AskwellError):
    """The request itself cannot be served (empty question, malformed filter)."""


class DiskFullError(AskwellError):
    """A write failed because no space is left; the live index is untouched."""


class BusyError(AskwellError):
    """Somebody else is using what is needed (a lock, all connections): trying again helps."""


class DatabaseAwayError(BusyError):
    """The database server cannot be reached. The sentence names it, and is for the operator alone."""


class VectorsLostError(AskwellError):
    """The Chroma server is there, and does not have the vectors of the index."""
