"""What other programs read: tables, markers, labelling tasks, subtitles with a corner for the product."""

import csv
import io
import json
import re
from collections.abc import Callable

import msgspec
import polars
import pysubs2
import pytest

from streamlens.report.bundle import Bundle
from streamlens.report.markers import edl, markers_csv
from streamlens.report.subtitles import ass, cues
from streamlens.report.tables import HEADS, findings_csv, findings_lines, findings_parquet
from streamlens.report.tasks import tasks_json, template

Stream = Callable[[str], Bundle]


def with_findings(bundle: Bundle, count: int, **changes: object) -> Bundle:
    first = bundle.findings.findings[0]
    many = tuple(msgspec.structs.replace(first, id=f"f{n}", **changes) for n in range(count))
    return msgspec.structs.replace(bundle, findings=msgspec.structs.replace(bundle.findings, findings=many))


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_all_tables_hold_the_same_rows(stream: Stream) -> None:
    bundle = stream("d2-hens")
    rows = table(findings_csv(bundle, "zh"))
    lines = [json.loads(line) for line in findings_lines(bundle, "zh").splitlines()]
    frame = polars.read_parquet(io.BytesIO(findings_parquet(bundle, "zh")))
    assert tuple(frame.columns) == HEADS
    ids = [row["id"] for row in rows]
    assert ids == [line["id"] for line in lines] == frame["id"].to_list()
    assert len(ids) == len(bundle.findings.findings) > 3
    assert frame["law"].to_list() == [line["law"] for line in lines]
    assert frame.schema["start_ms"] == polars.Int64


def test_a_stream_without_findings_has_tables_all_the_same(stream: Stream) -> None:
    bundle = with_findings(stream("d1-orchard"), 0)
    assert table(findings_csv(bundle, "zh")) == []
    assert polars.read_parquet(io.BytesIO(findings_parquet(bundle, "zh"))).shape == (0, len(HEADS))
    assert edl(bundle, "zh").startswith(b"TITLE: ")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5度", "@SUM(A1)", "\tx", "＝1"])
def test_no_cell_is_a_formula(stream: Stream, text: str) -> None:
    bundle = with_findings(stream("d1-orchard"), 1, quote=text, sentence=text)
    assert table(findings_csv(bundle, "zh"))[0]["quote"] == f"'{text}"
    frame = polars.read_parquet(io.BytesIO(findings_parquet(bundle, "zh")))
    assert frame["quote"][0] == text  # no spreadsheet: the words as they are


def test_an_edl_marks_each_finding_where_it_is(stream: Stream) -> None:
    bundle = with_findings(stream("d1-orchard"), 2, start_ms=3_661_040, end_ms=3_663_000, quote="绝对|好\nM2 X")
    lines = edl(bundle, "zh", fps=25).decode().splitlines()
    assert lines[:2] == ["TITLE: " + (bundle.recording.title or bundle.recording.id), "FCM: NON-DROP FRAME"]
    assert "001  AX       V     C        01:01:01:01 01:01:03:00 01:01:01:01 01:01:03:00" in lines
    marks = [line for line in lines if line.startswith(" |C:")]
    assert len(marks) == 2
    assert all(mark.count("|") == 3 and mark.endswith("|D:49") for mark in marks)
    assert not any(line.startswith("M2 ") for line in lines)


def test_an_edl_of_too_many_findings_keeps_the_gravest_and_says_so(stream: Stream) -> None:
    mild = with_findings(stream("d1-orchard"), 1200, verdict="supported").findings.findings
    grave = msgspec.structs.replace(mild[0], id="z", verdict="prohibited", start_ms=mild[0].start_ms + 9000)
    bundle = stream("d1-orchard")
    bundle = msgspec.structs.replace(bundle, findings=msgspec.structs.replace(bundle.findings, findings=(*mild, grave)))
    told = edl(bundle, "en").decode()
    assert len(re.findall(r"^\d{3}  AX", told, re.MULTILINE)) == 999
    assert "202 milder findings are left out" in told
    assert "RED" in told


def test_markers_are_in_order_with_readable_times(stream: Stream) -> None:
    rows = table(markers_csv(stream("d3-dried"), "en"))
    assert [row["In"] for row in rows] == sorted(row["In"] for row in rows)
    assert all(re.fullmatch(r"\d:\d\d:\d\d\.\d{3}", row[head]) for row in rows for head in ("In", "Out", "Length"))


def test_labelling_tasks_fit_their_template(stream: Stream) -> None:
    bundle = stream("d2-hens")
    (task,) = json.loads(tasks_json(bundle, "zh"))
    interface = template().decode()
    results = task["predictions"][0]["result"]
    assert len(results) == 4 * len(bundle.findings.findings)
    for result in results:
        assert f'name="{result["from_name"]}"' in interface
        assert f'name="{result["to_name"]}"' in interface
        for label in result["value"].get("labels", []) + result["value"].get("choices", []):
            assert f'value="{label}"' in interface


def test_ass_shows_product_and_words(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    file = pysubs2.SSAFile.from_string(ass(bundle).decode())
    products = [line for line in file if line.style == "Product"]
    assert [line.start for line in products] == [segment.start_ms for segment in bundle.segments.segments]
    assert len(file) - len(products) == len(cues(bundle))
