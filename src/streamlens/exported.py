"""Results of a workspace in the forms that other programs read: subtitles, tables, markers, labelling tasks, clips."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from streamlens.capture.clips import Clip, cut
from streamlens.errors import InputError, StoreError
from streamlens.outcome import AuditResult, results
from streamlens.report import files
from streamlens.report.bundle import Bundle
from streamlens.report.letter import letter
from streamlens.report.markers import edl, markers_csv
from streamlens.report.sarif import recording_sarif
from streamlens.report.subtitles import ass, srt, vtt
from streamlens.report.tables import findings_csv, findings_lines, findings_parquet
from streamlens.report.tasks import tasks_json, template
from streamlens.schema import Finding, Findings, Record, Verdict
from streamlens.store import Store

FORMS: dict[str, tuple[str, Callable[[Bundle, str], bytes]]] = {  # form -> (file name, what writes it)
    "srt": ("subtitles.srt", lambda bundle, _: srt(bundle)),
    "vtt": ("subtitles.vtt", lambda bundle, _: vtt(bundle)),
    "ass": ("subtitles.ass", lambda bundle, _: ass(bundle)),
    "csv": ("findings.csv", findings_csv),
    "jsonl": ("findings.jsonl", findings_lines),
    "parquet": ("findings.parquet", findings_parquet),
    "edl": ("markers.edl", edl),
    "markers": ("markers.csv", markers_csv),
    "docx": ("audit.docx", letter),
    "sarif": ("findings.sarif", recording_sarif),
    "label-studio": ("label-studio.json", tasks_json),
}
PAGES = "pages"  # the report itself, written anew
CLIPS = "clips"
LEAD_MS, TRAIL_MS = 2000, 1500  # what is heard before and after a claim in its clip


class Choice(Record, frozen=True, kw_only=True):
    """Which findings are exported; empty: all."""

    verdicts: tuple[Verdict, ...] = ()
    kinds: tuple[str, ...] = ()  # or their families
    products: tuple[str, ...] = ()

    def takes(self, finding: Finding) -> bool:
        return (
            (not self.verdicts or finding.verdict in self.verdicts)
            and (not self.kinds or finding.kind in self.kinds or finding.kind.split(".")[0] in self.kinds)
            and (not self.products or finding.product in self.products)
        )


def chosen(workspace: Path, names: Sequence[str]) -> tuple[AuditResult, ...]:
    """The finished recordings of a workspace, all or those named. InputError where there is none, or not that one."""
    if not workspace.is_dir():
        raise InputError(str(workspace), "there is no such workspace", "run `streamlens audit` first")
    found = {result.id: result for result in results(Store(workspace)) if result.state == "done"}
    if missing := [name for name in names if name not in found]:
        known = ", ".join(sorted(found)[:5]) or "none"
        raise InputError(missing[0], f"no finished recording of that id in {workspace}", f"there are: {known}")
    if not found:
        raise InputError(str(workspace), "holds no finished recording", "run `streamlens audit` first")
    return tuple(found[name] for name in names or sorted(found))


def export(
    result: AuditResult,
    forms: Sequence[str],
    *,
    choice: Choice | None = None,
    to: Path | None = None,
    lang: str = "zh",
    review: Callable[[Bundle], Bundle] | None = None,
) -> Iterator[Path]:
    """Write the forms of one recording into `to`/<id>, or its own folder, and yield each path when it is there.

    `review` applies what people decided on the findings.
    """
    choice = choice or Choice()
    bundle = review(result.bundle()) if review else result.bundle()
    picked = tuple(finding for finding in bundle.findings.findings if choice.takes(finding))
    part = msgspec.structs.replace(bundle, findings=_only(bundle.findings, picked))
    folder = to / result.id if to else result.folder
    for form in forms:
        if form == PAGES:
            yield from _pages(bundle, folder, lang)
        elif form == CLIPS:
            yield from (clip.path for clip in _clips(result, part, folder / CLIPS))
        else:
            name, render = FORMS[form]
            yield write(folder / name, render(part, lang))
            if form == "label-studio":
                yield write(folder / "label-studio.xml", template())


def _pages(bundle: Bundle, folder: Path, lang: str) -> Iterable[Path]:
    written: list[Path] = []
    files.write_report(bundle, lang=lang, publish=lambda name, data: written.append(write(folder / name, data)))
    return written


def _clips(result: AuditResult, bundle: Bundle, folder: Path) -> Iterator[Clip]:
    """A clip for each finding that was chosen, named by its place in time, kind and id."""
    sources = {part.name: path for part, path in zip(bundle.recording.parts, bundle.media, strict=False)}
    if not sources:
        raise InputError(result.id, "its media files are not known", "audit it again, with the recording in place")
    folder.mkdir(parents=True, exist_ok=True)
    for finding in sorted(bundle.findings.findings, key=lambda f: (f.start_ms, f.id)):
        part = next(
            (p for p in bundle.recording.parts if p.start_ms <= finding.start_ms < p.start_ms + p.duration_ms), None
        )
        if part is None:
            continue
        start = max(part.start_ms, finding.start_ms - LEAD_MS)
        at = finding.start_ms // 1000
        name = f"{at // 3600:02}-{at // 60 % 60:02}-{at % 60:02}_{finding.kind}_{finding.verdict}_{finding.id[:8]}"
        yield cut(part, result.folder / sources[part.name], start, finding.end_ms + TRAIL_MS, folder / name)


def _only(findings: Findings, picked: tuple[Finding, ...]) -> Findings:
    return msgspec.structs.replace(findings, findings=picked)


def write(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all. StoreError where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise StoreError(
            str(path), f"cannot be written ({error.strerror})", "choose another folder with --to"
        ) from error
    return path
