"""Scanned papers outside an audit: a draft of evidence.yaml to be checked by a person, and the papers of a folder."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from streamlens.detect.catalogue import read_catalogue
from streamlens.errors import InputError
from streamlens.inputs import scan_texts
from streamlens.judge.evidence import read_evidence
from streamlens.judge.pages import SUFFIXES
from streamlens.judge.scans import Draft, ScanOptions, draft_papers, join_scans, unread_scan
from streamlens.report.messages import word
from streamlens.schema import Catalogue, Evidence

_HEAD = {
    "en": "What was read from scans. Check it against the papers and save it as evidence.yaml: what is there wins.\n"
    "Lines behind # were not read surely or not at all: mend them, then take the # away.",
    "zh": "以下由扫描件读出。请对照原件核对后存为 evidence.yaml，以其中所写为准。\n"
    "以 # 开头的行没有读准或没有读出，请改正后去掉 #。",
}
_SURE = {"en": "page {page}, {sureness:.0%} sure", "zh": "第 {page} 页，把握 {sureness:.0%}"}
_NAMED = {"en": "on the paper: {named}", "zh": "证照上写的是：{named}"}


def find_scans(path: Path) -> tuple[Path, ...]:
    """The scans of a stream folder, of a folder of scans, or the one file. InputError where there are none."""
    if path.is_file():
        return (path,)
    folder = path / "evidence" if (path / "evidence").is_dir() else path
    if not folder.is_dir():
        raise InputError(str(path), "there is no such file or folder", "check the path")
    found = sorted(each for each in folder.iterdir() if each.is_file() and each.suffix.lower() in SUFFIXES)
    if not found:
        raise InputError(str(path), "there are no scans in it", "put PDF, JPG or PNG files into its folder evidence/")
    return tuple(found)


def catalogue_near(path: Path) -> Catalogue:
    """The catalogue of the stream folder that a path is or lies in; an empty one if there is none."""
    for folder in (path, path.parent, path.parent.parent):
        names = [
            folder / f"{stem}{suffix}" for stem in ("catalog", "catalogue") for suffix in (".csv", ".xlsx", ".xls")
        ]
        for name in names:
            if name.is_file():
                return read_catalogue(name)
    return Catalogue()


def folder_evidence(path: Path, catalogue: Catalogue) -> Evidence:
    """The papers of a stream folder or of its evidence/, written and scanned. InputError as those who read them."""
    stream = path.parent if path.name == "evidence" else path
    beside = [stream / f"evidence{suffix}" for suffix in (".yaml", ".yml", ".xlsx", ".xls")]
    file = next((each for each in beside if each.is_file()), None)
    written = read_evidence(file, catalogue) if file else Evidence()
    try:
        scans = find_scans(path)
    except InputError:
        if file is None:
            raise
        scans = ()
    return join_scans(written, scan_texts(scans), catalogue)


def draft_yaml(
    paths: Sequence[Path], catalogue: Catalogue, lang: str = "zh", options: ScanOptions | None = None
) -> str:
    """What scans hold as the text of an evidence.yaml, with how surely and where each field was read.

    What was not read surely is commented out, so that saving the draft unread makes nothing sure.
    """
    options = options or ScanOptions()
    lines = [f"# {line}" for line in _HEAD[lang].splitlines()]
    lines.append("documents:")
    for file in scan_texts(paths).files:
        drafts = draft_papers(file, catalogue, options)
        for draft in drafts:
            lines += ["", *_document(draft, lang)]
        if not drafts:
            lines += ["", *(f"# {file.name}: {word(note, lang)}" for note in unread_scan(file, catalogue).notes)]
    return "\n".join(lines) + "\n"


def _document(draft: Draft, lang: str) -> Iterator[str]:
    where = {field.name: _SURE[lang].format(page=field.page, sureness=field.confidence) for field in draft.fields}
    named = next((field.value for field in draft.fields if field.name == "product"), "")
    yield f"- id: {_written(draft.id)}"
    for name, value in draft.raw.items():
        if name == "id":
            continue
        mark = "# " if name in draft.doubtful or not value else ""
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"  {mark}{name}:"
            for number, row in enumerate(value):
                field = f"{name}[{number}]"
                mark = "# " if field in draft.doubtful else ""
                yield f"  {mark}- {_written(row)}  # {where[field]}"
            continue
        beside = where.get(name, "")
        if name == "covers" and named:
            beside = _NAMED[lang].format(named=named)
        yield f"  {mark}{name}: {_written(value)}" + (f"  # {beside}" if beside else "")
    for note in draft.notes:
        if note.code == "scan.missing":
            field = dict(note.args)["field"]
            if field not in draft.raw:
                yield f'  # {field}: ""'
        if note.code != "scan.unsure":
            yield f"  # {word(note, lang)}"


def _written(value: object) -> str:
    """JSON is YAML, and leaves no text to be taken for anything else."""
    return json.dumps(value, ensure_ascii=False)
