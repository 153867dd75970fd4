"""Small experiments for tests; a module of its own, because processes that tests start and kill import it too."""

from pathlib import Path
from typing import Any

SIMULATED = {"seed": 3, "anchors": 5, "streams": 10, "pitches": 8}

SALES = """# a small one
kind = "sales"
name = "small"
question = "Do pace and answers tell of sales?"
models = ["poisson", "linear"]
splits = ["random", "recording"]
folds = 3

[hypothesis]
expects = "Talk adds to the offer."
refuted_by = "A larger loss with it."
metric = "deviance"
better = { features = "talk" }
than = { features = "offer" }

[data.simulate]
seed = 3
anchors = 5
streams = 10
pitches = 8

[features]
offer = ["price_fen", "online_mean"]
talk = ["price_fen", "online_mean", "answers_given_per_min"]

[effects]
treatments = ["scarcity_talk_per_min"]
repetitions = 1
minima = { streams = 5, anchors = 3, events = 50 }
"""


def sales(folder: Path, **replaced: str) -> Path:
    """The small experiment as a file; `replaced` are lines by key."""
    lines = []
    for line in SALES.splitlines():
        key = line.partition(" = ")[0]
        lines.append(f"{key} = {replaced.pop(key)}" if key in replaced else line)
    assert not replaced
    path = folder / "small.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def stable(folder: Path) -> dict[str, bytes]:
    """The files of a run folder that must be the same each time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "timing" not in path.relative_to(folder).parts and not path.name.startswith(".")
    }


PASSAGES = """{"id": "a", "text": "喝了这个能治高血压。", "claims": [{"kind": "health.disease", "quote": "能治高血压", "stance": "asserted"}]}
{"id": "b", "text": "这个不能治病,就是好吃。", "claims": []}
{"id": "c", "text": "三斤装二十九块九,五斤装四十三块九。", "claims": []}
"""


def claims(folder: Path, **changes: Any) -> dict[str, Any]:
    (folder / "passages.jsonl").write_text(PASSAGES, encoding="utf-8")
    return {
        "kind": "claims",
        "name": "small-claims",
        "question": "Are they found?",
        "hypothesis": {"expects": "Yes.", "refuted_by": "No."},
        "data": {"passages": [str(folder / "passages.jsonl")]},
        "grid": {"implied.enabled": [False, True]},
        **changes,
    }
