"""Small pictures for the report: of the right moments, small, and none where there is nothing to see."""

from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image

import make
from streamlens.capture.frames import pictures_at
from streamlens.capture.stills import StillOptions, choose_views, take_stills
from streamlens.schema import Finding, Findings, Part, Recording, Stills

FILM = Path(__file__).parents[2] / "demo" / "d2-hens" / "recording.mp4"
LENGTH_MS = 110_000


@pytest.fixture
def film() -> Recording:
    part = Part(name=FILM.name, start_ms=0, duration_ms=LENGTH_MS, size=1, digest="0", has_video=True, container="mp4")
    return Recording(id="r1", parts=(part,), duration_ms=LENGTH_MS)


def found(*findings: Finding) -> Findings:
    return Findings(recording="r1", rules_version="0", coverage=1.0, findings=findings)


def finding(id: str, start_s: float, verdict: str = "prohibited", severity: str = "high") -> Finding:
    return msgspec.structs.replace(make.finding(start_s), id=id, verdict=verdict, severity=severity)


def test_accusations_are_looked_at_first_and_what_is_borne_out_never(film: Recording) -> None:
    findings = found(
        finding("fine", 1, "supported"), finding("unsure", 5, "unclear"), finding("mild", 9, "unsupported", "low"),
        finding("grave", 20),
    )  # fmt: skip
    two = choose_views(film, findings, options=StillOptions(most=2))
    assert [each.finding for each in two.moments] == ["mild", "grave"]
    assert choose_views(film, findings, options=StillOptions(on=False)).moments == ()
    assert [each.finding for each in choose_views(film, findings).moments] == ["unsure", "mild", "grave"]


def test_pictures_are_small_and_those_close_together_are_shared(film: Recording) -> None:
    views = choose_views(film, found(finding("a", 10), finding("b", 11), finding("c", 60)))
    stills = take_stills(film, [FILM], views)
    assert [still.findings for still in stills.stills] == [("a", "b"), ("c",)]
    for still, wanted in zip(stills.stills, (views.moments[0], views.moments[2]), strict=True):
        assert 0 <= wanted.start_ms - still.at_ms <= 3000
        with Image.open(BytesIO(still.picture)) as image:
            assert image.format == "WEBP" and max(image.size) == 400
        assert len(still.picture) < 20_000
    assert take_stills(film, [FILM], views) == stills


def test_times_are_found_in_the_part_they_lie_in() -> None:
    part = Part(name="a", start_ms=0, duration_ms=LENGTH_MS, size=1, digest="0", has_video=True, container="mp4")
    second = msgspec.structs.replace(part, name="b", start_ms=200_000)
    joined = Recording(id="r1", parts=(part, second), duration_ms=310_000)
    seen = pictures_at(joined, [FILM, FILM], [50_000, 150_000, 250_000], longest_side=64)
    assert sorted(seen) == [50_000, 250_000]
    assert [seen[at].part for at in sorted(seen)] == [0, 1]
    assert (seen[50_000].image == seen[250_000].image).all()


def test_there_is_no_picture_where_there_is_no_video(film: Recording, tmp_path: Path) -> None:
    views = choose_views(film, found(finding("a", 10)))
    deaf = msgspec.structs.replace(film, parts=(msgspec.structs.replace(film.parts[0], has_video=False),))
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(FILM.read_bytes()[:5000])
    for recording, paths in ((deaf, [FILM]), (film, [torn]), (film, [tmp_path / "gone.mp4"]), (film, [])):
        assert take_stills(recording, paths, views).stills == ()
    assert take_stills(film, [FILM], choose_views(film, found())) == Stills(recording="r1", media_type="image/webp")
