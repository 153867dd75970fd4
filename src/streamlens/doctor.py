"""Can an audit run here? What is installed, which models are present, what is missing and the command that mends it."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from streamlens.capture.model import ModelStatus, cache_folder, find, list_models, model_digest
from streamlens.detect.rules import load_rules
from streamlens.errors import StreamlensError
from streamlens.judge.law import load_law
from streamlens.link.library import INSTALL as LINK
from streamlens.link.library import NEEDED, missing
from streamlens.schema import Record
from streamlens.shipped import shipped

DISTRIBUTION = "streamlens-audit"
INSTALL = "pip install --force-reinstall streamlens-audit (in a checkout: make demo)"
ENOUGH_BYTES = 500_000_000  # results of a few hundred hours


class Check(Record, frozen=True, kw_only=True):
    """One thing looked at. `missing` keeps an audit from running, `note` does not; `do` mends it."""

    name: str
    state: Literal["ok", "note", "missing"]
    what: str
    do: str = ""


def examine(workspace: Path) -> tuple[Check, ...]:
    """Everything that an audit needs here, in the order in which one would mend it."""
    return (_python(), *_packages(), _processor(), *_models(), _data(), _statistics(), _disk(workspace))


def ready(checks: tuple[Check, ...]) -> bool:
    return all(check.state != "missing" for check in checks)


def _python() -> Check:
    said = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    return Check(name="python", state="ok", what=said)


def _packages() -> Iterator[Check]:
    """The declared dependencies; of a checkout that is not installed nothing is declared, and imports will tell."""
    try:
        declared = [text for text in requires(DISTRIBUTION) or () if "extra ==" not in text]
        yield Check(name="streamlens", state="ok", what=version(DISTRIBUTION))
    except PackageNotFoundError:
        yield Check(name="streamlens", state="note", what="run from its source, not installed", do="pip install -e .")
        return
    here, absent = [], []
    for text in declared:
        name = next(iter(text.replace(";", " ").replace("<", " ").replace(">", " ").replace("=", " ").split()))
        try:
            here.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        yield Check(name="packages", state="missing", what=f"not installed: {', '.join(absent)}", do=INSTALL)
    yield Check(name="packages", state="ok", what=", ".join(here))


def _processor() -> Check:
    try:
        import ctranslate2
    except (ImportError, OSError) as error:
        return Check(name="processor", state="missing", what=f"ctranslate2 does not load: {error}", do=INSTALL)
    gpus = ctranslate2.get_cuda_device_count()
    kinds = sorted(ctranslate2.get_supported_compute_types("cuda" if gpus else "cpu"))
    what = (
        f"{os.cpu_count()} CPU threads, {f'{gpus} CUDA GPU' if gpus else 'no CUDA GPU'}; computes in {', '.join(kinds)}"
    )
    return Check(name="processor", state="ok", what=what)


def _models() -> Iterator[Check]:
    try:
        statuses = list_models()
        yield from (_model(status) for status in statuses if status.path or status.problem != "not fetched")
        best = find("auto")
        yield Check(name="model in use", state="ok", what=f"{best.name} (--model auto)")
    except StreamlensError as error:
        yield Check(name="model in use", state="missing", what=f"{error.where} {error.what}".strip(), do=error.do)


def _model(status: ModelStatus) -> Check:
    name, fetch = f"model {status.name}", f"streamlens models fetch {status.name}"
    if status.path is None:
        return Check(name=name, state="note", what=f"in {cache_folder()}, but {status.problem}", do=fetch)
    what = f"{status.size / 1e6:,.0f} MB in {status.path}, digest {model_digest(status.path)[:12]}"
    return Check(name=name, state="ok", what=what)


def _data() -> Check:
    configs = shipped("configs")
    try:
        book = load_rules(configs / "rules", configs / "lexicon")
        law = load_law(configs / "law.toml")
    except StreamlensError as error:
        return Check(name="rules", state="missing", what=str(error), do=INSTALL)
    said = f"{len(book.rules)} rules, version {book.version}; law as of {law.as_of}, {len(law.articles)} articles"
    return Check(name="rules", state="ok", what=said)


def _statistics() -> Check:
    """What only `streamlens link` needs: an audit runs without."""
    if absent := missing():
        what = f"not installed: {', '.join(absent)}; `streamlens link` needs them, an audit does not"
        return Check(name="statistics", state="note", what=what, do=LINK)
    return Check(name="statistics", state="ok", what=", ".join(NEEDED))


def _disk(workspace: Path) -> Check:
    """Free space where the workspace is, or would be made."""
    place = next(folder for folder in (workspace.resolve(), *workspace.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    what = f"{free / 1e9:,.1f} GB free in {place}"
    if not os.access(place, os.W_OK):
        return Check(
            name="workspace", state="missing", what=f"{place} cannot be written", do="choose another --workspace"
        )
    if free < ENOUGH_BYTES:
        return Check(name="workspace", state="note", what=what, do="make room, or choose another --workspace")
    return Check(name="workspace", state="ok", what=what)
