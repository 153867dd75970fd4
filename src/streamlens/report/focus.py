"""focus.xlsx: how streams spread their time and sales over products, anchors and roles side by side, and trends."""

from collections.abc import Sequence

from streamlens.report.messages import known
from streamlens.report.sheet import Amount, Book
from streamlens.schema import Comparison

Cell = str | int | float | None
WIDE = {"name": 22, "product": 14, "stream": 18, "anchor": 14, "note": 22}


def focus_sheet(tables: Sequence[Comparison], lang: str) -> bytes:
    """A sheet a table, the empty ones too: that there is nothing to compare is said by the sheet."""
    with Book(lang) as book:
        for table in tables:
            heads = [(heading(head, lang), WIDE.get(head, 11)) for head in table.heads]
            rows = (
                tuple(_cell(head, cell, lang) for head, cell in zip(table.heads, row, strict=True))
                for row in table.rows
            )
            book.table(heading(table.name, lang), heads, rows)
    return book.bytes()


def heading(code: str, lang: str) -> str:
    return known(f"focus.{code}", lang, code)


def worded(head: str, cell: Cell, lang: str) -> Cell:
    """A cell whose text is a code, in words: roles, notes, sources."""
    return known(f"focus.{cell}", lang, cell) if isinstance(cell, str) and head in WORDS else cell


WORDS = ("role", "role_source", "direction", "anchor_role", "note")


def _cell(head: str, cell: Cell, lang: str) -> object:
    if isinstance(cell, float) and not head.endswith("_rate"):
        return Amount(round(cell, 3))
    return worded(head, cell, lang)
