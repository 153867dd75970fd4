"""Deciding: what each action does, two reviewers and their disagreement, undoing, and who came first."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

import reviewing
from reviewing import Client, finding, open_desk
from streamlens.errors import InputError, StoreError
from streamlens.review import DECISIONS
from streamlens.review.decisions import DecisionLog, address
from streamlens.schema import Decision


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    found = [finding("a", "能治高血压", 5), finding("b", "全网最低价", 20, verdict="unsupported", product="L1")]
    return reviewing.write(tmp_path / "results", found)


@pytest.fixture
def client(workspace: Path) -> Client:
    return Client(open_desk(workspace, settlers=["Chief"]))


def item(client: Client, name: str = "a") -> Any:
    return client.get(f"/api/findings/s1/{name}").json


def test_every_action_says_what_stands_and_is_kept(client: Client) -> None:
    assert client.decide("a", "accept").json["item"]["standing"]["action"] == "accept"
    corrected = client.decide("a", "correct", quote="能降高血压", reason="听错").json["item"]
    assert (corrected["quote"], corrected["audit"]["quote"]) == ("能降高血压", "能治高血压")
    assert client.decide("a", "verdict", verdict="unclear").json["item"]["verdict"] == "unclear"
    moved = client.decide("a", "product", product="L1").json["item"]
    assert (moved["product_name"], moved["verdict"], moved["quote"]) == ("安岳柠檬", "unclear", "能降高血压")
    assert client.decide("b", "product", product="").json["item"]["product"] is None
    dismissed = client.decide("a", "dismiss", reason="not_said").json["item"]
    assert (dismissed["state"], dismissed["verdict"], dismissed["quote"]) == ("decided", "prohibited", "能治高血压")
    history = item(client)["history"]
    assert [each["action"] for each in history] == ["accept", "correct", "verdict", "product", "dismiss"]
    assert {each["by"] for each in history} == {"Lin"} and history[1]["reason"] == "听错"
    assert all(datetime.fromisoformat(each["at"]).tzinfo for each in history)


def test_undo_goes_back_one_by_one_and_is_an_entry_of_its_own(client: Client) -> None:
    client.decide("a", "correct", quote="能降高血压")
    client.decide("a", "dismiss", reason="allowed")
    assert client.decide("a", "undo").json["item"]["quote"] == "能降高血压"
    assert client.decide("a", "undo").json["item"]["state"] == "open"
    refused = client.decide("a", "undo")
    assert refused.status == 400 and "undo" in refused.json["error"]
    assert [(h["action"], h["undone"]) for h in item(client)["history"]] == [
        ("correct", True), ("dismiss", True), ("undo", False), ("undo", False),
    ]  # fmt: skip


def test_two_who_disagree_are_shown_until_they_agree(client: Client) -> None:
    first = client.decide("a", "accept", by="Lin").json["item"]
    second = client.decide("a", "dismiss", by="Wu", reason="allowed", seen=first["newest"]).json
    assert second["disputed"] and second["item"]["state"] == "disputed" and second["item"]["standing"] is None
    assert [each["by"] for each in second["item"]["standings"]] == ["Lin", "Wu"]
    agreed = client.decide("a", "dismiss", by="Lin", reason="allowed", seen=second["item"]["newest"]).json
    assert agreed["item"]["state"] == "decided" and not agreed["disputed"]


def test_two_who_came_to_the_same_in_different_ways_agree(client: Client) -> None:
    client.decide("a", "accept", by="Lin")
    same = client.decide("a", "verdict", by="Wu", verdict="prohibited").json
    assert (same["item"]["state"], same["disputed"]) == ("decided", False)


def test_a_settler_settles_and_a_later_objection_opens_it_again(client: Client) -> None:
    client.decide("a", "accept", by="Lin")
    newest = client.decide("a", "dismiss", by="Wu", reason="allowed", seen=1).json["item"]["newest"]
    settled = client.decide("a", "verdict", by="Chief", verdict="unclear", seen=newest).json["item"]
    assert (settled["state"], settled["standing"]["by"], settled["verdict"]) == ("decided", "Chief", "unclear")
    assert client.decide("a", "accept", by="Lin", seen=settled["newest"]).json["disputed"]


def test_a_decision_never_goes_over_unseen_work(client: Client) -> None:
    first = client.decide("a", "dismiss", by="Wu", reason="allowed").json["item"]
    late = client.decide("a", "accept", by="Lin", seen=0)
    assert late.status == 409
    assert "Wu" in late.json["error"] and late.json["item"]["newest"] == first["newest"]
    assert len(item(client)["history"]) == 1
    assert client.decide("a", "dismiss", by="Lin", reason="not_said", seen=0).status == 200, "it says the same"
    assert client.decide("a", "accept", by="Lin", seen=9).status == 200, "seen, and still of another mind"


def test_of_many_at_once_exactly_one_comes_first(workspace: Path) -> None:
    """Sessions with connections of their own, who all saw an open finding and each want another verdict."""
    clients = [Client(open_desk(workspace)) for _ in range(6)]
    verdicts = ["prohibited", "contradicted", "unclear", "unsupported", "supported", "none"]
    answers: list[int] = []

    def decide(number: int) -> None:
        answers.append(clients[number].decide("a", "verdict", by=f"R{number}", verdict=verdicts[number]).status)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 5
    assert len(item(clients[0])["history"]) == 1


def test_what_one_decides_the_other_is_told(workspace: Path) -> None:
    one, other = Client(open_desk(workspace)), Client(open_desk(workspace), reviewer="Wu")
    last = other.get("/api/me").json["last"]
    one.decide("a", "accept")
    told = other.get(f"/api/changes?after={last}").json
    assert [(each["finding"], each["standing"]["by"]) for each in told["items"]] == [("a", "Lin")]
    assert other.get(f"/api/changes?after={told['last']}").json == {"last": told["last"], "items": []}


def test_a_missed_claim_is_listed_and_can_be_taken_back(client: Client) -> None:
    asked = {
        "stream": "s1", "start_ms": 30_000, "end_ms": 31_000, "kind": "purity.natural", "verdict": "unsupported",
        "product": "L1", "quote": "纯天然", "reason": "系统没听到",
    }  # fmt: skip
    added = client.post("/api/missed", asked).json["item"]
    assert (added["state"], added["missed"], added["product_name"]) == ("decided", True, "安岳柠檬")
    assert client.get("/api/queue?kind=purity").json["total"] == 1
    assert added["finding"] in [f["finding"] for f in client.get("/api/streams/s1").json["findings"]]
    assert item(client, added["finding"])["law"]
    assert client.decide(added["finding"], "undo").json["item"]["state"] == "removed"
    assert client.get("/api/queue?kind=purity").json["total"] == 0


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("decisions", {"finding": "nothing"}, "no finding"),
        ("decisions", {"stream": "../s1"}, "no stream"),
        ("decisions", {"action": "delete"}, "action"),
        ("decisions", {"action": "dismiss"}, "reason"),
        ("decisions", {"action": "correct", "quote": "  "}, "quote"),
        ("decisions", {"action": "verdict", "verdict": "guilty"}, "verdict"),
        ("decisions", {"action": "product", "product": "NOPE"}, "catalogue"),
        ("decisions", {"action": "dismiss", "reason": "x" * 2001}, "2000"),
        ("decisions", {"action": "correct", "quote": "a\0b"}, "NUL"),
        ("decisions", {"action": "correct", "quote": 7}, "quote"),
        ("decisions", {"by": "Wu"}, "unknown field"),
        ("decisions", {"id": 7}, "unknown field"),
        ("decisions", {"seen": "1"}, "seen"),
        ("missed", {"end_ms": 99_000_000}, "times"),
        ("missed", {"kind": "x"}, "kind"),
        ("missed", {"quote": ""}, "quote"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(client: Client, path: str, value: Any, says: str) -> None:
    usual: dict[str, Any] = {"stream": "s1", "finding": "a", "action": "accept"}
    if path == "missed":
        usual = {"stream": "s1", "start_ms": 0, "end_ms": 9, "kind": "purity.natural", "verdict": "none", "quote": "x"}
    answer = client.post(f"/api/{path}", {**usual, **value})
    assert answer.status == 400
    assert says in answer.json["error"] and "\n" not in answer.json["error"]
    assert client.get("/api/me").json["last"] == 0


def test_a_reviewer_needs_a_name(workspace: Path) -> None:
    client = Client(open_desk(workspace), reviewer="")
    assert client.decide("a", "accept").status == 400
    assert client.post("/api/me", {"name": " \n "}).status == 400
    answer = client.post("/api/me", {"name": " 林  小 "})
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert client.get("/api/me", {"Cookie": cookie}).json["reviewer"] == "林 小"


# ---- the queue


def test_the_queue_puts_the_grave_and_doubtful_first(tmp_path: Path) -> None:
    found = [
        finding("fine", "产自安岳", 1, verdict="supported"),
        finding("slight", "最好", 2, severity="low"),
        finding("sure", "能治病", 3, confidence=0.95),
        finding("unsure", "能治病啊", 4, confidence=0.7),
        finding("unclear", "能治病吧", 5, verdict="unclear", confidence=0.99),
    ]
    client = Client(open_desk(reviewing.write(tmp_path / "results", found)))
    answer = client.get("/api/queue").json
    assert [each["finding"] for each in answer["items"]] == ["unclear", "unsure", "sure", "slight", "fine"]


def test_filters_and_counts(client: Client, workspace: Path) -> None:
    client.decide("a", "accept")

    def names(query: str) -> list[str]:
        return [each["finding"] for each in client.get(f"/api/queue?{query}").json["items"]]

    assert (names("state=open"), names("state=decided")) == (["b"], ["a"])
    assert (names("verdict=prohibited"), names("kind=health"), names("product=L1")) == (["a"], ["a", "b"], ["b"])
    assert (names("q=%E6%9F%A0%E6%AA%AC"), names("q=%25"), names("stream=s2")) == (["b"], [], [])
    answer = client.get("/api/queue?state=open&limit=1").json
    assert (answer["total"], answer["counts"]) == (1, {"open": 1, "decided": 1, "disputed": 0, "moved": 0})
    assert client.get("/api/queue?limit=-1").status == 404
    assert client.get("/api/streams").json[0]["decided"] == 1


# ---- the log


def draft(reason: str = "") -> Decision:
    return Decision(
        id=0, stream="s1", finding="a", action="accept", by="Lin", at=datetime(1999, 1, 1, tzinfo=UTC), reason=reason
    )


def test_ids_and_times_are_the_servers(workspace: Path) -> None:
    log = DecisionLog(address(workspace, None))
    first, second = log.add(lambda _: draft()), log.add(lambda _: draft())
    assert second.id > first.id and first.at.year > 2000 and second.at >= first.at
    assert DecisionLog(address(workspace, None)).rows() == (first, second) == log.rows()


def test_the_database_refuses_to_change_what_was_decided(workspace: Path) -> None:
    log = DecisionLog(address(workspace, None))
    log.add(lambda _: draft())
    with create_engine(address(workspace, None)).begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        for change in ("DELETE FROM decisions", "UPDATE decisions SET reason = 'x'"):
            with pytest.raises(Exception, match="only ever added"):
                connection.execute(text(change))


def test_what_a_draft_raises_leaves_nothing_behind(workspace: Path) -> None:
    log = DecisionLog(address(workspace, None))

    def fails(_: object) -> Decision:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        log.add(fails)
    assert log.add(lambda _: draft("'); DROP TABLE decisions; --")) == log.rows()[0]


def test_a_damaged_database_is_one_line(workspace: Path) -> None:
    (workspace / DECISIONS).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"review\.sqlite") as caught:
        DecisionLog(address(workspace, None))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:hunter2@h/d", "postgresql://u:hunter2@127.0.0.1:1/d"])
def test_an_address_that_leads_nowhere_is_one_line_without_the_password(workspace: Path, url: str) -> None:
    with pytest.raises((InputError, StoreError)) as caught:
        DecisionLog(address(workspace, url))
    assert "hunter2" not in str(caught.value) and "\n" not in str(caught.value)
