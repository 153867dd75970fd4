"""Rule packs: configs/rules/<family>/<name>.toml, one rule a file, its place is its id.

    kind     = "health.disease"      # only where the file's name is not the kind
    severity = "high"                # high | medium | low
    patterns = ["治~3<病症>"]          # the language of detect/patterns.py; looked for as written and by sound
    written  = ["治~6就好"]           # looser ones, which too much else sounds like: as written,
                                     # and where they have no gap and five syllables by the very same sound
    unless   = ["降压药"]              # a match that overlaps one of these is dropped
    law      = ["ad-17"]             # only where the kind's own articles (configs/law.toml) are not the right ones
    [why]                            # what is wrong with saying it, zh and en
    [rewrite]                        # safer wording, zh and en
    [[case]]                         # at least one that must flag, and one that must not
    text = "喝这个能治咳嗽"
    flag = ["治咳嗽"]

Word sets (`<病症>`) are configs/lexicon/<name>.txt, one word a line, # for comments; coded.txt there is of another
form (detect/coded.py).
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..errors import RuleError
from ..handwritten import read_toml
from ..language import HARD, SOFT, spoken
from ..schema import KINDS, Rule, RuleBook
from ..shipped import release
from .coded import NAME, read_coded
from .patterns import SYNTAX, parse

CHECKED = 1  # raise it when a rule is read or checked otherwise
_KEYS = frozenset({"kind", "severity", "patterns", "written", "unless", "law", "why", "rewrite", "case"})


def load_rules(folder: Path, lexicon: Path, known: dict[str, Rule] | None = None) -> RuleBook:
    """All rules below `folder` with the word sets of `lexicon`. RuleError names file and line and what is wrong.

    `known` has rules that were read and checked before, by the digest of all that they were read from; those that are
    not in it are put there.
    """
    known = {} if known is None else known
    files = sorted(folder.glob("*/*.toml"))
    if not files:
        raise RuleError(str(folder), "no rules found", "expected <family>/<name>.toml files")
    digest = hashlib.sha256()
    sets: dict[str, tuple[str, ...]] = {}
    for path in sorted(lexicon.glob("*.txt")):
        data = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + data)
        if path.stem != NAME:
            sets[path.stem] = read_words(path)
    rules = []
    words = f"{CHECKED} {release()} {digest.hexdigest()}".encode()
    for path in files:
        data = path.read_bytes()
        entry = f"{path.parent.name}/{path.name}".encode() + b"\0" + data
        digest.update(entry)
        key = hashlib.sha256(words + entry).hexdigest()
        rules.append(known[key] if key in known else known.setdefault(key, read_rule(path, sets)))
    coded_path = lexicon / f"{NAME}.txt"
    stance_path = folder / "stance.toml"
    digest.update(stance_path.read_bytes() if stance_path.exists() else b"")
    return RuleBook(
        version=digest.hexdigest()[:12],
        rules=tuple(rules),
        sets=tuple(sorted(sets.items())),
        stance=read_stance(stance_path) if stance_path.exists() else (),
        coded=read_coded(coded_path, sets) if coded_path.exists() else (),
    )


def read_stance(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The cue lists of stance.toml, each pattern checked."""
    _, table = read_toml(path, fault=RuleError)
    for name, patterns in table.items():
        if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
            raise RuleError(str(path), f"{name} must be a list of patterns")
        for pattern in patterns:
            parse(pattern, {}, f"{path}: {name}")
    return tuple((name, tuple(patterns)) for name, patterns in table.items())


def read_words(path: Path) -> tuple[str, ...]:
    """The words of a lexicon file in spoken form, in order, without doubles."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(str(path), f"cannot be read ({error})", "save it as UTF-8") from error
    words = (spoken(line.split("#")[0].strip())[0] for line in text.splitlines())
    return tuple(dict.fromkeys(word for word in words if word))


def read_rule(path: Path, sets: Mapping[str, tuple[str, ...]]) -> Rule:
    """One rule file, checked: known keys, known kind, patterns that parse, cases of both sorts."""
    text, table = read_toml(path, fault=RuleError)
    for key in table.keys() - _KEYS:
        raise RuleError(_at(path, text, key), f"unknown key {key!r}", f"known: {', '.join(sorted(_KEYS))}")
    rule_id = f"{path.parent.name}.{path.stem}"
    table.setdefault("kind", rule_id)
    if table["kind"] not in KINDS:
        raise RuleError(_at(path, text, "kind"), f"unknown kind {table['kind']!r}", "see LABELS for the kinds")
    if not str(table["kind"]).startswith(path.parent.name + "."):
        raise RuleError(_at(path, text, "kind"), f"kind {table['kind']} does not belong in folder {path.parent.name}/")
    cases = table.pop("case", [])
    for key in ("why", "rewrite"):
        table[key] = _worded(path, text, key, table.get(key))
    try:
        rule = msgspec.convert({**table, "id": rule_id, "cases": cases}, Rule)
    except msgspec.ValidationError as error:
        key = next((name for name in re.findall(r"\$\.(\w+)", str(error))), "")
        raise RuleError(_at(path, text, "case" if key == "cases" else key), str(error).replace("$.", "")) from error
    if not rule.patterns and not rule.written:
        raise RuleError(_at(path, text, "patterns"), "a rule needs patterns")
    for pattern in (*rule.patterns, *rule.written, *rule.unless):
        tree_at = _at(path, text, pattern)
        parse(pattern, sets, tree_at)
        literal = SYNTAX.sub("", pattern)
        if SOFT in literal or HARD in literal or spoken(literal)[0] != literal:
            what = "has digits, marks, capitals, spaces, or characters that are not simplified"
            raise RuleError(tree_at, f"pattern {pattern!r} {what}", "write it as it is spoken (二百克, not 200克)")
    if not any(case.flag for case in rule.cases) or not any(not case.flag for case in rule.cases):
        raise RuleError(str(path), "needs a [[case]] that must flag and one that must not (flag = [])")
    for case in rule.cases:
        for quote in case.flag:
            if quote not in case.text:
                raise RuleError(_at(path, text, case.text), f"the case flags {quote!r}, which is not in its text")
    return rule


def _worded(path: Path, text: str, key: str, table: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, dict) or not table.get("zh") or table.keys() - {"zh", "en"}:
        raise RuleError(_at(path, text, key), f"[{key}] must have zh (and en) texts")
    return tuple((language, str(table[language])) for language in ("zh", "en") if table.get(language))


def _at(path: Path, text: str, what: str) -> str:
    """path:line of the first line that holds `what`."""
    for number, line in enumerate(text.splitlines(), 1):
        if what and what in line:
            return f"{path}:{number}"
    return str(path)
