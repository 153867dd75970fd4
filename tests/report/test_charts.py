"""The time line: well-formed, small, linked, and with nothing in it that was not asked for."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import msgspec
import pytest

from streamlens.report.bundle import SHOWN, Bundle, anchor
from streamlens.report.charts import COLOURS, GLYPHS, SHAPES, binned, fitting, timeline, tint
from streamlens.schema import Catalogue, Findings, Product, Segment, Segments

Stream = Callable[[str], Bundle]


def links(svg: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', svg)


def test_every_finding_and_segment_is_a_link_into_the_page(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    svg = timeline(bundle, "zh", width=920)
    assert {link for link in links(svg) if link.startswith("#f-")} == {
        f"#{anchor(finding.id)}" for finding in bundle.findings.findings
    }
    assert {"#t=9.03", "#t=54.02", "#t=90.85"} <= set(links(svg))
    assert [link for link in links(svg) if not link.startswith("#")] == []


def test_it_is_svg_of_the_width_asked_for_with_letters_as_letters(stream: Stream) -> None:
    root = ET.fromstring(timeline(stream("d1-orchard"), "zh", width=358))  # noqa: S314  our own output
    assert (root.tag, root.get("width")) == ("{http://www.w3.org/2000/svg}svg", "358")
    said = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"赣南脐橙", "法律禁止", "没听清", "0:00", "2:00"} <= set(said)


def test_the_same_records_give_the_same_bytes(stream: Stream) -> None:
    assert timeline(stream("d3-dried"), "en", width=920) == timeline(stream("d3-dried"), "en", width=920)


def test_hostile_names_stay_text(stream: Stream) -> None:
    name = '<script>alert(1)</script>" onload="x'
    bundle = msgspec.structs.replace(
        stream("d1-orchard"),
        catalogue=Catalogue(products=(Product(sku="X", name=name),)),
        segments=Segments(recording="x", segments=(Segment(product="X", start_ms=0, end_ms=120_000, confidence=1),)),
    )
    svg = timeline(bundle, "zh", width=920)
    root = ET.fromstring(svg)  # noqa: S314
    assert "<script" not in svg
    assert not [element for element in root.iter() if element.get("onload")]
    assert name in [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_close_findings_of_one_verdict_become_one_mark(stream: Stream) -> None:
    finding = stream("d1-orchard").findings.findings[0]
    many = tuple(
        msgspec.structs.replace(finding, id=str(i), start_ms=i * 10, verdict=verdict)
        for i in range(1000)
        for verdict in ("prohibited", "supported")
    )
    marks = binned(many, 10_000, 100)
    assert len(marks) == 2 * 100 // 5
    assert sum(mark.count for mark in marks) == len(many)


def test_nothing_to_draw(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    empty = msgspec.structs.replace(bundle.recording, duration_ms=0)
    assert timeline(msgspec.structs.replace(bundle, recording=empty), "zh", width=920) == ""
    bare = msgspec.structs.replace(
        bundle,
        segments=Segments(recording="x"),
        findings=Findings(recording="x", rules_version="1", coverage=1),
        transcript=msgspec.structs.replace(bundle.transcript, not_heard=()),
    )
    assert "1:00" in timeline(bare, "zh", width=920)


@pytest.mark.parametrize(
    ("name", "px", "label"),
    [("赣南脐橙", 100, "赣南脐橙"), ("赣南脐橙", 55, "赣南…"), ("赣南脐橙", 30, ""), ("GN-QC-5", 62, "GN-QC-5")],
)
def test_names_are_cut_to_their_segment(name: str, px: float, label: str) -> None:
    assert fitting(name, px) == label


def test_verdicts_differ_without_colour() -> None:
    assert set(COLOURS) == set(SHAPES) == set(GLYPHS) == set(SHOWN)
    assert len(set(SHAPES.values())) == len(set(GLYPHS.values())) == len(SHOWN)


def test_a_product_keeps_its_colour(stream: Stream) -> None:
    bundle = stream("d2-hens")
    assert tint(bundle, "JD-40") == tint(bundle, "JD-40") != tint(bundle, "TD-10")
    assert tint(msgspec.structs.replace(bundle, catalogue=Catalogue()), "JD-40")
