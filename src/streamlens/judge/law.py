"""Which articles are cited, in the version that was in force on the day of the stream (configs/law.toml)."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..errors import RuleError
from ..handwritten import read_toml
from ..schema import KINDS, LawRef, Record

_Entry = TypeVar("_Entry", "Article", "Either")
_EITHER_ZH, _EITHER_EN = "（择一适用）", " (one of them applies)"


class Article(Record, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """One wording of an article and the days, both inclusive, on which it is in force."""

    id: str
    zh: str
    en: str
    since: date = date.min
    until: date = date.max
    verified: bool = True


class Either(Record, frozen=True, kw_only=True):
    """Articles cited as alternatives, because an audit cannot know which of them an authority would apply."""

    id: str
    of: tuple[str, ...]


class LawTable(Record, frozen=True, kw_only=True):
    """`as_of` is the day the table was last checked; `kinds` gives the articles of each kind of claim."""

    as_of: date
    articles: tuple[Article, ...]
    either: tuple[Either, ...] = ()
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The ids that a finding of this kind cites where its rule names none; empty for an unknown kind."""
        return dict(self.kinds).get(kind, ())

    def cite(self, ids: Iterable[str], day: date | None) -> tuple[LawRef, ...]:
        """The citations for `ids`, in order and without doubles, as in force on `day`.

        An article that was not, or not yet, in force on that day is left out. Without a day the table's own `as_of`
        counts, so that nothing is cited that had not come into force when the table was checked. RuleError for an
        unknown id.
        """
        on = day or self.as_of
        refs = (self._ref(name, on) for name in dict.fromkeys(ids))
        return tuple(ref for ref in refs if ref is not None)

    def _ref(self, name: str, day: date) -> LawRef | None:
        versions = [article for article in self.articles if article.id == name]
        if versions:
            article = next((article for article in versions if article.since <= day <= article.until), None)
            if article is None:
                return None
            return LawRef(id=name, zh=article.zh, en=article.en, verified=article.verified)
        group = next((either for either in self.either if either.id == name), None)
        if group is None:
            raise RuleError("law.toml", f"no article has the id {name!r}", "add it, or correct the rule that names it")
        refs = [ref for ref in (self._ref(each, day) for each in group.of) if ref is not None]
        if len(refs) < 2:
            return refs[0] if refs else None
        return LawRef(
            id=name,
            zh=" / ".join(ref.zh for ref in refs) + _EITHER_ZH,
            en=" / ".join(ref.en for ref in refs) + _EITHER_EN,
            verified=all(ref.verified for ref in refs),
        )


def load_law(path: Path) -> LawTable:
    """The law table of a TOML file. RuleError names the file, the entry and what is wrong with it."""
    _, table = read_toml(path, fault=RuleError)
    for key in table.keys() - {"as_of", "article", "either", "kinds"}:
        raise RuleError(str(path), f"unknown key {key!r}", "known: as_of, article, either, kinds")
    if type(table.get("as_of")) is not date:
        raise RuleError(str(path), "as_of is missing or not a date", "write as_of = 2026-10-31")
    articles = _entries(table, "article", Article, path)
    either = _entries(table, "either", Either, path)
    _check_versions(articles, path)
    known = {article.id for article in articles}
    for group in either:
        if group.id in known:
            raise RuleError(f"{path}: {group.id}", "an article has this id too", "name the alternatives differently")
        _check_ids(group.of, known, f"{path}: {group.id}")
    kinds = table.get("kinds", {})
    if not isinstance(kinds, dict):
        raise RuleError(str(path), "kinds is not a table", 'write [kinds] and "health.disease" = ["ad-17"]')
    for kind, ids in kinds.items():
        if kind not in KINDS:
            raise RuleError(f"{path}: kinds", f"unknown kind {kind!r}", "correct it or take it out")
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise RuleError(f"{path}: kinds.{kind}", "is not a list of ids", 'write ["ad-17", "food-73"]')
        _check_ids(ids, known | {group.id for group in either}, f"{path}: kinds.{kind}")
    return LawTable(
        as_of=table["as_of"],
        articles=articles,
        either=either,
        kinds=tuple((kind, tuple(ids)) for kind, ids in kinds.items()),
    )


def _entries(table: Mapping[str, Any], key: str, kind: type[_Entry], path: Path) -> tuple[_Entry, ...]:
    rows = table.get(key, [])
    if not isinstance(rows, list):
        raise RuleError(f"{path}: {key}", "is not a list of entries", f"write each as [[{key}]]")
    entries = []
    for number, row in enumerate(rows, 1):
        name = row.get("id") if isinstance(row, dict) else None
        try:
            entries.append(msgspec.convert(row, kind))
        except msgspec.ValidationError as error:
            where = f"{path}: {name}" if isinstance(name, str) else f"{path}: {key} {number}"
            raise RuleError(where, str(error), "see the head of configs/law.toml for the keys") from error
    return tuple(entries)


def _check_versions(articles: tuple[Article, ...], path: Path) -> None:
    last: dict[str, Article] = {}
    for article in sorted(articles, key=lambda article: (article.id, article.since)):
        where = f"{path}: {article.id}"
        if article.since > article.until:
            raise RuleError(where, f"from {article.since} is after to {article.until}", "mend the days")
        before = last.get(article.id)
        if before is not None and article.since <= before.until:
            raise RuleError(where, f"two versions are in force on {article.since}", "end the older one")
        last[article.id] = article


def _check_ids(ids: Iterable[str], known: Iterable[str], where: str) -> None:
    for each in ids:
        if each not in known:
            raise RuleError(where, f"no article has the id {each!r}", "add the article or correct the id")
