"""A paper without what is doubtful in it."""

import re
from typing import Any

import msgspec

from ..schema import Document


def surely(document: Document, fields: tuple[str, ...]) -> Document | None:
    """The document with these fields left blank, items of lists left out; None if it cannot do without one of them.

    `items[2]` is the third item. A field that the document does not have (`product`, as it is named on a scan) makes no
    difference; of a doubtful `type` nothing is sure.
    """
    blank: dict[str, Any] = {}
    known = {field.name: field for field in msgspec.structs.fields(document)}
    out: dict[str, set[int]] = {}
    for name in fields:
        one = re.fullmatch(r"(\w+)\[(\d+)\]", name)
        if one:
            out.setdefault(one[1], set()).add(int(one[2]))
        elif name == "type":
            return None
        elif name in known:
            if known[name].required:
                return None
            blank[name] = known[name].default
    for name, numbers in out.items():
        if name in known and name not in blank:
            blank[name] = tuple(each for at, each in enumerate(getattr(document, name)) if at not in numbers)
    return msgspec.structs.replace(document, **blank)
