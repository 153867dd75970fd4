"""What all records share, and the sentences in them."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all records share: immutable, compared by value, refused when a field is unknown."""


class Message(Record, frozen=True, kw_only=True):
    """A sentence to be worded later in the reader's language: a code of the message catalogue and its arguments."""

    code: str
    args: tuple[tuple[str, str], ...] = ()
