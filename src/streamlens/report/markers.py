"""Findings as markers for video editors: an edit decision list (CMX 3600) and a table of markers.

Times count from the start of the recording. An EDL speaks in frames, so it needs the rate of the editor's time line;
its comments carry the markers in the two ways that are read: `* LOC:` (Avid and others) and `|C: |M: |D:` (Resolve).
"""

from collections.abc import Iterator

from streamlens.report.bundle import Bundle
from streamlens.report.messages import known, text
from streamlens.report.tables import csv_bytes
from streamlens.schema import Finding

FPS = 25
_COLOURS = {  # of a marker by verdict: the names that Avid and Resolve know
    "prohibited": ("RED", "Red"),
    "contradicted": ("MAGENTA", "Fuchsia"),
    "unsupported": ("YELLOW", "Sand"),
    "unclear": ("BLUE", "Blue"),
    "supported": ("GREEN", "Green"),
    "none": ("WHITE", "Cream"),
}
_EVENTS = 999  # an EDL numbers its events with three digits


def edl(bundle: Bundle, lang: str, *, fps: int = FPS) -> bytes:
    """An event for each finding on its stretch of the recording, with the marker in its comments; UTF-8.

    A list holds 999 events: of more findings the gravest are kept, and a comment says how many are left out.
    """
    findings = bundle.findings.findings
    kept = sorted(findings, key=lambda f: (list(_COLOURS).index(f.verdict), f.start_ms, f.id))[:_EVENTS]
    lines = [f"TITLE: {_plain(bundle.recording.title or bundle.recording.id)}", "FCM: NON-DROP FRAME", ""]
    if len(kept) < len(findings):
        lines.insert(2, "* " + text("ui.edl_cut", lang, left=len(findings) - len(kept), kept=len(kept)))
    for number, finding in enumerate(sorted(kept, key=lambda f: (f.start_ms, f.id)), start=1):
        start, end = _timecode(finding.start_ms, fps), _timecode(max(finding.end_ms, finding.start_ms + 1000), fps)
        avid, resolve = _COLOURS[finding.verdict]
        said = _plain(_title(finding, lang))
        span = max(1, (finding.end_ms - finding.start_ms) * fps // 1000)
        lines += [
            f"{number:03}  AX       V     C        {start} {end} {start} {end}",
            f"* FROM CLIP NAME: {_plain(_clip(bundle, finding.start_ms))}",
            f"* LOC: {start} {avid:<7} {said}",
            f" |C:ResolveColor{resolve} |M:{said.replace('|', '/')} |D:{span}",
            "",
        ]
    return "\n".join(lines).encode()


def markers_csv(bundle: Bundle, lang: str) -> bytes:
    """A row for each finding: name, description, in, out, length (`h:mm:ss.mmm`), colour."""
    heads = [text(f"column.{code}", lang) for code in ("marker", "description", "in", "out", "length", "colour")]
    return csv_bytes(heads, _markers(bundle, lang))


def _markers(bundle: Bundle, lang: str) -> Iterator[tuple[object, ...]]:
    for finding in sorted(bundle.findings.findings, key=lambda f: (f.start_ms, f.id)):
        times = (finding.start_ms, finding.end_ms, finding.end_ms - finding.start_ms)
        yield (
            _title(finding, lang),
            " ".join((bundle.product_name(finding.product), finding.sentence)).strip(),
            *map(_stamp, times),
            _COLOURS[finding.verdict][1],
        )


def _title(finding: Finding, lang: str) -> str:
    kind = known(f"kind.{finding.kind}", lang, finding.kind)
    return f"{text(f'verdict.{finding.verdict}', lang)} · {kind} · {finding.quote}"


def _clip(bundle: Bundle, ms: int) -> str:
    part = next((p for p in bundle.recording.parts if p.start_ms <= ms < p.start_ms + p.duration_ms), None)
    return part.name if part else bundle.recording.id


def _plain(words: str) -> str:
    """One line: a comment must not begin another line of the list."""
    return " ".join(words.split())


def _timecode(ms: int, fps: int) -> str:
    frames = ms * fps // 1000
    seconds = frames // fps
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames % fps:02}"


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
