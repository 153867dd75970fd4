"""What is written, under which names."""

import json
from collections.abc import Callable

import msgspec

from streamlens.report.bundle import Bundle
from streamlens.report.files import write_index, write_report
from streamlens.report.index import StreamResult
from streamlens.schema import Fact, Facts, Told

Stream = Callable[[str], Bundle]


def test_a_report_is_these_files_and_the_same_bytes_each_time(stream: Stream) -> None:
    once: dict[str, bytes] = {}
    twice: dict[str, bytes] = {}
    write_report(stream("d1-orchard"), lang="zh", publish=once.__setitem__)
    write_report(stream("d1-orchard"), lang="zh", publish=twice.__setitem__)
    assert list(once) == [
        "transcript.json",
        "segments.json",
        "findings.json",
        "subtitles.srt",
        "subtitles.vtt",
        "findings.xlsx",
        "audit.html",
        "coaching.html",
    ]
    assert once == twice
    assert json.loads(once["findings.json"])["lang"] == "zh"


def test_facts_get_a_file_of_their_own_where_they_were_looked_for(stream: Stream) -> None:
    fact = Fact(
        id="d1-orchard/fact-00001", sort="price", product="A", start_ms=0, end_ms=900, quote="九块九", heard="9块9"
    )
    told = (Told(product="A", topic="price", at_ms=0), Told(product="A", topic="storage"))
    facts = Facts(recording="d1-orchard", facts=(fact,), checklist=told)
    made: dict[str, bytes] = {}
    write_report(msgspec.structs.replace(stream("d1-orchard"), facts=facts), lang="zh", publish=made.__setitem__)
    assert msgspec.json.decode(made["facts.json"], type=Facts) == facts


def test_a_batch_is_these_files(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    made: dict[str, bytes] = {}
    results = (
        StreamResult(id=b.recording.id, recording=b.recording, findings=b.findings, catalogue=b.catalogue)
        for b in (bundle,)
    )
    write_index(results, lang="zh", publish=made.__setitem__)
    assert list(made) == ["index.html", "findings.xlsx"]
    assert "山里人家助农专场" in made["index.html"].decode()
