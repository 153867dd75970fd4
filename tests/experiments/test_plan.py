"""What is wrong with an experiment's file is said in one line, with its place and what to do."""

from pathlib import Path

import pytest

import plans
from streamlens.errors import InputError
from streamlens.experiments.conduct import prepare
from streamlens.experiments.plan import SalesPlan, read_plan
from streamlens.shipped import shipped


def told(tmp_path: Path, text: str, *settings: str) -> str:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        prepare(path, runs=tmp_path / "runs", settings=settings)
    return str(raised.value).removeprefix(f"{path}, ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "sales"', 'kind = "sale"', "line 2, kind: states kind 'sale', which is none; kinds are sales, hypotheses, transcripts, claims; did you mean sales?"),
        ('kind = "sales"', "", "kind: states no kind; kinds are sales, hypotheses, transcripts, claims"),
        ("folds = 3", "fold = 3", "line 7, fold: no such key; did you mean folds?"),
        ("folds = 3", "folds = 1", "line 7, folds: is 1; at least 2"),
        ("streams = 10", 'streams = "10"', "line 19, data.simulate.streams: expected `int`, got `str`; compare configs/experiments"),
        ("streams = 10", "stream = 10", "line 19, data.simulate.stream: no such key; did you mean streams?"),
        ('refuted_by = "A larger loss with it."', "", "line 9, hypothesis.refuted_by: is missing; compare configs/experiments"),
        ('name = "small"', 'name = "../small"', "line 3, name: '../small' cannot name a folder; use small letters, digits, - and _"),
        ('"linear"]', '"lasso"]', "line 5, models[1]: invalid enum value 'lasso'; compare configs/experiments"),
        ('metric = "deviance"', 'metric = "loss"', "hypothesis.metric: loss is no metric; metrics are"),
        ('than = { features = "offer" }', 'than = { features = "price" }', "hypothesis.than: no cell of the grid has {'features': 'price'}"),
        ('"answers_given_per_min"]', '"units"]', "features: know the outcome: units (declared: orders); leave them out"),
        ('offer = ["price_fen", "online_mean"]', 'offer = ["price_fen", "onlin_mean"]', None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str | None) -> None:
    assert old in plans.SALES
    if said is None:  # a column that is not there is a cell that fails, with the nearest name
        path = tmp_path / "plan.toml"
        path.write_text(plans.SALES.replace(old, new), encoding="utf-8")
        assert prepare(path, runs=tmp_path / "runs").cells
        return
    assert told(tmp_path, plans.SALES.replace(old, new, 1)).startswith(said)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    assert "line 1" in told(tmp_path, "kind = sales\n")


def test_a_file_of_another_sort_is_told_what_it_lacks() -> None:
    with pytest.raises(InputError, match="states no kind"):
        read_plan(shipped("configs") / "experiments" / "liveamr.toml")


def test_values_are_replaced_from_the_command_line(tmp_path: Path) -> None:
    plan, _ = read_plan(plans.sales(tmp_path), ["data.simulate.streams=12", "seeds=[1, 2]", "outcome=units"])
    assert isinstance(plan, SalesPlan)
    assert plan.data.simulate and plan.data.simulate.streams == 12
    assert (plan.seeds, plan.outcome) == ((1, 2), "units")
    assert told(tmp_path, plans.SALES, "folds").startswith("--set folds: is not key=value")


@pytest.mark.parametrize("name", ["sales", "hypotheses", "claims", "transcripts"])
def test_every_example_reads(name: str) -> None:
    plan, _ = read_plan(shipped("configs") / "experiments" / f"{name}.toml")
    assert plan.question.endswith("?")


def test_hypotheses_are_checked_one_by_one(tmp_path: Path) -> None:
    text = """kind = "hypotheses"
name = "h"
question = "?"
[hypothesis]
expects = "a"
refuted_by = "b"
[data]
simulate = { streams = 9 }
[[hypotheses]]
id = "one"
finding = "f"
test = "effect"
expects = "positive"
feature = "pace_cpm"
[[hypotheses]]
id = "two"
finding = "f"
test = "effect"
expects = "dip"
feature = "pace_cpm"
"""
    assert (
        told(tmp_path, text)
        == "line 15, hypotheses[1]: (two) test effect expects one of positive, negative, none, not 'dip'; mend it"
    )
    assert "is there twice" in told(tmp_path, text.replace('"two"', '"one"').replace('"dip"', '"none"'))
    assert "made of sales" in told(tmp_path, text.replace('"dip"', '"none"').replace("pace_cpm", "refund_fen"))
