"""The files of a report. `publish(name, bytes)` writes one; where and how is the caller's business."""

from collections.abc import Callable, Iterable

from streamlens.report.audit import render_audit
from streamlens.report.bundle import Bundle
from streamlens.report.coaching import render_coaching
from streamlens.report.index import StreamResult, render_index
from streamlens.report.results import (
    facts_json,
    findings_json,
    focus_json,
    questions_json,
    segments_json,
    transcript_json,
)
from streamlens.report.sheet import batch_sheet, findings_sheet
from streamlens.report.subtitles import srt, vtt

Publish = Callable[[str, bytes], object]


def write_report(bundle: Bundle, *, lang: str, publish: Publish) -> None:
    """The stable files of one recording, worded in `lang` (`zh` or `en`)."""
    publish("transcript.json", transcript_json(bundle.transcript))
    publish("segments.json", segments_json(bundle.segments))
    publish("findings.json", findings_json(bundle, lang))
    if bundle.facts:
        publish("facts.json", facts_json(bundle.facts))
    if bundle.focus:
        publish("focus.json", focus_json(bundle.focus))
    if bundle.questions:
        publish("questions.json", questions_json(bundle.questions))
    publish("subtitles.srt", srt(bundle))
    publish("subtitles.vtt", vtt(bundle))
    publish("findings.xlsx", findings_sheet(bundle, lang))
    publish("audit.html", render_audit(bundle, lang).encode())
    publish("coaching.html", render_coaching(bundle, lang).encode())


def write_index(results: Iterable[StreamResult], *, lang: str, publish: Publish) -> None:
    """The front page of a batch and all its findings in one workbook."""
    results = tuple(results)
    publish("index.html", render_index(results, lang).encode())
    publish("findings.xlsx", batch_sheet(results, lang))
