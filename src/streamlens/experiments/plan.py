"""The file of an experiment becomes a Plan: every key known, every value of its type, or one clear line that says where
it is not.

What is expected is written down before anything is computed, and its digest is part of the run's: an expectation that
was changed afterwards is another experiment.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from streamlens.errors import InputError
from streamlens.link.effects import CONFOUNDERS
from streamlens.link.honesty import Minima
from streamlens.link.hypotheses import Hypothesis, check_hypothesis
from streamlens.link.learners import LearnerName
from streamlens.link.models import ModelName
from streamlens.link.simulate import SimulationOptions
from streamlens.link.splits import Split
from streamlens.link.task import Family

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
Scalar = str | int | float | bool


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Expectation(_Strict, frozen=True, kw_only=True):
    """What was expected beforehand, in words; and, where a measure can decide, as one.

    `metric` of the cells that match `better` against those that match `than`, on the same units; or `treatment`, whose
    effect is expected to have `sign`.
    """

    expects: str
    refuted_by: str
    metric: str = ""
    better: dict[str, str] = {}
    than: dict[str, str] = {}
    treatment: str = ""
    sign: Literal["", "positive", "negative", "none"] = ""


class Simulated(SimulationOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: int = 1


class TableData(_Strict, frozen=True, kw_only=True):
    """Rows to learn from: one of `simulate`, `table` (Parquet or CSV), `workspace`. `columns` maps names of the feature
    table to those of the file."""

    simulate: Simulated | None = None
    table: str = ""
    workspace: str = ""
    columns: dict[str, str] = {}


class StreamData(_Strict, frozen=True, kw_only=True):
    """Recordings (files, stream folders, folders of them) and the gold files that say what was said in them."""

    streams: tuple[str, ...]
    gold: str


class ClaimData(_Strict, frozen=True, kw_only=True):
    """Labelled passages (JSON lines: id, text, claims), or recordings with gold."""

    passages: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    gold: str = ""


class Model(_Strict, frozen=True, kw_only=True):
    """A model with settings of its own; `set` is handed to the estimator, a list of values is a grid."""

    model: ModelName
    set: dict[str, Scalar | list[Scalar]] = {}


class Effects(_Strict, frozen=True, kw_only=True):
    """What to estimate by double machine learning."""

    treatments: tuple[str, ...] = ()
    confounders: tuple[str, ...] = CONFOUNDERS
    learners: tuple[LearnerName, ...] = ("spline",)
    scale: Literal["per_1000", "total", "log"] = "per_1000"
    cluster: Literal["anchor", "recording"] = "anchor"
    repetitions: int = 3
    minima: Minima = Minima()


class Plan(_Strict, frozen=True, kw_only=True):
    """What every experiment states."""

    name: str
    question: str
    hypothesis: Expectation
    seeds: tuple[int, ...] = (1,)
    level: float = 0.95
    metrics: tuple[str, ...] = ()  # shown in this order; none: all


class SalesPlan(Plan, frozen=True, kw_only=True, tag_field="kind", tag="sales"):
    data: TableData
    outcome: str = "orders"
    features: dict[str, tuple[str, ...]]
    exposure: str = "viewer_minutes"
    unit: str = "segment"
    family: Family = "poisson"
    models: tuple[ModelName | Model, ...] = ("poisson", "boosting")
    splits: tuple[Split, ...] = ("random", "recording")
    folds: int = 5
    gap_days: float = 0.0
    baselines: tuple[Literal["mean", "product_mean", "traffic", "product_traffic", "previous"], ...] = ()
    leaks: Literal["refuse", "drop"] = "refuse"
    explain: bool = False
    effects: Effects = Effects()


class HypothesesPlan(Plan, frozen=True, kw_only=True, tag_field="kind", tag="hypotheses"):
    data: TableData
    correction: Literal["benjamini_hochberg", "holm"] = "benjamini_hochberg"
    hypotheses: tuple[Hypothesis, ...]


class StreamsPlan(Plan, frozen=True, kw_only=True, tag_field="kind", tag="transcripts"):
    """`grid`: axis -> values. The axes are `model`, `rules`, `screen`, and any option of configs/default.toml as
    `section.option`."""

    data: StreamData
    grid: dict[str, tuple[Any, ...]] = {}
    families: tuple[str, ...] = ()


class ClaimsPlan(Plan, frozen=True, kw_only=True, tag_field="kind", tag="claims"):
    data: ClaimData
    grid: dict[str, tuple[Any, ...]] = {}
    families: tuple[str, ...] = ()
    day: str = "2026-11-22"


AnyPlan = SalesPlan | HypothesesPlan | StreamsPlan | ClaimsPlan
PLANS: dict[str, type[AnyPlan]] = {
    "sales": SalesPlan, "hypotheses": HypothesesPlan, "transcripts": StreamsPlan, "claims": ClaimsPlan,
}  # fmt: skip


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a plan comes from: the text as given, and the folder that its paths are relative to."""

    name: str
    text: str
    root: Path


def read_plan(given: Path | Mapping[str, Any], settings: Sequence[str] = ()) -> tuple[AnyPlan, Source]:
    """The plan of a file, or of a table as tomllib gives it; `settings` are `key.key=value` that replace what is there.

    Raises InputError with file, line and key.
    """
    if isinstance(given, Mapping):
        table: dict[str, Any] = msgspec.to_builtins(dict(given))
        source = Source(name="experiment", text="", root=Path.cwd())
    else:
        try:
            text = given.read_text(encoding="utf-8-sig")
            table = tomllib.loads(text)
        except OSError as error:
            raise InputError(str(given), f"cannot be read ({error.strerror})", "check the path") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(str(given), f"is not TOML ({error})", "compare configs/experiments") from error
        source = Source(name=str(given), text=text, root=given.resolve().parent)
    for setting in settings:
        _set(table, setting)
    return _convert(table, source), source


def _set(table: dict[str, Any], setting: str) -> None:
    path, equals, value = setting.partition("=")
    if not equals or not path.strip():
        raise InputError(f"--set {setting}", "is not key=value", "for example --set data.simulate.streams=40")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()  # a word without quotes
    *above, last = (key.strip() for key in path.split("."))
    for key in above:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise InputError(f"--set {setting}", f"{key} is no table", "check the key")
    table[last] = parsed


def _convert(table: dict[str, Any], source: Source) -> AnyPlan:
    kind = table.get("kind")
    if kind not in PLANS:
        said = f"states kind {kind!r}, which is none" if kind else "states no kind"
        near = difflib.get_close_matches(str(kind), PLANS, 1)
        raise InputError(
            _at(source, "kind"), said, f"kinds are {', '.join(PLANS)}" + (f"; did you mean {near[0]}?" if near else "")
        )
    if kind == "sales" and isinstance(table.get("features"), list):
        table = {**table, "features": {"all": table["features"]}}
    _refuse_unknown(table, PLANS[kind], (), source)
    try:
        plan = msgspec.convert(table, PLANS[kind], strict=True)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = where.rstrip("`").lstrip(".")
        missing = re.match(r"Object missing required field `(\w+)`", what)
        if missing:
            key, what = ".".join(filter(None, (key, missing[1]))), "is missing"
        raise InputError(_at(source, key), what[0].lower() + what[1:], "compare configs/experiments") from error
    _check(plan, source)
    return plan


def _refuse_unknown(given: Any, kind: Any, above: tuple[str, ...], source: Source) -> None:
    """Unknown keys at any depth, each with the nearest known one."""
    if isinstance(given, list):
        inner = next((each for each in get_args(kind) if each is not Ellipsis), None)
        for place, each in enumerate(given):
            _refuse_unknown(each, inner, (*above[:-1], f"{above[-1]}[{place}]"), source)
        return
    kind = next(
        (each for each in (kind, *get_args(kind)) if isinstance(each, type) and issubclass(each, msgspec.Struct)), None
    )
    if kind is None or not isinstance(given, dict):
        return
    hints = get_type_hints(kind)
    fields = {name: hints[name] for name in kind.__struct_fields__} | ({"kind": str} if issubclass(kind, Plan) else {})
    for key, value in given.items():
        path = (*above, key)
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1, cutoff=0.5)
            known = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(fields))}"
            raise InputError(_at(source, ".".join(path)), "no such key", known)
        if get_origin(fields[key]) is not dict:
            _refuse_unknown(value, fields[key], path, source)


def _at(source: Source, key: str) -> str:
    """`file, line 12, data.simulate.streams`: the line where the key stands, else that of what it should stand in."""
    path = [part for part in re.split(r"[.\[\]]+", key) if part]
    line = _line(source.text, path)
    shown = key.replace("`", "")
    return ", ".join(filter(None, (source.name, f"line {line}" if line else "", shown)))


def _line(text: str, path: list[str]) -> int:
    best, depth, header, counts = 0, 0, list[str](), dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if found := re.match(r"\[(\[?)([^\[\]]+)\]?\]", bare):
            names = [name.strip().strip("\"'") for name in found[2].split(".")]
            if found[1]:
                counts[found[2]] = counts.get(found[2], -1) + 1
                names.append(str(counts[found[2]]))
            header, here = names, names
        elif found := re.match(r"([\w.\"'-]+)\s*=", bare):
            here = [*header, *(name.strip("\"'") for name in found[1].split("."))]
        else:
            continue
        same = next(
            (at for at, (one, two) in enumerate(zip(here, path, strict=False)) if one != two), min(len(here), len(path))
        )
        if same == len(here) and same > depth:
            best, depth = number, same
    return best


def _check(plan: AnyPlan, source: Source) -> None:
    """What types cannot say."""

    def wrong(key: str, what: str, do: str) -> InputError:
        return InputError(_at(source, key), what, do)

    if not NAME.fullmatch(plan.name):
        raise wrong("name", f"{plan.name!r} cannot name a folder", "use small letters, digits, - and _")
    if not plan.seeds:
        raise wrong("seeds", "is empty", "give at least one, such as [1]")
    if not 0.5 < plan.level < 1:
        raise wrong("level", f"is {plan.level}, not between 0.5 and 1", "0.95 is usual")
    if isinstance(plan, SalesPlan | HypothesesPlan):
        given = (plan.data.simulate, plan.data.table, plan.data.workspace)
        if sum(map(bool, given)) != 1:
            raise wrong("data", "wants exactly one of simulate, table, workspace", "keep one")
    if isinstance(plan, SalesPlan):
        if not plan.features:
            raise wrong("features", "is empty", "name columns; `streamlens features --columns` lists them")
        if plan.folds < 2:
            raise wrong("folds", f"is {plan.folds}", "at least 2")
    if isinstance(plan, HypothesesPlan):
        seen: set[str] = set()
        for place, hypothesis in enumerate(plan.hypotheses):
            key = f"hypotheses[{place}]"
            if hypothesis.id in seen:
                raise wrong(f"{key}.id", f"{hypothesis.id} is there twice", "rename one")
            seen.add(hypothesis.id)
            if what := check_hypothesis(hypothesis):
                raise wrong(key, f"({hypothesis.id}) {what}", "mend it")
    if isinstance(plan, ClaimsPlan) and bool(plan.data.passages) == bool(plan.data.streams):
        raise wrong("data", "wants either passages, or streams and gold", "keep one")
    if isinstance(plan, ClaimsPlan) and plan.data.streams and not plan.data.gold:
        raise wrong("data", "streams need gold", "name the folder of gold.json files")
    if isinstance(plan, StreamsPlan | ClaimsPlan):
        for axis, values in plan.grid.items():
            if not values:
                raise wrong(f"grid.{axis}", "is empty", "give its values, or leave the axis out")
