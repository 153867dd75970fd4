"""Bilibili's XML, whole and not."""

from pathlib import Path

import pytest

from capture.audience.logs import added_up, broadcast, read, said

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<?xml-stylesheet type="text/xsl" href="#s"?>
<i>
<!-- gift为礼物 <d p="9,1,25,1,1,0,1,0">不是弹幕</d> -->
<chatserver>chat.bilibili.com</chatserver><maxlimit>1000</maxlimit>
<BililiveRecorder version="2.9.0" />
<BililiveRecorderRecordInfo roomid="1" name="果园" title="脐橙" start_time="2026-10-12T20:00:00.6348295+08:00" />
<BililiveRecorderXmlStyle><z:stylesheet version="1.0" id="s" xmlns:z="http://www.w3.org/1999/XSL/Transform"><z:template
match="/"><html><body><z:for-each select="/i/d"><div><dl><dt>d</dt></dl></div></z:for-each></body></html></z:template>
</z:stylesheet></BililiveRecorderXmlStyle>
"""
ROWS = """<d p="3.581,1,25,14893055,1791806403581,0,71,0" user="山风" raw="[[0,1,&quot;x&quot;],&quot;甜吗 &gt; 酸&quot;]">甜不甜 &lt;3</d>
<gift ts="0.576" user="果友" giftname="小心心" giftcount="3" raw="{&quot;coin_type&quot;:&quot;silver&quot;,&quot;total_coin&quot;:0}" />
<gift ts="9.5" user="果友" giftname="辣条" giftcount="1" raw="{&quot;coin_type&quot;:&quot;gold&quot;,&quot;total_coin&quot;:5200}" />
<sc ts="20.25" user="阿明" price="30" time="60">老板发顺丰吗</sc>
<guard ts="21" user="阿明" level="3" count="1" />
<d p="1.1,1,25,1,1791806401100,0,0,0" user="牛***" raw="[]">几斤装</d>
"""


def test_what_bililiverecorder_writes(tmp_path: Path) -> None:
    audience = read(tmp_path, "danmaku.xml", HEAD + ROWS + "</i>\n")
    (source,) = audience.sources
    assert (source.format, source.state, source.clock, source.rows, source.read) == (
        "bilibili_xml",
        "read",
        "relative",
        6,
        6,
    )
    assert said(audience) == [(1100, "几斤装"), (3581, "甜不甜 <3"), (20_250, "老板发顺丰吗")]
    assert [bool(comment.viewer) for comment in audience.comments] == [False, True, True]
    assert [(event.at_ms, event.kind, event.count, event.value_fen) for event in audience.events] == [
        (576, "gift", 3, None), (9500, "gift", 1, 520), (20_250, "paid_message", 1, 3000), (21_000, "fan_club", 1, None),
    ]  # fmt: skip
    assert audience.events[2].viewer == audience.events[3].viewer == audience.comments[2].viewer != ""


def test_what_the_site_gives_is_in_no_order_and_escaped_twice(tmp_path: Path) -> None:
    audience = read(
        tmp_path,
        "danmaku.xml",
        '<?xml version="1.0" encoding="UTF-8"?><i><chatserver>c</chatserver><d p="70.479,5,25,1,1625849506,0,95fb08,5175,10">'
        '热乎&amp;#128514;</d><d p="0.47900,4,25,15138834,1626077354,0,5bd04b14,5187,10">第一</d>'
        "<d p='3,1,25,1,1626077354,0,0,9,10'><![CDATA[1 < 2 & 好]]></d><d p=\"4,1,25,1,1,0,0,9\">  </d></i>",
    )
    assert said(audience) == [(479, "第一"), (3000, "1 < 2 & 好"), (70_479, "热乎😂")]
    assert [fault.reason for fault in audience.sources[0].faults] == ["<d> has no text"]


def test_one_id_for_many_texts_is_no_repeat_but_the_same_line_twice_is(tmp_path: Path) -> None:
    """Converters give all rows one id; recorders that are restarted write rows twice."""
    row = '<d p="{},1,25,1,1,0,0,267326,1">{}</d>\n'
    audience = read(
        tmp_path, "danmaku.xml", "<i>" + row.format(1, "好") + row.format(2, "好") + row.format(1, "好") * 2 + "</i>"
    )
    assert said(audience) == [(1000, "好"), (2000, "好")]
    assert audience.sources[0].left_out == (("repeated", 2),)
    assert added_up(audience)


@pytest.mark.parametrize(
    ("broken", "lost"),
    [
        ('<d p="5,1,25,1,1,0,0,0" user="x>坏</d>\n', 1),
        ('<d p="5,1,25,1,1,0,0,0" user="x">坏\n', 1),
        ('<d p="5,1,25,1,1,0,0,0">1 < 2 坏</d>\n', 0),  # no XML, and plain enough
        ("<d>没有时间</d>\n", 1),
        ('<gift ts="x" user="a" giftname="b" giftcount="c" />\n', 1),
        ("<<<<<\n\x00\x08garbage & garbage</d>\n", 0),
        ('<!-- 没关的注释 <d p="\n', 1),
    ],
)
def test_a_broken_element_costs_itself_only(tmp_path: Path, broken: str, lost: int) -> None:
    rows = ROWS.splitlines(keepends=True)
    audience = read(tmp_path, "danmaku.xml", HEAD + rows[0] + broken + "".join(rows[1:]))
    texts = [text for _, text in said(audience)]
    assert {"几斤装", "甜不甜 <3", "老板发顺丰吗"} <= set(texts)
    assert len(audience.events) == 4
    assert (
        dict(audience.sources[0].left_out).get("unreadable", 0) + dict(audience.sources[0].left_out).get("no_time", 0)
        == lost
    )
    assert bool(audience.sources[0].troubles) == bool(lost)
    assert added_up(audience)


def test_a_file_cut_off_anywhere_keeps_its_whole_elements(tmp_path: Path) -> None:
    whole = (HEAD + ROWS).encode()
    for at in range(len(HEAD.encode()) + 200, len(whole), 37):
        audience = read(tmp_path, "danmaku.xml", whole[:at])
        kept = whole[:at].decode(errors="ignore")
        expected = kept.count("</d>") - 1 + kept.count("</sc>")  # one is in the comment
        assert len(audience.comments) == expected
        assert added_up(audience)


def test_entities_are_not_followed(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE i [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    audience = read(tmp_path, "danmaku.xml", bomb + '<i><d p="1,1,1,1,1,0,0,0">&b;&x;</d></i>')
    assert said(audience) == [(1000, "&b;&x;")]
    assert "it declares entities, which are not followed" in audience.sources[0].notes


def test_elements_split_over_the_pieces_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (7, 64, 200):
        monkeypatch.setattr("streamlens.capture.audience.lines._PIECE", size)
        assert len(said(read(tmp_path, "danmaku.xml", HEAD + ROWS + "</i>"))) == 3


def test_a_part_counts_from_its_own_start_and_the_recorder_tells_when_the_broadcast_began(tmp_path: Path) -> None:
    recording = broadcast(began=None, parts=(("recording-01.flv", 0), ("recording-02.flv", 1200)))
    audience = read(tmp_path, "recording-02.xml", HEAD + ROWS + "</i>", recording=recording, part=1)
    assert said(audience)[0] == (1_201_100, "几斤装")
    assert audience.sources[0].offset_ms == 1_200_000
