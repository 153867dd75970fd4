"""audit.docx: the findings as a letter that is sent, answered and signed. Plain Word, without macros or links.

A letter goes out over what somebody has looked through and picked, so it is written when it is asked for
(`streamlens report --as docx --verdict ...`), not with every audit.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from streamlens.report.bundle import SHOWN, Bundle, counts, unheard
from streamlens.report.charts import COLOURS
from streamlens.report.messages import clock, day, known, percent, text, word
from streamlens.report.results import citation, safer
from streamlens.schema import ACCUSATIONS, Finding

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell

BODY, HEADING, LATIN = "SimSun", "SimHei", "Arial"
CREATED = datetime(2000, 1, 1)  # a constant, so that the same findings give the same bytes
ZIPPED = (1980, 1, 1, 0, 0, 0)
ACTED = (*sorted(ACCUSATIONS), "unclear")  # what the letter sets out in full; the rest is listed
FULL = (("number", 1.2), ("quote", 5.7), ("verdict", 2.6), ("reason", 7.6), ("papers", 4.6), ("safer", 4.6))  # cm
SHORT = (("number", 1.2), ("time", 1.8), ("verdict", 2.6), ("product", 4.6), ("quote", 9.1), ("papers", 7.0))
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def letter(bundle: Bundle, lang: str) -> bytes:
    """The document, in `lang`. The same records give the same bytes."""
    from docx import Document as new

    document = new()
    _style(document)
    recording, findings = bundle.recording, bundle.findings.findings
    document.add_heading(text("ui.audit", lang), 0)
    document.add_paragraph(_clean(recording.title or recording.id), style="Subtitle")
    _facts(document, _about(bundle, lang))
    document.add_heading(text("ui.summary_sheet", lang), 1)
    accused = sum(finding.verdict in ACCUSATIONS for finding in findings)
    document.add_paragraph(
        text("ui.letter_summary" if findings else "ui.no_findings", lang, claims=len(findings), accusations=accused)
    )
    found = counts(findings)
    _table(
        document,
        [(text(f"verdict.{verdict}", lang), 26.3 / len(SHOWN)) for verdict in SHOWN],
        [[str(found[verdict]) for verdict in SHOWN]],
        colours=[COLOURS[verdict] for verdict in SHOWN],
    )
    ordered = sorted(findings, key=lambda f: (SHOWN.index(f.verdict), f.start_ms, f.id))
    full = [(at, finding) for at, finding in enumerate(ordered, 1) if finding.verdict in ACTED]
    short = [(at, finding) for at, finding in enumerate(ordered, 1) if finding.verdict not in ACTED]
    if full:
        document.add_heading(text("ui.letter_findings", lang), 1)
        rows = (_row(at, finding, bundle, lang) for at, finding in full)
        _table(document, _heads(FULL, lang), rows, verdicts=[finding.verdict for _, finding in full])
    if short:
        document.add_heading(text("ui.letter_rest", lang), 1)
        rows = (_short(at, finding, bundle, lang) for at, finding in short)
        _table(document, _heads(SHORT, lang), rows, verdicts=[finding.verdict for _, finding in short])
    if silences := unheard(bundle):
        document.add_heading(text("ui.unheard", lang), 1)
        for stretch in silences:
            reason = known(f"unheard.{stretch.reason}", lang, stretch.reason)
            document.add_paragraph(_clean(f"{clock(stretch.start_ms)} – {clock(stretch.end_ms)} {reason}"))
    document.add_heading(text("ui.sign", lang), 1)
    document.add_paragraph(text("ui.limits", lang))
    document.add_paragraph(text("ui.sign_text", lang)).paragraph_format.keep_with_next = True
    _signatures(document, [text(f"ui.{who}", lang) for who in ("reviewer", "second_reviewer", "review_day", "stamp")])
    return _packed(document)


def _about(bundle: Bundle, lang: str) -> Iterable[tuple[str, str]]:
    recording = bundle.recording
    place = [known(f"platform.{recording.platform}", lang, recording.platform) if recording.platform else ""]
    if recording.room:
        place.append(text("ui.room", lang, room=recording.room))
    yield text("column.stream", lang), recording.id
    yield text("column.anchor", lang), recording.anchor
    yield text("column.platform", lang), " ".join(filter(None, place))
    yield text("column.date", lang), day(recording.started_at, lang) if recording.started_at else ""
    yield text("column.duration", lang), clock(recording.duration_ms)
    yield text("column.coverage", lang), percent(bundle.findings.coverage)
    yield text("column.model", lang), bundle.transcript.model or bundle.transcript.source
    yield text("column.rules", lang), bundle.findings.rules_version


def _row(number: int, finding: Finding, bundle: Bundle, lang: str) -> list[str]:
    quoted = text("ui.quoted", lang, quote=finding.quote)
    product = bundle.product_name(finding.product) or text("ui.no_product", lang)
    misheard = finding.heard != finding.quote
    heard = text("ui.heard_as", lang, heard=finding.heard, quote=finding.quote) if misheard else ""
    law = [citation(ref, lang) for ref in finding.law]
    return [
        str(number),
        "\n".join(filter(None, (quoted, f"{clock(finding.start_ms)} · {product}", heard))),
        "\n".join(
            (
                text(f"verdict.{finding.verdict}", lang),
                known(f"kind.{finding.kind}", lang, finding.kind),
                text("ui.confidence", lang, confidence=percent(finding.confidence)),
            )
        ),
        "\n".join((word(finding.reason, lang), *law)),
        "\n".join(_papers(finding, lang)),
        safer(finding, lang),
    ]


def _short(number: int, finding: Finding, bundle: Bundle, lang: str) -> list[str]:
    return [
        str(number), clock(finding.start_ms), text(f"verdict.{finding.verdict}", lang),
        bundle.product_name(finding.product), finding.quote, "\n".join(_papers(finding, lang)),
    ]  # fmt: skip


def _papers(finding: Finding, lang: str) -> tuple[str, ...]:
    """What was looked at; where that is the very reason it is not said twice."""
    looked = tuple(step.message for step in finding.trace if step.step == "paper")
    return tuple(word(message, lang) for message in looked if message != finding.reason) or finding.evidence


# ---- Word


def _heads(columns: Sequence[tuple[str, float]], lang: str) -> list[tuple[str, float]]:
    return [(text(f"column.{code}", lang), width) for code, width in columns]


def _style(document: "Document") -> None:
    """A4 across, with fonts for both scripts: without an East Asian font Word falls back to one for Japanese."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(1.7)
    section.top_margin = section.bottom_margin = Cm(1.6)
    sizes = {"Normal": 10, "Title": 20, "Subtitle": 13, "Heading 1": 13}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0x1D, 0x21, 0x26)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:ascii"), LATIN)
        fonts.set(qn("w:hAnsi"), LATIN)
        fonts.set(qn("w:eastAsia"), BODY if name == "Normal" else HEADING)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    _page_number(section.footer.paragraphs[0])
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "streamlens", "", ""
    properties.created = properties.modified = properties.last_printed = CREATED
    properties.revision, properties.last_modified_by = 1, ""


def _facts(document: "Document", rows: Iterable[tuple[str, str]]) -> None:
    """Names and values, two pairs a row."""
    pairs = [pair for pair in rows if pair[1]]
    from docx.shared import Cm

    table = document.add_table(rows=0, cols=4)
    widths = (2.6, 10.4, 2.6, 10.4)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for at in range(0, len(pairs), 2):
        row = [cell for pair in pairs[at : at + 2] for cell in pair]
        cells = table.add_row().cells
        for cell, value, width in zip(cells, [*row, "", ""][:4], widths, strict=True):
            _fill(cell, value, width, grey=width < 5)


def _table(
    document: "Document",
    heads: Sequence[tuple[str, float]],
    rows: Iterable[Sequence[str]],
    *,
    verdicts: Sequence[str] = (),
    colours: Sequence[str] = (),
) -> None:
    """A table whose heading comes again on each page and whose rows are not cut across pages."""
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.autofit = False
    for column, (_, width) in zip(table.columns, heads, strict=True):
        column.width = Cm(width)
    for cell, (name, width), colour in zip(table.rows[0].cells, heads, colours or [""] * len(heads), strict=True):
        _fill(cell, name, width, bold=True, colour=colour, ground="EEF0F3")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    verdict_at = next((at for at, (code, _) in enumerate(FULL if verdicts else ()) if code == "verdict"), None)
    for number, values in enumerate(rows):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, value, (_, width)) in enumerate(zip(row.cells, values, heads, strict=True)):
            marked = at == verdict_at
            _fill(cell, value, width, bold=marked, colour=COLOURS[verdicts[number]] if marked else "")


def _fill(
    cell: "_Cell", value: str, width: float, *, bold: bool = False, colour: str = "", ground: str = "",
    grey: bool = False,
) -> None:  # fmt: skip
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    cell.width = Cm(width)
    for at, line in enumerate(_clean(value).split("\n")):
        paragraph = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(1)
        run = paragraph.add_run(line)
        run.font.size = Pt(9)
        run.bold = (bold and at == 0) or None
        if colour and at == 0:
            run.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
        elif grey:
            run.font.color.rgb = RGBColor(0x59, 0x61, 0x6B)
    if ground:
        shade = OxmlElement("w:shd")
        for name, set_to in (("val", "clear"), ("color", "auto"), ("fill", ground)):
            shade.set(qn(f"w:{name}"), set_to)
        cell._tc.get_or_add_tcPr().append(shade)


def _signatures(document: "Document", names: Sequence[str]) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(names), style="Table Grid")
    table.rows[0].height = Cm(2.6)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, name in zip(table.rows[0].cells, names, strict=True):
        _fill(cell, name, 26.0 / len(names))


def _page_number(paragraph: object) -> None:
    """`2 / 7`, by fields that Word fills in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for field, after in (("PAGE", " / "), ("NUMPAGES", "")):
        element = OxmlElement("w:fldSimple")
        element.set(qn("w:instr"), field)
        paragraph._p.append(element)  # type: ignore[attr-defined]
        paragraph.add_run(after)  # type: ignore[attr-defined]


def _clean(value: str) -> str:
    """Without the characters that XML has no place for."""
    return _NOT_XML.sub("", value)


def _packed(document: "Document") -> bytes:
    """Saved, and packed anew with the times of files and their order left out."""
    saved, packed = BytesIO(), BytesIO()
    document.save(saved)
    with ZipFile(saved) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, ZIPPED), source.read(name), ZIP_DEFLATED)
    return packed.getvalue()
