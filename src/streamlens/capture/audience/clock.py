"""When a broadcast began, and so where on its time line the times of an audience file lie.

What the user gives goes before what is measured on screen, that before what stream.yaml says, that before the
recorder's own notes. Nothing is guessed: times that cannot be tied to the recording stay untied, and times that miss
it (another day, another zone) are told of and left as they are.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from streamlens.capture.audience.entries import Moment
from streamlens.capture.audience.lines import lines
from streamlens.capture.audience.moments import CHINA, DAY, local_ms, moment
from streamlens.schema import Clock, Recording, ScreenText

HOUR = 3_600_000
_STAMP = re.compile(r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_T ]?(\d\d)[-_:.]?(\d\d)[-_:.]?(\d\d)(?!\d)")
_SEEN = re.compile(
    r"(?<![\d:])(?:(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*)?([01]?\d|2[0-3])[:：]([0-5]\d)[:：]([0-5]\d)(?![\d:])"
)
_CUE = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{3})\s*-->\s*\d+:\d\d:\d\d[,.]\d{3}")
READINGS = 3  # so many readings of a clock are needed,
AGREE_MS = 1500  # that differ by no more than this from their median,
AGREE = 0.5  # and must be this share of all that look like a clock


class Reading(NamedTuple):
    """A clock as seen at a time of the recording. `dated`: with its day, else `clock_ms` counts from midnight."""

    at_ms: int
    clock_ms: int
    dated: bool


class Start(NamedTuple):
    """When the recording began (ms since 1970) and who says so; None where nobody does."""

    ms: int | None
    clock: Clock  # of times tied by it: `stated`, or `overlay`
    by: str
    measured: str = ""  # what the clock on screen showed


class Placed(NamedTuple):
    """Times on the recording's time line, in the order asked, None where one cannot be placed."""

    at_ms: tuple[int | None, ...]
    clock: Clock
    offset_ms: int
    notes: tuple[str, ...]
    troubles: tuple[str, ...]


# ---- clocks that are seen


def seen_clocks(texts: Iterable[ScreenText]) -> list[Reading]:
    """Running clocks on screen. The text is first seen up to a picture's distance after the clock jumped to it."""
    return [reading for text in texts if (reading := _reading(text.text, text.start_ms))]


def told_clocks(path: Path, part_start_ms: int) -> list[Reading]:
    """The readings of a subtitle file whose cues only show the clock; none where it holds speech."""
    found, cues, at_ms = [], 0, None
    for line in lines(path):
        if match := _CUE.search(line.text):
            hours, minutes, seconds, ms = (int(part) for part in match.groups())
            at_ms = part_start_ms + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
            cues += 1
        elif at_ms is not None and line.text.strip():
            reading = _reading(line.text, at_ms)
            if reading and len(line.text.strip()) <= 40:
                found.append(reading)
            at_ms = None
    return found if len(found) >= READINGS and len(found) * 10 >= cues * 9 else []


def _reading(text: str, at_ms: int) -> Reading | None:
    match = _SEEN.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second = match.groups()
    of_day = ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 1000
    if not year:
        return Reading(at_ms, of_day, False)
    dated = moment(f"{year}-{month}-{day} {hour}:{minute}:{second}")
    return Reading(at_ms, dated.ms, True) if dated else None


def begin_by_clock(readings: Sequence[Reading]) -> tuple[int, bool, int] | None:
    """When the recording began by a running clock: the median of clock less place, whether that is dated, readings.

    A clock shows whole seconds, so half of one is added. A countdown, a lap time of goods or a price read as a clock do
    not run with the recording: without enough readings that agree there is none.
    """
    for dated in (True, False):
        differences = [(r.clock_ms + 500 - r.at_ms) % (10**15 if dated else DAY) for r in readings if r.dated == dated]
        if len({r.clock_ms for r in readings if r.dated == dated}) < READINGS:
            continue
        (mode, _), *_ = Counter(value // 2000 for value in differences).most_common(1)
        near = [value for value in differences if abs(value - mode * 2000 - 1000) <= 4000]
        middle = round(statistics.median(near))
        agree = [value for value in near if abs(value - middle) <= AGREE_MS]
        if len(agree) >= READINGS and len(agree) >= AGREE * len(differences):
            return round(statistics.median(agree)), dated, len(agree)
    return None


# ---- when it began


def begin(
    recording: Recording, recorder: Sequence[Moment], readings: Sequence[Reading]
) -> tuple[Start, tuple[str, ...]]:
    """When the recording began, and notes. `recorder` are the starts that recorders wrote into their files."""
    notes: list[str] = []
    stated, by = _stated(recording, recorder, notes)
    found = begin_by_clock(readings)
    if not found:
        return Start(stated, "stated", by), tuple(notes)
    ms, dated, many = found
    if not dated:
        if stated is None:
            return Start(None, "stated", ""), (*notes, "a clock runs on screen, but nothing says of which day it is")
        ms = _nearest_day(ms, stated)
    shown = f"{datetime.fromtimestamp(ms / 1000, CHINA):%Y-%m-%d %H:%M:%S} ({many} readings)"
    if stated is not None and abs(ms - stated) > 3 * HOUR:
        notes.append(
            f"a clock that runs with the recording would have it begin at {shown}, more than 3 h from {by}: not used"
        )
        return Start(stated, "stated", by), tuple(notes)
    if stated is not None and abs(ms - stated) > 5000:
        notes.append(f"by the clock on screen the recording begins at {shown}, {(ms - stated) / 1000:+.0f} s from {by}")
    return Start(ms, "overlay", "the clock on screen", shown), tuple(notes)


def _stated(recording: Recording, recorder: Sequence[Moment], notes: list[str]) -> tuple[int | None, str]:
    if recording.started_at:
        if recording.started_at.tzinfo is None:
            notes.append("started_at names no zone: taken as +08:00")
        return local_ms(recording.started_at), "started_at"
    for at in recorder:
        return at.ms, "the recorder's own start_time"
    for part in recording.parts[:1]:
        if match := _STAMP.search(part.name):
            try:
                at_ms = local_ms(datetime(*(int(piece) for piece in match.groups())))  # type: ignore[arg-type]
            except ValueError:
                break
            return at_ms - part.start_ms, f"the time in the name {part.name}, taken as +08:00"
    return None, ""


def _nearest_day(of_day: int, near: int) -> int:
    """The time of this clock (since midnight in China) that is nearest to another one."""
    shift = 8 * HOUR
    base = (near + shift) // DAY * DAY - shift + of_day
    return min((base - DAY, base, base + DAY), key=lambda ms: abs(ms - near))


# ---- times of a file on the time line


def place(
    times: Sequence[Moment | None],
    start: Start,
    *,
    duration_ms: int,
    part_start_ms: int = 0,
    given_ms: int | None = None,
    key: str = "comments_offset_s",
) -> Placed:
    """Times of one file. `part_start_ms`: where the part begins that the file lies beside; `given_ms`: to be added, by
    `key` of stream.yaml."""
    kinds = {at.kind for at in times if at}
    if not kinds:
        return Placed((None,) * len(times), "order", 0, ("it has no times: only the order of its rows is known",), ())
    notes: list[str] = []
    troubles: list[str] = []
    scale = _relative_scale(times, duration_ms, notes)
    from_start = _counts_from_start(times, start, duration_ms, part_start_ms) if "day_time" in kinds else False
    added = given_ms or 0
    out: list[int | None] = []
    tied: list[int] = []  # places that hang on when the recording began
    before: int | None = None
    for at in times:
        if at is None:
            out.append(None)
            continue
        if at.kind == "relative" or (at.kind == "day_time" and from_start):
            out.append(part_start_ms + at.ms // (scale if at.kind == "relative" else 1) + added)
            continue
        if start.ms is None:
            out.append(None)
            continue
        ms = at.ms
        if at.kind == "day_time" and ms >= DAY:
            out.append(None)
            continue
        if at.kind == "day_time":
            ms = _day_of(at.ms, start.ms, duration_ms, before)
            before = ms
        elif at.kind == "no_year":
            ms = _year_of(at.ms, start.ms)
        placed = ms - start.ms + added
        out.append(placed)
        tied.append(placed)
    clocked = kinds - {"relative"} and not (kinds <= {"relative", "day_time"} and from_start)
    clock: Clock = "relative"
    if clocked:
        clock = start.clock if kinds <= {"relative", "stated"} or start.clock == "overlay" else "assumed_zone"
        if start.ms is None:
            clock = "none"
            troubles.append(
                "its times are clocks and nothing says when the recording began: give started_at in stream.yaml"
            )
        else:
            notes.append(f"its clock is set against {start.by}" + (f": {start.measured}" if start.measured else ""))
        if kinds & {"local", "no_year", "day_time"}:
            notes.append("its clock names no zone: taken as +08:00")
    if given_ms is not None and any(place is not None for place in out):
        clock = "given"
        notes.append(f"{given_ms / 1000:+g} s added, as given in stream.yaml")
    troubles += _missed(tied or [p for p in out if p is not None], duration_ms, key if tied else "")
    return Placed(tuple(out), clock, added + part_start_ms if not clocked else added, tuple(notes), tuple(troubles))


def _relative_scale(times: Sequence[Moment | None], duration_ms: int, notes: list[str]) -> int:
    """1000 where numbers without a unit can only be milliseconds, being whole and far beyond the end as seconds."""
    counted = sorted(at.ms for at in times if at and at.kind == "relative")
    if not counted or any(ms % 1000 for ms in counted) or not duration_ms:
        return 1
    high = counted[int(0.9 * (len(counted) - 1))]
    if high > 2 * duration_ms + HOUR and high // 1000 <= duration_ms + 60_000:
        notes.append("its times are taken as milliseconds: as seconds they would lie far beyond the end")
        return 1000
    return 1


def _counts_from_start(times: Sequence[Moment | None], start: Start, duration_ms: int, part_start_ms: int) -> bool:
    """Whether 00:12:30 is a place in the recording and no time of the day: by which more of them lie in it."""
    clocks = [at.ms for at in times if at and at.kind == "day_time"]
    inside = sum(ms + part_start_ms <= duration_ms + 60_000 for ms in clocks)
    if start.ms is None:
        return inside * 10 >= len(clocks) * 9
    days = sum(-60_000 <= _day_of(ms, start.ms, duration_ms, None) - start.ms <= duration_ms + 60_000 for ms in clocks)
    return inside > days


def _day_of(of_day: int, start_ms: int, duration_ms: int, before: int | None) -> int:
    """The day of a clock: the one that puts it nearest to the recording, or in a long one to the row before."""
    ms = _nearest_day(of_day, start_ms + duration_ms // 2)
    if before is not None and duration_ms > DAY // 2:
        ms = _nearest_day(of_day, before)
    return ms


def _year_of(ms: int, near: int) -> int:
    at = datetime.fromtimestamp(ms / 1000, CHINA)
    year = datetime.fromtimestamp(near / 1000, CHINA).year
    found = []
    for candidate in (year - 1, year, year + 1):
        try:
            found.append(local_ms(at.replace(year=candidate)))
        except ValueError:  # 29 February
            continue
    return min(found, key=lambda each: abs(each - near)) if found else ms


def _missed(placed: Sequence[int], duration_ms: int, key: str) -> list[str]:
    """Times that miss the recording, with what would bring them in, if that is whole hours or days."""
    if not placed:
        return []

    def inside(shift: int) -> float:
        return sum(-600_000 <= ms + shift <= duration_ms + 1_800_000 for ms in placed) / len(placed)

    now = inside(0)
    if now >= (0.02 if key.startswith("orders") else 0.5):  # shops export whole days
        far = sum(not -DAY <= ms <= duration_ms + DAY for ms in placed)
        return [f"{far} of its times lie more than a day from the recording"] if far else []
    middle = statistics.median_low(sorted(placed))
    out = round((1 - now) * len(placed))
    say = f"{out} of {len(placed)} times lie outside the recording (the middle one at {middle / 1000:+.0f} s)"
    if not key:
        return [f"{say}: is it of another recording?"]
    days = round(middle / DAY)

    def within(shift: int) -> int:
        return sum(0 <= ms + shift <= duration_ms for ms in placed)

    best = max([-days * DAY, *(hours * HOUR for hours in range(-14, 15) if hours)], key=lambda s: (within(s), -abs(s)))
    if inside(best) >= 0.8:
        what = f"{abs(best) // DAY} day(s)" if best % DAY == 0 else f"{abs(best) // HOUR} hour(s)"
        why = "another day" if best % DAY == 0 else "another time zone"
        return [
            f"{say}; {what} {'later' if best > 0 else 'earlier'} they would fit: {why}? "
            f"If so, give {key}: {best // 1000} in stream.yaml"
        ]
    return [f"{say}: check started_at, or give {key} in stream.yaml"]
