"""What the audience did in a row: viewers, comments, likes, gifts; questions and complaints."""

from collections import Counter
from statistics import median
from typing import Any

from streamlens.link.layout import Row
from streamlens.link.series import Points
from streamlens.schema import Asked, Audience, Comment, Crowd, Event, EventKind, Questions, Viewers

HOLD_MS = 300_000  # a reading of the counters holds until the next one, at most this long


class Room:
    """The counters of the room over time."""

    def __init__(self, readings: tuple[Viewers, ...]) -> None:
        self.online = Points((each for each in readings if each.online is not None), lambda each: each.at_ms)
        self.watched = Points((each for each in readings if each.watched is not None), lambda each: each.at_ms)
        self.all = Points(readings, lambda each: each.at_ms)
        self.likes = any(each.likes is not None for each in readings)
        self.follows = any(each.new_followers is not None for each in readings)

    def holding(self, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
        """(viewers online, for how many ms) of the readings that hold in a stretch."""
        times, held = self.online.times, []
        for at in range(max(self.online.last_before(start_ms), 0), len(times)):
            if times[at] >= end_ms:
                break
            until = min(times[at] + HOLD_MS, times[at + 1] if at + 1 < len(times) else end_ms, end_ms)
            if (inside := until - max(times[at], start_ms)) > 0:
                held.append((self.online.things[at].online or 0, inside))
        return held

    def online_mean(self, start_ms: int, end_ms: int) -> float | None:
        held = self.holding(start_ms, end_ms)
        return sum(online * ms for online, ms in held) / sum(ms for _, ms in held) if held else None

    def online_at(self, at_ms: int) -> int | None:
        place = self.online.last_before(at_ms)
        if place < 0 or at_ms - self.online.times[place] >= HOLD_MS:
            return None
        return self.online.things[place].online

    def watched_gain(self, start_ms: int, end_ms: int) -> int | None:
        """From the last count before a stretch, or the first one in it, to its last one."""
        inside = self.watched.within(start_ms, end_ms)
        if not inside:
            return None
        before = self.watched.last_before(start_ms - 1)
        since = self.watched.things[before] if before >= 0 else inside[0]
        return (inside[-1].watched or 0) - (since.watched or 0)


class Audiences:
    """One recording's audience, found by time. `comments_known`: a stream without the file has no number of them."""

    def __init__(self, audience: Audience) -> None:
        self.room = Room(audience.viewers)
        self.comments: Points[Comment] = Points(audience.comments, lambda comment: comment.at_ms)
        self.events: Points[Event] = Points(audience.events, lambda event: event.at_ms)
        self.comments_known = bool(audience.comments) or given(audience, "comments")
        self._named = any(comment.viewer for comment in audience.comments)
        self._kinds = {event.kind for event in audience.events}
        self._costs = any(event.value_fen is not None for event in audience.events)

    def crowd(self, row: Row) -> Crowd:
        span = (row.start_ms, row.end_ms)
        held = self.room.holding(*span)
        online = self.room.online_mean(*span)
        minutes = None if online is None else online * row.length_ms / 60_000
        comments = self.comments.within(*span) if self.comments_known else None
        events = self.events.within(*span)
        counted: Counter[EventKind] = Counter()
        for event in events:
            counted[event.kind] += event.count

        def count(kind: EventKind) -> int | None:
            return counted[kind] if kind in self._kinds else None

        return Crowd(
            online_start=self.room.online_at(row.start_ms),
            online_mean=online,
            online_max=max((number for number, _ in held), default=None),
            online_min=min((number for number, _ in held), default=None),
            viewer_minutes=minutes,
            watched_gain=self.room.watched_gain(*span),
            comments=None if comments is None else len(comments),
            commenters=len({comment.viewer for comment in comments or () if comment.viewer}) if self._named else None,
            comments_per_100_viewers_min=100 * len(comments) / minutes if comments is not None and minutes else None,
            likes=self._read("likes", *span) if self.room.likes else count("like"),
            follows=self._read("new_followers", *span) if self.room.follows else count("follow"),
            gifts=count("gift"),
            gift_fen=sum(event.value_fen or 0 for event in events) if self._costs else None,
            enters=count("enter"),
            shares=count("share"),
            fan_club=count("fan_club"),
        )

    def _read(self, name: str, start_ms: int, end_ms: int) -> int | None:
        """The sum of what the readings in a stretch state, None if none of them does."""
        values = [getattr(each, name) for each in self.room.all.within(start_ms, end_ms)]
        stated = [value for value in values if value is not None]
        return sum(stated) if stated else None


class Asking:
    """One recording's questions and complaints, found by time."""

    def __init__(self, questions: Questions | None) -> None:
        self._known = questions is not None
        questions = questions or Questions(recording="")
        self._questions = Points(questions.questions, lambda question: question.at_ms)
        answers = [each.answered_ms for each in questions.questions if each.answered_ms is not None]
        self._answers = Points(answers, lambda at: at)
        self._complaints = Points(questions.complaints, lambda complaint: complaint.at_ms)

    def asked(self, row: Row) -> Asked:
        if not self._known:
            return Asked()
        span = (row.start_ms, row.end_ms)
        questions = self._questions.within(*span)
        delays = [each.answered_ms - each.at_ms for each in questions if each.answered_ms is not None]
        states = Counter(question.state for question in questions)
        topics = Counter(complaint.topic for complaint in self._complaints.within(*span))
        by_topic: dict[str, Any] = {
            name: topics[name.removeprefix("complaints_")]
            for name in Asked.__struct_fields__
            if name.startswith("complaints_")
        }
        return Asked(
            questions=len(questions),
            question_comments=sum(len(question.comments) for question in questions),
            questions_answered=states["answered"],
            questions_declined=states["declined"],
            questions_unanswered=states["unanswered"],
            questions_unclear=states["unclear"],
            answer_delay_s=median(delays) / 1000 if delays else None,
            answers_given=len(self._answers.within(*span)),
            complaints=topics.total(),
            **by_topic,
        )


def given(audience: Audience, role: str) -> bool:
    """Whether a file of that sort was read, so that nothing in it means none; and its times are known."""
    return any(
        source.role == role and source.state != "failed" and source.clock not in ("none", "order")
        for source in audience.sources
    )
