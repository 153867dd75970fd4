"""streamlens: what was claimed in a broadcast, and whether the seller's papers bear it out.

    import streamlens

    for result in streamlens.audit("my-stream", workspace="results"):
        for finding in result.findings:
            print(finding.verdict, finding.start_ms, finding.quote)

Importing it is cheap: nothing heavy is loaded before it is used.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlens.experiments.conduct import ExperimentResult
    from streamlens.experiments.runner import Progress
    from streamlens.judge.law import LawTable
    from streamlens.linked import LinkResult
    from streamlens.outcome import AuditResult
    from streamlens.run import Event
    from streamlens.schema import Catalogue, Evidence, RuleBook
    from streamlens.script import Checked

__all__ = [
    "__version__",
    "audit",
    "check",
    "experiment",
    "link_sales",
    "load_law",
    "load_rules",
    "read_catalogue",
    "read_evidence",
]

WORKSPACE = "streamlens-workspace"


def audit(
    path: str | Path | Sequence[str | Path],
    *,
    workspace: str | Path = WORKSPACE,
    model: str = "auto",
    jobs: int = 1,
    lang: str = "zh",
    config: str | Path | None = None,
    rules: str | Path | None = None,
    watch: "Callable[[Event], None] | None" = None,
) -> "tuple[AuditResult, ...]":
    """Audit a recording, a stream folder, or a folder of them; one result each, in order of id.

    What is in the workspace already is not done again. A recording that cannot be processed has the state `failed` and
    a `reason`; reading its findings raises. Raises StreamlensError when nothing can be processed at all (rules,
    settings, model, workspace). With `jobs` > 1 call it below `if __name__ == "__main__":`, as processes want.
    """
    from functools import partial

    from streamlens.outcome import AuditResult
    from streamlens.plan import find_streams
    from streamlens.run import Order, Recogniser, run
    from streamlens.store import Store

    paths = [Path(each) for each in ([path] if isinstance(path, str | Path) else path)]
    order = Order(
        workspace=Path(workspace), speech=partial(Recogniser, model, jobs), config=Path(config) if config else None,
        rules=Path(rules) if rules else None, lang=lang,
    )  # fmt: skip
    streams, failed = find_streams(paths, order.workspace)
    results = [AuditResult(outcome, Store(order.workspace)) for outcome in failed]
    results += run(streams, order, jobs=jobs, watch=watch) if streams else ()
    return tuple(sorted(results, key=lambda result: result.id))


def check(
    text: str,
    *,
    catalogue: "str | Path | Catalogue | None" = None,
    evidence: "str | Path | Evidence | None" = None,
    day: date | None = None,
    config: str | Path | None = None,
    rules: "str | Path | RuleBook | None" = None,
) -> "Checked":
    """Judge a script as if it were read out on `day` (default: today): findings with their lines and columns.

    >>> [(place.line, place.finding.verdict) for place in check("大家好\\n喝了能治糖尿病").places]
    [(2, 'prohibited')]
    """
    from streamlens.config import load_settings
    from streamlens.script import check_script

    sold = read_catalogue(catalogue) if isinstance(catalogue, str | Path) else catalogue
    return check_script(
        text,
        rulebook=load_rules(rules) if rules is None or isinstance(rules, str | Path) else rules,
        law=load_law(),
        settings=load_settings(Path(config) if config else None),
        catalogue=sold,
        evidence=read_evidence(evidence, sold) if isinstance(evidence, str | Path) else evidence,
        day=day or date.today(),
    )


def link_sales(workspace: str | Path = WORKSPACE, **options: Any) -> "LinkResult":
    """Estimate what engagement has to do with sales over a workspace; write `WORKSPACE/link/`.

    Options are those of `streamlens.linked.link`: `effects`, `outcome` ("orders", "units", "gmv"), `window_s`,
    `lag_s`, `cluster`, `simulated`, `seed`, `jobs`, `out`, `lang`. The result has `effects`, `associations`,
    `profiles`, `refused`, `tables` (polars frames by name), `model` and `page`. Needs the extra `link`.
    """
    from streamlens.linked import link

    return link(workspace, **options)


def experiment(
    plan: "str | Path | Mapping[str, Any]",
    *,
    runs: str | Path = "runs",
    jobs: int = 1,
    fresh: bool = False,
    mlflow: str = "",
    change: Sequence[str] = (),
    watch: "Callable[[Progress], None] | None" = None,
) -> "ExperimentResult":
    """Run an experiment: a TOML file, or the same as a dict (whose paths are relative to the current folder).

    Finished cells are kept below `runs` and not computed again unless `fresh`. The result has `metrics`, `predictions`
    and `costs` as polars frames, `answer` and `hypotheses` as records, and the `folder` with the report. Raises
    InputError with file, line and key for a plan that is not right; a cell that fails is listed in `problems`. With
    `jobs` > 1 call it below `if __name__ == "__main__":`, as processes want.
    """
    from streamlens.experiments.conduct import conduct, prepare

    given = Path(plan) if isinstance(plan, str | Path) else plan
    prepared = prepare(given, runs=Path(runs), settings=change)
    return conduct(prepared, jobs=jobs, fresh=fresh, mlflow=mlflow, watch=watch)


def load_rules(folder: str | Path | None = None) -> "RuleBook":
    """The rules of a folder (default: those that ship with streamlens). Raises RuleError."""
    from streamlens.detect import rules
    from streamlens.shipped import shipped

    return rules.load_rules(Path(folder) if folder else shipped("configs") / "rules", shipped("configs") / "lexicon")


def load_law() -> "LawTable":
    """The law table that ships with streamlens: which article is cited for what, from which day to which."""
    from streamlens.judge import law
    from streamlens.shipped import shipped

    return law.load_law(shipped("configs") / "law.toml")


def read_catalogue(path: str | Path) -> "Catalogue":
    """The products of catalog.csv or .xlsx. Raises InputError with file, row and column."""
    from streamlens.detect import catalogue

    return catalogue.read_catalogue(Path(path))


def read_evidence(path: str | Path, catalogue: "Catalogue | None" = None) -> "Evidence":
    """The papers of evidence.yaml or .xlsx, or of a folder with scans too, checked against the catalogue.

    Raises InputError.
    """
    from streamlens.judge import evidence

    if Path(path).is_dir():
        from streamlens.scanned import folder_evidence
        from streamlens.schema import Catalogue

        return folder_evidence(Path(path), catalogue or Catalogue())
    return evidence.read_evidence(Path(path), catalogue)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("streamlens-audit")
        except PackageNotFoundError:  # run from a checkout that is not installed
            return "0+unknown"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
