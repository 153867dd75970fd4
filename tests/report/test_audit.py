"""The audit page: everything in it, in the right order, escaped, self-contained; its script in a real browser."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from streamlens.report.audit import media_url, render_audit
from streamlens.report.bundle import Bundle, anchor
from streamlens.schema import (
    Catalogue,
    Doubt,
    Evidence,
    Findings,
    LawRef,
    Message,
    Part,
    Product,
    Recording,
    Scan,
    ScanField,
    Segment,
    Segments,
    Still,
    Stills,
    Stretch,
    Tool,
    Tools,
    Transcript,
)

Stream = Callable[[str], Bundle]
EVIL = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\'&{{7*7}}'
VOID = {"meta", "input", "br", "img"}


class Page(HTMLParser):
    """The elements of a page with their attributes; fails on tags that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.text += data

    def all(self, tag: str, class_: str = "") -> list[dict[str, str | None]]:
        return [
            attrs
            for name, attrs in self.elements
            if name == tag and set(class_.split()) <= set((attrs.get("class") or "").split())
        ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["d1-orchard", "d2-hens", "d3-dried"])
def test_every_finding_has_a_card_the_gravest_first(stream: Stream, name: str, lang: str) -> None:
    bundle = stream(name)
    page = Page(render_audit(bundle, lang))
    cards = page.all("article", "card")
    assert {card["id"] for card in cards} == {anchor(finding.id) for finding in bundle.findings.findings}
    order = ["prohibited", "contradicted", "unsupported", "unclear", "supported", "none"]
    verdicts = [order.index(str(card["data-v"])) for card in cards]
    assert verdicts == sorted(verdicts)
    folded = {group["data-v"] for group in page.all("details", "group")}
    assert folded == {card["data-v"] for card in cards} & {"supported", "none"}


def test_tiles_count(stream: Stream) -> None:
    page = render_audit(stream("d2-hens"), "zh")
    tiles = re.findall(r'data-v="(\w+)" aria-pressed="false".*?<b>(\d+)</b>', page)
    assert tiles == [
        ("prohibited", "3"),
        ("contradicted", "4"),
        ("unsupported", "6"),
        ("unclear", "0"),
        ("supported", "2"),
        ("none", "2"),
    ]


def test_it_says_what_matters(stream: Stream) -> None:
    text = Page(render_audit(stream("d2-hens"), "zh")).text
    for said in (
        "老周散养鸡场",
        "主播 老周",
        "快手",
        "2026年9月20日 18:00",
        "人声转写 97.2%",
        "whisper-base",
        "全场1分50秒，讲了3种商品，提到17处宣称，13处需要处理。",
        "有人声但没有识别出文字",
        "《广告法》第十七条",
        "普通食品不得作“保健功能”的宣称",
        "这款果子酸甜多汁",
        "93% · 文字稿里就是这样写的",
        "“驱寒那个话收回”",
        "画面文字",
        "规则版本 0123abcd",
    ):
        assert said in text


def test_no_unworded_code_is_left(stream: Stream) -> None:
    for lang in ("zh", "en"):
        text = Page(render_audit(stream("d3-dried"), lang)).text
        assert re.findall(r"\b(?:ui|verdict|verdict_help|step|unheard|column|severity|channel)\.[a-z_]+", text) == []


def test_a_takeback_is_linked_both_ways(stream: Stream) -> None:
    page = render_audit(stream("d2-hens"), "zh")
    taken, taking = page.index("事后收回"), page.index("收回的是")
    assert "驱寒那个话收回" in page[taken : taken + 200]
    assert "驱寒祛湿" in page[taking : taking + 200]


def test_what_was_heard_is_shown_where_it_differs(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    first = bundle.findings.findings[1]
    misheard = msgspec.structs.replace(first, heard="能够提高免疫利")
    findings = msgspec.structs.replace(bundle.findings, findings=(first, misheard))
    text = Page(render_audit(msgspec.structs.replace(bundle, findings=findings), "zh")).text
    assert text.count("文字稿写作“能够提高免疫利”，判断说的是“能够提高免疫力”") == 1


def hostile(bundle: Bundle) -> Bundle:
    finding = msgspec.structs.replace(
        bundle.findings.findings[0],
        id=EVIL,
        quote=EVIL,
        heard=EVIL + "2",
        sentence=f"前{EVIL}后",
        product=EVIL,
        kind=EVIL,
        rule=EVIL,
        evidence=(EVIL,),
        verdict="prohibited",
        law=(LawRef(id="x", zh=EVIL, en=EVIL),),
        reason=Message(code=EVIL, args=((EVIL, EVIL), ("a", EVIL))),
        rewrite=(("zh", EVIL),),
    )
    spoken = msgspec.structs.replace(bundle.transcript.utterances[0], text=EVIL, words=(), speaker=EVIL)
    return Bundle(
        recording=Recording(
            id=EVIL, parts=(), duration_ms=60_000, title=EVIL, anchor=EVIL, room=EVIL, platform=EVIL, notes=(EVIL,)
        ),
        transcript=Transcript(
            recording=EVIL,
            coverage=0.5,
            utterances=(spoken, msgspec.structs.replace(spoken, speaker="x")),
            not_heard=(Stretch(start_ms=0, end_ms=2000, reason=EVIL),),
            source=EVIL,
        ),
        segments=Segments(recording=EVIL, segments=(Segment(product=EVIL, start_ms=0, end_ms=50_000, confidence=1),)),
        mentions=bundle.mentions,
        findings=Findings(recording=EVIL, rules_version=EVIL, coverage=0.5, findings=(finding,)),
        catalogue=Catalogue(products=(Product(sku=EVIL, name=EVIL),)),
        media=(EVIL,),
    )


def test_hostile_text_stays_text(stream: Stream) -> None:
    html = render_audit(hostile(stream("d1-orchard")), "zh")
    page = Page(html)
    assert [attrs.get("id") for attrs in page.all("script")] == ["data", None]
    assert page.all("img") == []
    assert not [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)]
    assert page.text.count(EVIL) > 10
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html)
    assert data and json.loads(data[1])["parts"][0]["src"].startswith("./%3C/script")


def test_the_page_is_self_contained_and_runs_only_its_own_script(stream: Stream) -> None:
    html = render_audit(stream("d1-orchard"), "zh")
    page = Page(html)
    policy = next(str(m["content"]) for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    script = html.rsplit("<script>", 1)[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy and "connect-src" not in policy
    for tag, attrs in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        target = attrs.get("src") or attrs.get("href") or attrs.get("xlink:href") or "#"
        assert target.startswith("#"), (tag, target)
    assert set(re.findall(r"https?://[\w./-]*", html)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("../../streams/a b/录像#1.mp4", "./../../streams/a%20b/%E5%BD%95%E5%83%8F%231.mp4"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("/data/x y.mp4", "file:///data/x%20y.mp4"),
    ],
)
def test_a_path_is_never_an_address_of_another_kind(path: str, url: str) -> None:
    assert media_url(path) == url


def test_parts_stand_on_one_time_line_and_gaps_are_said(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    old = bundle.recording.parts[0]
    parts: tuple[Part, ...] = (
        msgspec.structs.replace(old, name="recording-01.mp4", duration_ms=50_000),
        msgspec.structs.replace(old, name="recording-02.mp4", start_ms=60_000, duration_ms=68_000),
    )
    recording = msgspec.structs.replace(bundle.recording, parts=parts)
    html = render_audit(msgspec.structs.replace(bundle, recording=recording, media=("x/recording-01.mp4",)), "zh")
    data = re.search(r'id="data">(.*?)</script>', html)
    assert data and json.loads(data[1])["parts"] == [
        {"start": 0, "end": 50_000, "name": "recording-01.mp4", "src": "./x/recording-01.mp4"},
        {"start": 60_000, "end": 128_000, "name": "recording-02.mp4", "src": ""},
    ]
    assert "这段没有录像" in html


def test_nothing_heard_is_not_a_clean_report(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    silent = msgspec.structs.replace(
        bundle,
        transcript=Transcript(recording="x", coverage=1.0, utterances=()),
        findings=Findings(recording="x", rules_version="1", coverage=1.0),
        segments=Segments(recording="x"),
        media=(),
    )
    text = Page(render_audit(silent, "zh")).text
    assert "什么也没有判断" in text
    assert "没有发现需要处理的" not in text


def test_the_bare_minimum(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    bare = Bundle(
        recording=Recording(id="r", parts=(), duration_ms=0),
        transcript=bundle.transcript,
        segments=Segments(recording="r"),
        mentions=bundle.mentions,
        findings=Findings(recording="r", rules_version="1", coverage=1.0),
        catalogue=Catalogue(),
    )
    assert "没有发现规则覆盖的宣称" in Page(render_audit(bare, "zh")).text


def test_a_long_stream_stays_small_and_quick(stream: Stream) -> None:
    bundle = stream("d2-hens")
    hours = 4 * 3_600_000
    first = bundle.transcript.utterances[1]
    step = hours // 4000
    utterances = tuple(
        msgspec.structs.replace(first, id=f"u{i}", start_ms=i * step, end_ms=i * step + 3000, words=())
        for i in range(4000)
    )
    finding = bundle.findings.findings[0]
    findings = tuple(
        msgspec.structs.replace(finding, id=f"f{i}", start_ms=2 * i * step, end_ms=2 * i * step + 2000)
        for i in range(2000)
    )
    long = msgspec.structs.replace(
        bundle,
        recording=msgspec.structs.replace(bundle.recording, duration_ms=hours),
        transcript=msgspec.structs.replace(bundle.transcript, utterances=utterances),
        findings=msgspec.structs.replace(bundle.findings, findings=findings),
    )
    start = time.process_time()
    page = render_audit(long, "zh").encode()
    assert time.process_time() - start < 20  # about 1.5 s on one core
    assert len(page) < 6_000_000
    assert page.count(b'<article class="card') == 2000


def browse(page: Path, fragment: str, profile: Path) -> Page:
    """The page after its script ran, from headless Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("needs Chromium to run the page's script")
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    flags += " --disable-component-update --disable-sync --virtual-time-budget=3000 --dump-dom"
    command = [chromium, *flags.split(), f"--user-data-dir={profile}", f"{page.as_uri()}{fragment}"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return Page(done.stdout.decode())


def test_a_link_to_a_folded_finding_opens_it(stream: Stream, tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text(render_audit(stream("d1-orchard"), "zh"), encoding="utf-8")
    page = browse(tmp_path / "audit.html", "#f-d1-orchard-3-0", tmp_path / "profile")
    assert [card["id"] for card in page.all("article", "flash")] == ["f-d1-orchard-3-0"]
    assert [group["data-v"] for group in page.all("details", "group") if "open" in group] == ["supported"]


def test_a_recording_that_is_not_there_is_said_and_can_be_chosen(stream: Stream, tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text(render_audit(stream("d1-orchard"), "zh"), encoding="utf-8")
    page = browse(tmp_path / "audit.html", "#t=12.5", tmp_path / "profile")
    assert "打不开录像 recording.mp4" in page.text
    assert [box for box in page.all("div", "missing") if "hidden" in box] == []
    assert page.all("section", "player open")


def test_hostile_text_does_not_run(stream: Stream, tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text(render_audit(hostile(stream("d1-orchard")), "zh"), encoding="utf-8")
    page = browse(tmp_path / "audit.html", "", tmp_path / "profile")
    assert len(page.all("script")) == 2
    assert page.text.count(EVIL) > 10


def test_a_claim_on_screen_is_told_from_a_spoken_one_and_shown_with_its_whole_time(stream: Stream) -> None:
    html = render_audit(stream("d2-hens"), "zh")
    headers = re.findall(r"<article.*?<header>(.*?)</header>", html, re.DOTALL)
    assert {("画面文字" in header, header.count('class="time"')) for header in headers} == {(True, 2), (False, 1)}


def test_scans_and_notes_on_papers_are_shown(stream: Stream) -> None:
    field = ScanField(name="valid_to", value=EVIL, page=2, box=(0.1, 0.1, 0.2, 0.2), confidence=0.712)
    unsure = Message(code="scan.missing", args=(("paper", "证书.jpg"), ("field", "valid_to")))
    scans = (
        Scan(file="证书.jpg", state="partly", type="organic_certificate", fields=(field,), notes=(unsure,)),
        Scan(file="坏.pdf", state="unreadable", notes=(Message(code="scan.damaged"),)),
    )
    conflict = Message(
        code="scan.conflict",
        args=(("paper", "E1"), ("other", "E2"), ("field", "number"), ("value", "1"), ("against", "2")),
    )
    evidence = Evidence(
        scans=scans,
        notes=("evidence.yaml: document E1: field 'remark' is not known and was not read",),
        doubts=tuple(Doubt(document=id, field="number", message=conflict) for id in ("E1", "E2")),
    )
    bundle = msgspec.structs.replace(stream("d2-hens"), evidence=evidence)
    page = Page(render_audit(bundle, "en")).text
    for said in (
        "证书.jpg organic certificate", "Read in part", "last day of validity was not found on 证书.jpg",
        "(page 2, 71.2% sure)", "坏.pdf", "Not readable", "The file is damaged", "'remark' is not known",
        "E1 and E2 have the same number and differ",
    ):  # fmt: skip
        assert said in " ".join(page.split()), said
    assert page.count("E1 and E2 have") == 1
    assert '<section class="box" id="papers">' not in render_audit(stream("d2-hens"), "en")


def test_a_picture_of_the_moment_is_in_the_card_and_what_it_rests_on_below(stream: Stream) -> None:
    bundle = stream("d2-hens")
    first, second, *_ = (finding.id for finding in bundle.findings.findings)
    stills = Stills(
        recording="x", media_type="image/webp", stills=(Still(findings=(first, second), at_ms=7000, picture=b"abc"),)
    )
    tools = Tools(tools=(Tool(name="rules", version="0123abcd"), Tool(name="law", version=EVIL)))
    page = Page(render_audit(msgspec.structs.replace(bundle, stills=stills, tools=tools), "zh"))
    assert [image["src"] for image in page.all("img")] == ["data:image/webp;base64,YWJj"] * 2
    assert {image["alt"] for image in page.all("img")} == {"0:07 的画面"}
    assert "法条对照表" in page.text and EVIL in page.text


def test_a_title_cannot_leave_the_style_it_is_printed_from(stream: Stream) -> None:
    bundle = stream("d1-orchard")
    title = '"; } body { display: none } </style><script>'
    html = render_audit(
        msgspec.structs.replace(bundle, recording=msgspec.structs.replace(bundle.recording, title=title)), "zh"
    )
    printed = re.search(r'@bottom-left { content: "([^"]*)"', html)
    assert printed and re.fullmatch(r"(\\[0-9a-f]{6})+", printed[1])
