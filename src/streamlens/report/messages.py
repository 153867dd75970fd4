"""Codes and arguments become sentences in the reader's language.

The message catalogues are locale/<owner>.<lang>.po: msgid is the code, msgstr the text with {named} arguments. Each
part that emits codes keeps a pair of files of its own; the codes of all files are read as one set.

Three conventions spare the emitters from wording anything themselves: an argument `kind=health.disease` is shown as the
text of the code `kind.health.disease` where the catalogues have it (so for stance, verdict, severity, channel, ...), an
argument whose name ends in `_ms` is shown as a clock time, and `{{` writes a brace.
"""

import math
from datetime import datetime
from functools import cache
from pathlib import Path

from streamlens.schema import Message

LANGS = ("zh", "en")
FOLDERS: tuple[Path, ...] = (Path(__file__).parent / "locale",)


@cache
def catalogue(lang: str, folders: tuple[Path, ...] = FOLDERS) -> dict[str, str]:
    """All codes of a language with their texts. A code that two files claim is a ValueError: its owner is unclear."""
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    for path in sorted(path for folder in folders for path in folder.glob(f"*.{lang}.po")):
        with path.open("rb") as file:
            messages = read_po(file, abort_invalid=True)
        for entry in messages:
            if not entry.id:
                continue
            code = str(entry.id)
            if code in texts:
                raise ValueError(f"{path.name}: code {code!r} is already in another file of {lang}")
            texts[code] = str(entry.string)
    return texts


def text(code: str, lang: str, **args: object) -> str:
    """The text of a code. A code or argument that is missing shows as itself: a report with a rough edge beats none."""
    texts = catalogue(lang, FOLDERS)
    shown = {name: _argument(name, str(value), lang, texts) for name, value in args.items()}
    try:
        return texts[code].format_map(shown)
    except (KeyError, ValueError, IndexError, AttributeError):
        return " ".join([code, *(f"{name}={value}" for name, value in shown.items())])


def word(message: Message, lang: str) -> str:
    """A message of the records in words."""
    return text(message.code, lang, **dict(message.args))


def known(code: str, lang: str, otherwise: str) -> str:
    """The text of a code that may be missing for good reasons (a platform, a kind of a rule pack of the user's)."""
    return catalogue(lang, FOLDERS).get(code, otherwise)


def clock(ms: int, *, hours: bool = True) -> str:
    """`h:mm:ss`, rounded down; without `hours` the hour is left out while it is 0."""
    seconds = max(0, ms) // 1000
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hour}:{minute:02}:{second:02}" if hours or hour else f"{minute}:{second:02}"


def day(moment: datetime, lang: str) -> str:
    """A date with its time as the reader writes it, by the clock of the stream."""
    from babel.dates import format_datetime

    pattern, locale = ("y年M月d日 HH:mm", "zh_Hans_CN") if lang == "zh" else ("d MMM y, HH:mm", "en")
    return str(format_datetime(moment.replace(tzinfo=None), pattern, locale=locale))


def money(fen: float, lang: str) -> str:
    """Yuan as the reader writes them."""
    from babel.numbers import format_currency

    return str(format_currency(fen / 100, "CNY", locale="zh_Hans_CN" if lang == "zh" else "en"))


def percent(share: float) -> str:
    """Rounded down to a tenth, so that only the whole is ever 100 %."""
    return f"{math.floor(share * 1000 + 1e-6) / 10:g}%"


def _argument(name: str, value: str, lang: str, texts: dict[str, str]) -> str:
    if name.endswith("_ms") and value.isdecimal():
        return clock(int(value), hours=False)
    return texts.get(f"{name}.{value}", value)
