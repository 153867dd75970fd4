"""The grid of recognisers, rules and options: axes of an experiment become the settings of an audit."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from streamlens.capture.model import find, model_digest
from streamlens.config import read_settings
from streamlens.detect.rules import load_rules
from streamlens.errors import InputError
from streamlens.experiments.grid import points, shown
from streamlens.pipeline import STAGES
from streamlens.shipped import shipped
from streamlens.store import digest

SPEECH_AXES = ("model", "screen")
SHIPPED = "default"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the grid. `options` are those of configs/default.toml that differ; `made_of` what else decides:
    the digests of recogniser and rules, and the versions of the stages."""

    model: str = "auto"
    rules: str = SHIPPED
    screen: bool = True
    options: dict[str, dict[str, Any]] = {}
    made_of: tuple[str, ...] = ()

    def toml(self) -> str:
        """The options as a file that `streamlens audit --config` takes."""
        lines = []
        for section, values in self.options.items():
            lines += [
                f"[{section}]",
                *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()),
            ]
        return "".join(f"{line}\n" for line in lines)


def settings(
    grid: Mapping[str, Sequence[Any]], root: Path, *, speech: bool
) -> list[tuple[tuple[tuple[str, str], ...], Setting]]:
    """(axes, setting) of every point. `speech`: there is sound to be heard, so the recogniser counts.

    Raises InputError for an axis that is no option, ModelError for a recogniser that is not there.
    """
    found = []
    for point in points(grid):
        options: dict[str, dict[str, Any]] = {}
        for axis, value in point.items():
            section, dot, option = axis.partition(".")
            if dot:
                options.setdefault(section, {})[option] = value
            elif axis not in (*SPEECH_AXES, "rules"):
                raise InputError(f"grid.{axis}", "is no axis", "model, rules, screen, or an option as section.option")
        for axis, kind in (("model", str), ("rules", str), ("screen", bool)):
            if axis in point and not isinstance(point[axis], kind):
                raise InputError(f"grid.{axis}", f"{point[axis]!r} is no {kind.__name__}", "mend it")
        setting = Setting(
            model=point.get("model", "auto"), rules=point.get("rules", SHIPPED), screen=point.get("screen", True),
            options=options,
        )  # fmt: skip
        _checked(setting)
        made_of = [load_rules(rules_folder(setting, root), shipped("configs") / "lexicon").version, _stages()]
        if speech:
            made_of.append(model_digest(find(setting.model)))
        axes = tuple((axis, shown(value)) for axis, value in point.items())
        found.append((axes or (("setting", SHIPPED),), msgspec.structs.replace(setting, made_of=tuple(made_of))))
    return found


def rules_folder(setting: Setting, root: Path) -> Path:
    return shipped("configs") / "rules" if setting.rules == SHIPPED else root / setting.rules


def _checked(setting: Setting) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "options.toml"
        path.write_text(setting.toml(), encoding="utf-8")
        try:
            read_settings(path)
        except InputError as error:
            raise InputError(error.where.replace(f"{path}: ", "grid."), error.what, error.do) from None


def _stages() -> str:
    return digest(msgspec.json.encode([(stage.name, stage.version) for stage in STAGES]))[:16]
