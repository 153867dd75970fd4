"""The word tables that verdicts rest on: which additives are preservatives, which items are pesticides, who is a group.

They are the files configs/lexicon/judge-*.txt, loaded with the rules' word sets and in the same spoken form, a heading
and its words on each line. Finding works on spoken form too, so that 5'-肌苷酸 and 百分之百 meet their written selves.
"""

from functools import lru_cache

from ..errors import RuleError
from ..language import SOFT
from ..language import said as said
from ..schema import Record, RuleBook

_TABLES = (
    "additives", "added", "additive-words", "residues", "residue-words", "functions", "groups", "nutrients",
    "food-categories", "methods", "purity-items",
)  # fmt: skip


class WordTable(Record, frozen=True, kw_only=True, eq=False):
    """Headings and the words that stand for them; a word may stand under several.

    Compared by identity, so that what was found can be remembered without hashing a thousand words each time.
    """

    rows: tuple[tuple[str, tuple[str, ...]], ...]

    def find(self, text: str) -> tuple[str, ...]:
        """The headings whose words occur in a text, in the table's order.

        Longer words first, and letters that a word has taken are not read again: 苹果酸奶 holds no 苹果酸.
        """
        return _find(self, said(text))

    @property
    def headings(self) -> frozenset[str]:
        return frozenset(heading for heading, _ in self.rows)

    def words(self, heading: str) -> tuple[str, ...]:
        return next((words for name, words in self.rows if name == heading), ())


@lru_cache(maxsize=20_000)
def _find(table: WordTable, rest: str) -> tuple[str, ...]:
    found: set[str] = set()
    for word, headings in _longest_first(table):
        if word in rest:
            found |= headings
            rest = rest.replace(word, SOFT)
    return tuple(heading for heading, _ in table.rows if heading in found)


@lru_cache(maxsize=32)
def _longest_first(table: WordTable) -> tuple[tuple[str, frozenset[str]], ...]:
    headings: dict[str, set[str]] = {}
    for heading, words in table.rows:
        for word in words:
            headings.setdefault(word, set()).add(heading)
    longest = sorted(headings, key=lambda word: (-len(word), word))
    return tuple((word, frozenset(headings[word])) for word in longest)


class Lexicon(Record, frozen=True, kw_only=True, eq=False):
    """All tables, by the name of their file without judge- and .txt."""

    tables: tuple[tuple[str, WordTable], ...]

    def __getitem__(self, name: str) -> WordTable:
        return next(table for known, table in self.tables if known == name)


@lru_cache(maxsize=8)
def load_lexicon(rulebook: RuleBook) -> Lexicon:
    """The tables among the rule book's word sets. RuleError for a table that is missing or a line without words."""
    sets = dict(rulebook.sets)
    tables = []
    for name in _TABLES:
        where = f"lexicon/judge-{name}.txt"
        if not sets.get(f"judge-{name}"):
            raise RuleError(where, "is missing or empty", "restore it from the configs that ship with streamlens")
        rows = []
        for line in sets[f"judge-{name}"]:
            heading, *words = line.split(SOFT)
            if not words:
                raise RuleError(where, f"{heading!r} has no words", "write heading: word, word")
            rows.append((heading, tuple(words)))
        tables.append((name, WordTable(rows=tuple(rows))))
    return Lexicon(tables=tuple(tables))
