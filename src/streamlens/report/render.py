"""Templates become pages: Jinja with everything escaped, style and script inline, nothing fetched from anywhere."""

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from streamlens.report.messages import clock, day, known, money, percent, text, word

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, lang: str, **values: object) -> str:
    """A template of templates/ with the words of a language at hand: `t(code, ...)`, `say(message)`, `clock(ms)`."""

    def t(code: str, **args: object) -> str:
        return text(code, lang, **args)

    helpers: dict[str, Callable[..., str]] = {
        "t": t,
        "say": lambda message: word(message, lang),
        "name": lambda family, value: known(f"{family}.{value}", lang, str(value)),
        "clock": clock,
        "percent": percent,
        "day": lambda moment: day(moment, lang),
        "money": lambda fen: money(fen, lang),
    }
    return _environment().get_template(template).render(lang=lang, **helpers, **values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        inline=lambda name: Markup(_own(name)),  # noqa: S704  the package's own style and script
        script_hash=_script_hash,
        css=lambda text: Markup("".join(f"\\{ord(character):06x}" for character in text)),  # noqa: S704  digits only
    )
    return environment


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _script_hash(name: str) -> str:
    """What the page's content security policy allows to run: this script, and no other."""
    digest = hashlib.sha256(_own(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
