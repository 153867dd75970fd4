"""Every code exists in both languages with the same arguments; what is missing never breaks a report."""

import re
from pathlib import Path
from string import Formatter

import pytest

from streamlens.report import messages
from streamlens.report.messages import LANGS, catalogue, clock, known, percent, text, word
from streamlens.schema import KINDS, STANCES, VERDICTS, Message

LOCALE = Path(messages.__file__).parent / "locale"
REPORT = Path(messages.__file__).parent


def arguments(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*.zh.po")), ids=lambda path: path.name)
def test_both_languages_have_the_same_codes_and_arguments(path: Path) -> None:
    zh = catalogue("zh", (_only(path),))
    en = catalogue("en", (_only(path.with_name(path.name.replace(".zh.", ".en."))),))
    assert zh.keys() == en.keys()
    assert [code for code in zh if arguments(zh[code]) != arguments(en[code])] == []
    assert [code for texts in (zh, en) for code, sentence in texts.items() if not sentence] == []


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*.po")), ids=lambda path: path.name)
def test_a_code_is_written_once(path: Path) -> None:
    codes = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(codes) == sorted(set(codes))


class _only:
    """A folder that holds one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def glob(self, _: str) -> list[Path]:
        return [self.path]


@pytest.mark.parametrize("lang", LANGS)
def test_the_words_of_the_records_are_all_there(lang: str) -> None:
    needed = [f"kind.{kind}" for kind in KINDS] + [f"stance.{stance}" for stance in STANCES]
    needed += [f"{family}.{verdict}" for verdict in VERDICTS for family in ("verdict", "verdict_help")]
    needed += [f"step.{step}" for step in ("heard", "matched", "meant", "paper", "verdict")]
    needed += [f"unheard.{reason}" for reason in ("no_text", "too_fast", "loop", "credits", "music", "gap")]
    assert [code for code in needed if code not in catalogue(lang)] == []


def test_every_code_that_templates_and_code_name_exists_and_every_ui_code_is_used() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (*REPORT.glob("*.py"), *REPORT.glob("templates/*.html"))]
    named = set(re.findall(r'"((?:ui|column)\.[a-z_]+)"', " ".join(sources)))
    codes = {code for code in catalogue("zh") if code.startswith("ui.")}
    assert named - catalogue("zh").keys() == set()
    assert codes - named == set()


def test_arguments_are_worded_by_name() -> None:
    message = Message(code="sample.heard", args=(("start_ms", "65000"), ("heard", "降血压")))
    assert word(message, "zh") == "第 1:05 处听到“降血压”"
    assert text("sample.meant", "en", stance="reported") == "taken as reported"
    assert text("sample.matched", "zh", rule="r", kind="kind.of.my.own") == "对上规则 r：kind.of.my.own"


@pytest.mark.parametrize("args", [(), (("stance", "asserted"),)])
def test_a_missing_code_or_argument_shows_as_itself(args: tuple[tuple[str, str], ...]) -> None:
    assert word(Message(code="no.such", args=args), "zh").startswith("no.such")
    assert word(Message(code="sample.paper", args=(("paper", "E1"),)), "zh") == "sample.paper paper=E1"


def test_an_argument_is_never_read_as_a_pattern() -> None:
    assert text("ui.quoted", "zh", quote="{0.__class__} {lang}") == "“{0.__class__} {lang}”"


def test_a_code_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.zh.po", "b.zh.po"):
        (tmp_path / name).write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "x.y"\nmsgstr "z"\n',
            encoding="utf-8",
        )
    with pytest.raises(ValueError, match=r"b\.zh\.po: code 'x\.y'"):
        catalogue("zh", (tmp_path,))


def test_known_falls_back() -> None:
    assert known("platform.douyin", "zh", "douyin") == "抖音"
    assert known("platform.somewhere", "zh", "somewhere") == "somewhere"


@pytest.mark.parametrize(
    ("ms", "long", "short"), [(0, "0:00:00", "0:00"), (61_999, "0:01:01", "1:01"), (36_610_000, "10:10:10", "10:10:10")]
)
def test_clock(ms: int, long: str, short: str) -> None:
    assert (clock(ms), clock(ms, hours=False)) == (long, short)


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100%"), (0.9999, "99.9%"), (0.5, "50%"), (0.57, "57%"), (0.0, "0%")]
)
def test_percent_is_never_flattering(share: float, said: str) -> None:
    assert percent(share) == said
