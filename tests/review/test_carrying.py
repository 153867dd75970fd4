"""Decisions after a new audit: carried over, shown to be confirmed, or orphaned; and never lost."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import reviewing
from reviewing import Client, finding, open_desk
from streamlens.review.carrying import Subject, carry
from streamlens.schema import Decision, Finding


def subject(seen: Finding) -> Subject:
    made = Decision(
        id=1, stream="s1", finding=seen.id, action="accept", by="Lin", at=datetime(2026, 11, 1, tzinfo=UTC),
        snapshot=msgspec.json.encode(seen),
    )  # fmt: skip
    return Subject(id=seen.id, seen=seen, decisions=(made,))


def carried(*seen: Finding, to: tuple[Finding, ...]) -> list[str | None]:
    found = carry([subject(each) for each in seen], to)
    return [each.id if (each := found[old.id]) else None for old in seen]


def test_the_same_id_is_the_same_finding() -> None:
    assert carried(finding("a", "能治高血压"), to=(finding("a", "能治高血压", 1.4),)) == ["a"]


def test_of_equal_words_the_time_decides_and_not_the_count_in_the_id() -> None:
    """The first of three is no longer heard, so that the ids of the others move on by one."""
    before = (finding("one", "纯天然", 10), finding("two", "纯天然", 30), finding("three", "纯天然", 50))
    now = (finding("one", "纯天然", 30.2), finding("two", "纯天然", 50.1))
    assert carried(*before, to=now) == [None, "one", "two"]


def test_words_heard_otherwise_at_the_same_place_are_compared() -> None:
    assert carried(finding("a", "能治高血压", 10), to=(finding("b", "能治好高血压", 10.5),)) == ["b"]


@pytest.mark.parametrize(
    "other",
    [
        finding("b", "买一送一", 10.5),
        finding("b", "能治高血压", 40),
        finding("b", "能治高血压", 10, kind="health.function"),
        finding("b", "能治高血压", 10, channel="screen"),
    ],
    ids=["words", "place", "kind", "channel"],
)
def test_what_is_something_else_takes_no_decision_over(other: Finding) -> None:
    assert carried(finding("a", "能治高血压", 10), to=(other,)) == [None]


def test_a_finding_takes_over_from_one_only() -> None:
    before = (finding("a", "能治高血压", 10), finding("b", "能治好高血压", 10.2))
    assert carried(*before, to=(finding("c", "能治高血压", 10),)) == ["c", None]


# ---- as the page sees it


def decided(workspace: Path, action: str = "accept", **fields: str) -> None:
    desk = open_desk(workspace)
    assert Client(desk).decide("a", action, **fields).status == 200
    desk.log.close()


def after(workspace: Path, *findings: Finding) -> tuple[Client, list[dict[str, object]]]:
    """The queue of a desk that is opened after another audit."""
    client = Client(open_desk(reviewing.write(workspace, findings)))
    return client, client.get("/api/queue").json["items"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return reviewing.write(tmp_path / "results", [finding("a", "能治高血压", 10)])


def test_a_decision_survives_a_new_audit_that_says_the_same(workspace: Path) -> None:
    decided(workspace)
    _, (item,) = after(workspace, finding("a", "能治高血压", 10.3, heard="能治高血鸭"))
    assert (item["state"], item["standing"]["by"]) == ("decided", "Lin")  # type: ignore[index]


@pytest.mark.parametrize(
    "now",
    [
        finding("b", "能治好高血压", 10.2),
        finding("a", "能治高血压", 10, verdict="supported"),
        finding("b", "能治高血压", 10, product="L1"),
        finding("a", "能治高血压", 50),
    ],
    ids=["words", "verdict", "product", "place"],
)
def test_what_was_decided_on_something_that_changed_is_confirmed_first(workspace: Path, now: Finding) -> None:
    decided(workspace)
    client, (item,) = after(workspace, now)
    assert (item["state"], item["standing"]) == ("moved", None)
    assert client.get(f"/api/findings/s1/{now.id}").json["moved_from"]["quote"] == "能治高血压"
    answer = client.decide(now.id, "accept", seen=item["newest"]).json
    assert answer["item"]["state"] == "decided"
    (again,) = client.get("/api/queue").json["items"]
    assert again["state"] == "decided"
    history = client.get(f"/api/findings/s1/{now.id}").json["history"]
    assert [each["action"] for each in history] == ["accept", "accept"]


def test_a_decision_on_a_verdict_outlives_another_verdict_of_the_audit(workspace: Path) -> None:
    decided(workspace, "verdict", verdict="supported")
    _, (item,) = after(workspace, finding("a", "能治高血压", 10, verdict="unclear"))
    assert (item["state"], item["verdict"]) == ("decided", "supported")


def test_an_orphan_is_shown_and_can_be_kept_put_away_or_undone(workspace: Path) -> None:
    decided(workspace)
    client, items = after(workspace, finding("x", "买一送一", 40, kind="price.lowest"))
    orphan = next(item for item in items if item["orphan"])
    assert (orphan["state"], orphan["quote"]) == ("moved", "能治高血压")
    kept = client.decide("a", "accept", seen=orphan["newest"]).json["item"]
    assert (kept["state"], kept["orphan"]) == ("decided", True)
    assert client.decide("a", "undo").json["item"]["state"] == "moved"
    assert client.decide("a", "undo").json["item"]["state"] == "removed"
    assert [item["finding"] for item in client.get("/api/queue").json["items"]] == ["x"]


def test_the_orphan_comes_back_with_its_decision_when_it_is_heard_again(workspace: Path) -> None:
    decided(workspace)
    after(workspace)
    _, (item,) = after(workspace, finding("a", "能治高血压", 10))
    assert item["state"] == "decided"


def test_a_confirmed_decision_goes_on_through_a_third_audit(workspace: Path) -> None:
    decided(workspace)
    client, (item,) = after(workspace, finding("b", "能治好高血压", 10))
    client.decide("b", "dismiss", reason="not_said", seen=item["newest"])
    _, (item,) = after(workspace, finding("b", "能治好高血压", 10.4))
    assert (item["state"], item["standing"]["action"]) == ("decided", "dismiss")  # type: ignore[index]
    _, (item,) = after(workspace, finding("c", "能治愈高血压", 10.4))
    assert item["state"] == "moved"


def test_a_missed_claim_that_the_audit_now_finds_is_not_listed_twice(workspace: Path) -> None:
    client = Client(open_desk(workspace))
    asked = {"stream": "s1", "start_ms": 20_000, "end_ms": 21_000, "kind": "health.disease", "verdict": "prohibited"}
    assert client.post("/api/missed", {**asked, "quote": "降血糖"}).status == 200
    _, items = after(workspace, finding("a", "能治高血压", 10), finding("n", "降血糖", 20.1))
    assert [(item["finding"], item["state"]) for item in items] == [("a", "open"), ("n", "decided")]
