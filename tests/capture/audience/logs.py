"""Reading small logs in tests: a file's text in, the Audience out."""

from datetime import datetime
from pathlib import Path
from typing import Any

from streamlens.capture.audience.pseudonym import Pseudonyms
from streamlens.capture.engagement import AudienceFile, AudienceFiles, AudienceOptions, read_audience
from streamlens.schema import Audience, Catalogue, Part, Product, Recording, Screen, ScreenText

KEY = Pseudonyms(b"a key for tests", "小林")
GOODS = Catalogue(
    products=(
        Product(sku="QC-5", name="赣南脐橙", aliases=("脐橙", "橙子")),
        Product(sku="FM-500", name="土蜂蜜", aliases=("蜂蜜",)),
        Product(sku="FM-1000", name="土蜂蜜大瓶", aliases=("蜂蜜",)),
    )
)


def broadcast(
    minutes: float = 60, began: str | None = "2026-10-12T20:00:00", *, parts: tuple[tuple[str, int], ...] = ()
) -> Recording:
    """A recording of so many minutes; `parts` are names and starts in seconds."""
    return Recording(
        id="r1",
        duration_ms=round(minutes * 60_000),
        started_at=datetime.fromisoformat(began) if began else None,
        parts=tuple(
            Part(
                name=name,
                start_ms=start * 1000,
                duration_ms=600_000,
                size=1,
                digest="",
                has_video=True,
                container="flv",
            )
            for name, start in parts
        ),
    )


def screen(*texts: tuple[float, str]) -> Screen:
    """What was first seen on screen at which second."""
    return Screen(
        recording="r1",
        texts=tuple(
            ScreenText(
                start_ms=round(at * 1000), end_ms=round(at * 1000) + 1000, text=text, box=(0, 0, 100, 20), confidence=0.9,
                sort="passing",
            )
            for at, text in texts
        ),
    )  # fmt: skip


def read(
    folder: Path,
    name: str,
    content: str | bytes,
    *,
    role: str = "",
    recording: Recording | None = None,
    seen: Screen | None = None,
    offset_ms: int | None = None,
    part: int = 0,
    clocks: tuple[tuple[Path, int], ...] = (),
    **options: Any,
) -> Audience:
    """The audience of one file; its role is told by its name."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    role = role or next((role for role in ("viewers", "orders") if name.startswith(role)), "comments")
    file = AudienceFile(path=path, role=role, offset_ms=offset_ms, part=part)  # type: ignore[arg-type]
    return read_audience(
        AudienceFiles(files=(file,), clocks=clocks, pseudonyms=KEY),
        recording or broadcast(),
        GOODS,
        seen or Screen(recording="r1"),
        options=AudienceOptions(**options),
    )


def said(audience: Audience) -> list[tuple[int, str]]:
    """Comments as (ms, text)."""
    return [(comment.at_ms, comment.text) for comment in audience.comments]


def added_up(audience: Audience) -> bool:
    """Whether each source accounts for every row of its file."""
    return all(s.rows == s.read + sum(count for _, count in s.left_out) for s in audience.sources)
