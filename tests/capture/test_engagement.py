"""All files of a broadcast together, and what becomes of them in a workspace."""

import stat
from pathlib import Path

import msgspec
import pytest

import worlds
from capture.audience.logs import GOODS, KEY, broadcast
from streamlens import outcome
from streamlens.capture.engagement import AudienceFile, AudienceFiles, read_audience
from streamlens.capture.recording import discover
from streamlens.errors import InputError, StoreError
from streamlens.outcome import Outcome, exit_code
from streamlens.pipeline import work
from streamlens.run import open_setup, run
from streamlens.schema import Audience, Screen
from streamlens.store import Store

XML = '<i><d p="1,1,25,1,1,0,71,0" user="山风">甜不甜</d><d p="2,1,25,1,1,0,72,0" user="果友">几斤</d><d p="9,1,25,1,1,0,72,0" user="果友">已拍</d></i>'
CSV = "time,user,text\n1.2,山风,甜不甜\n2.2,果友,几斤\n9.1,果友,已拍\n"


def gather(folder: Path, **files: str) -> Audience:
    """The audience of files given as danmaku_csv="..."."""
    found = []
    for name, text in files.items():
        path = folder / ".".join(name.rsplit("_", 1))
        path.write_text(text, encoding="utf-8")
        role = next((role for role in ("viewers", "orders") if name.startswith(role)), "comments")
        found.append(AudienceFile(path=path, role=role))  # type: ignore[arg-type]
    return read_audience(AudienceFiles(files=tuple(found), pseudonyms=KEY), broadcast(), GOODS, Screen(recording="r1"))


def test_nothing_there_is_no_trouble() -> None:
    assert read_audience(AudienceFiles(), broadcast(), GOODS, Screen(recording="r1")) == Audience(recording="r1")


def test_all_kinds_in_order_of_time(tmp_path: Path) -> None:
    audience = gather(
        tmp_path,
        danmaku_xml=XML,
        danmaku_gifts_jsonl='{"type":"gift","user":"山风","gift_name":"小心心","count":2,"timestamp":1791806404}\n',
        viewers_csv="time,viewers\n20:00:30,900\n20:00:00,880\n",
        orders_csv="time,order_id,sku,quantity,amount\n2026-10-12 20:00:05,1,QC-5,1,19.9\n",
    )
    assert [source.state for source in audience.sources] == ["read"] * 4
    assert [comment.id for comment in audience.comments] == ["c1", "c2", "c3"]
    assert [row.online for row in audience.viewers] == [880, 900]
    assert [(event.at_ms, event.count) for event in audience.events] == [(4000, 2)]
    assert len(audience.orders) == 1


def test_the_same_log_in_two_files_counts_once(tmp_path: Path) -> None:
    audience = gather(
        tmp_path,
        danmaku_xml=XML,
        danmaku_csv=CSV,
        danmaku_log="【聊天msg】[1]山风: 甜不甜\n【聊天msg】[2]果友: 几斤\n【聊天msg】[2]果友: 已拍\n",
    )
    assert len(audience.comments) == 3
    assert audience.untimed == ()
    assert [source.left_out for source in audience.sources] == [(), (("repeated", 3),), (("repeated", 3),)]
    assert "another file has the same comments: what both have is taken from that one" in audience.sources[1].notes
    other = gather(tmp_path, danmaku_xml=XML, danmaku_csv=CSV.replace("1.2,", "1801.2,").replace("2.2,", "1802.2,"))
    assert len(other.comments) == 6


def test_a_file_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    audience = gather(tmp_path, danmaku_xml="今天很好\n", viewers_csv="time,viewers\n20:00:00,900\n", orders_csv="")
    assert audience.unread == ("danmaku.xml", "orders.csv")
    assert len(audience.viewers) == 1
    assert [note.partition(": is ")[0] for note in audience.notes] == ["audience: danmaku.xml", "audience: orders.csv"]
    assert not any(str(tmp_path) in note for note in audience.notes)  # the same wherever the folder lies


# ---- in a workspace


@pytest.fixture
def stream(tmp_path: Path, sound: Path) -> Path:
    return worlds.stream(
        tmp_path / "streams" / "s1",
        sound,
        danmaku_csv="time,user,text\n2026-09-20 18:00:01,山风阿姨,@老李头 打13800138000 微信orange_88\n2026-09-20 18:00:02,牛***,甜不甜\n",
        orders_csv="支付时间,订单号,商家编码,数量,实付金额,收件人,收货地址\n2026-09-20 18:00:03,69777001,QC-5,1,39.9,王小明,文一路18号3栋\n",
    )


def audited(tmp_path: Path) -> tuple[Audience, Outcome]:
    order = worlds.order(tmp_path / "workspace", rules=tmp_path / "rules")
    if not (tmp_path / "rules").exists():
        worlds.rules(tmp_path / "rules")
    (result,) = run(discover([tmp_path / "streams"]), order)
    assert result.state == "done", result.reason
    return result.read("audience", Audience), result.outcome


def test_nothing_personal_reaches_the_workspace(tmp_path: Path, stream: Path) -> None:
    audience, result = audited(tmp_path)
    assert [comment.text for comment in audience.comments] == ["@… 打[电话] 微信[账号]", "甜不甜"]
    assert audience.comments[1].viewer == ""
    assert result.unread == ()
    for path in (tmp_path / "workspace").rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert not any(
                word in text
                for word in ("山风阿姨", "老李头", "13800138000", "orange_88", "69777001", "王小明", "文一路")
            ), path


def test_the_key_is_made_once_for_the_workspace_and_is_nobody_else_s(tmp_path: Path, stream: Path) -> None:
    first, _ = audited(tmp_path)
    key = tmp_path / "workspace" / "pseudonym.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    kept = key.read_bytes()
    (stream / "danmaku.csv").write_text(
        (stream / "danmaku.csv").read_text(encoding="utf-8") + "2026-09-20 18:00:04,山风阿姨,好\n", encoding="utf-8"
    )
    second, _ = audited(tmp_path)
    assert key.read_bytes() == kept
    assert {c.viewer for c in second.comments} == {c.viewer for c in first.comments}
    key.unlink()
    third, _ = audited(tmp_path)
    assert not {c.viewer for c in third.comments} & {c.viewer for c in first.comments if c.viewer} - {""}


def test_a_key_of_the_user_s(tmp_path: Path, stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLENS_PSEUDONYM_KEY", "too short")
    with pytest.raises(InputError, match=r"STREAMLENS_PSEUDONYM_KEY: is too short .*; give 16 characters or more"):
        audited(tmp_path)
    monkeypatch.setenv("STREAMLENS_PSEUDONYM_KEY", "a key that is long enough")
    first, _ = audited(tmp_path)
    assert not (tmp_path / "workspace" / "pseudonym.key").exists()
    monkeypatch.setenv("STREAMLENS_PSEUDONYM_KEY", "another key that is long enough")
    second, _ = audited(tmp_path)
    assert first.comments[0].viewer != second.comments[0].viewer


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "pseudonym.key").write_text("half a ke")
    with pytest.raises(StoreError, match=r"pseudonym\.key: is damaged; restore it, or delete it"):
        store.secret("pseudonym.key")
    assert Store(tmp_path / "new").secret("k") == Store(tmp_path / "new").secret("k")


def test_an_unreadable_file_stops_no_audit_and_is_never_clean(tmp_path: Path, stream: Path) -> None:
    (stream / "danmaku.csv").write_bytes(b"\x01\x02\x03" * 100)
    audience, result = audited(tmp_path)
    assert len(audience.orders) == 1
    assert result.state == "done"
    assert result.unread == ("danmaku.csv",)
    assert any(note.startswith("audience: danmaku.csv: is none of the known formats") for note in result.notes)
    assert exit_code([result], strict=False) == 2
    again = Store(tmp_path / "workspace").read("s1", outcome.FILE, Outcome)
    assert again == result
    assert exit_code([msgspec.structs.replace(result, unread=())], strict=False) == 0


def test_the_audience_is_read_again_only_when_its_files_or_the_offset_change(tmp_path: Path, stream: Path) -> None:
    audited(tmp_path)
    setup = open_setup(worlds.order(tmp_path / "workspace", rules=tmp_path / "rules"))

    def done() -> list[str]:
        before = len(setup.store.attempts())
        work(discover([tmp_path / "streams"])[0], setup)
        return [attempt.stage for attempt in setup.store.attempts()[before:]]

    assert done() == []
    with (stream / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("2026-09-20 18:00:04,69777002,QC-5,1,39.9,王小明,文一路\n")
    assert done() == ["audience", "questions", "focus", "features", "measures", "report"]
    (stream / "stream.yaml").write_text(worlds.STREAM + "comments_offset_s: -0.5\n", encoding="utf-8")
    assert done() == ["recording", "audience", "questions", "focus", "features", "measures", "report"]
