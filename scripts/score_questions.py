"""How well buyers' questions and complaints are told from other comments and followed to their answers.

    python scripts/score_questions.py [sample|dev|held] [--misses]

`sample` are the comments of the three sample streams with what was said and on sale as their gold has it, labelled by
reading every comment, after the first patterns were there; `dev` and `held` are written streams
(tests/data/written/questions), written and labelled before the patterns; `held` was kept back for one measurement. The
README there says what the files hold, and which labels were mended later.

A question's answer is right when it begins in the utterance of the gold (or within 12 s of its beginning).
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from streamlens.detect.facts import find_facts
from streamlens.detect.mentions import find_mentions
from streamlens.detect.questions import QuestionOptions, find_questions
from streamlens.detect.rules import load_rules
from streamlens.detect.topics import load_topics
from streamlens.schema import (
    Audience,
    Catalogue,
    Comment,
    Findings,
    Part,
    Product,
    Questions,
    Recording,
    Screen,
    Segment,
    Segments,
    Transcript,
    Utterance,
)
from streamlens.shipped import shipped

DATA = Path(__file__).parents[1] / "tests" / "data"
SETS = {
    "sample": sorted((DATA / "questions").glob("*.txt")),
    "dev": sorted((DATA / "written" / "questions").glob("dev-*.txt")),
    "held": sorted((DATA / "written" / "questions").glob("held-*.txt")),
}
NEAR_MS = 12_000


class World:
    """A stream read from a file of the gold's form."""

    def __init__(self, path: Path) -> None:
        rows = [line.rstrip("\n").split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
        self.name = path.stem
        self.catalogue = Catalogue(
            products=tuple(
                Product(
                    sku=r[1], link=int(r[2]), name=r[3], aliases=tuple(a for a in r[4].split("|") if a), origin=r[5]
                )
                for r in rows
                if r[0] == "P"
            )
        )
        self.segments = Segments(
            recording=self.name,
            segments=tuple(
                Segment(product=r[1], start_ms=_ms(r[2]), end_ms=_ms(r[3]), confidence=1.0) for r in rows if r[0] == "S"
            ),
        )
        self.transcript = Transcript(
            recording=self.name,
            coverage=1.0,
            utterances=tuple(
                Utterance(id=f"u{r[1]}", start_ms=_ms(r[1]), end_ms=_ms(r[2]), text=r[3] + "。", words=())
                for r in rows
                if r[0] == "U"
            ),
        )
        self.labels = {f"c{n}": (r[2], r[3].split()) for n, r in enumerate(rows) if r[0] == "C"}
        comments = tuple(
            Comment(id=f"c{n}", at_ms=_ms(r[1]), viewer=f"v{n}", text=r[2]) for n, r in enumerate(rows) if r[0] == "C"
        )
        self.audience = Audience(recording=self.name, comments=comments)
        end = max(self.transcript.utterances[-1].end_ms, comments[-1].at_ms) + 1000
        part = Part(name="a", start_ms=0, duration_ms=end, size=1, digest="", has_video=False, container="")
        self.recording = Recording(id=self.name, parts=(part,), duration_ms=end)

    def find(self) -> Questions:
        configs = shipped("configs")
        rules = load_rules(configs / "rules", configs / "lexicon")
        topics = load_topics(configs / "questions", configs / "complaints", rules.sets)
        mentions = find_mentions(self.transcript, self.catalogue)
        facts = find_facts(self.transcript, self.segments, mentions, self.catalogue, Screen(recording=self.name), rules)
        return find_questions(
            self.recording, self.audience, self.catalogue, self.transcript, self.segments, mentions, facts,
            Findings(recording=self.name, rules_version="", coverage=1.0), topics, options=QuestionOptions(),
        )  # fmt: skip


def _ms(seconds: str) -> int:
    return round(float(seconds) * 1000)


def score(world: World) -> tuple[Counter, list[str]]:
    """Counts over comments, and the misses in words."""
    found, counts, misses = world.find(), Counter(), []
    asked = {comment: question for question in found.questions for comment in question.comments}
    complained = {comment: complaint for complaint in found.complaints for comment in complaint.comments}
    for comment, (text, label) in world.labels.items():
        question, complaint = asked.get(comment), complained.get(comment)
        is_question, complains = label[0] == "q", label[0] == "c"
        counts["question gold"] += is_question
        counts["question found"] += question is not None
        counts["question right"] += is_question and question is not None
        counts["complaint gold"] += complains
        counts["complaint found"] += complaint is not None
        counts["complaint right"] += complains and complaint is not None
        if is_question != (question is not None):
            misses.append(f"question {'missed' if is_question else 'invented'}: {text} {question and question.aspect}")
        if complains != (complaint is not None):
            misses.append(f"complaint {'missed' if complains else 'invented'}: {text}")
        if complains and complaint:
            counts["complaint topic"] += complaint.topic == label[1]
            counts["complaint product"] += label[2] in ("*", complaint.product)
            if complaint.topic != label[1]:
                misses.append(f"complaint of {complaint.topic}, not {label[1]}: {text}")
        if not is_question:
            continue
        state = label[3]
        counts["unanswered gold"] += state == "x"
        if not question:
            continue
        counts["topic right"] += question.topic == label[1]
        counts["product right"] += label[2] in ("*", question.product)
        if question.topic != label[1]:
            misses.append(f"topic {question.topic}, not {label[1]}: {text}")
        if label[2] not in ("*", question.product):
            misses.append(f"product {question.product}, not {label[2]}: {text}")
        if state == "*":
            continue
        missed = question.state in ("unanswered", "unclear")
        counts["unanswered found"] += missed
        counts["unanswered right"] += missed and state == "x"
        counts["answered gold"] += state != "x"
        counts["answered found"] += not missed
        if (state == "x") != missed:
            misses.append(f"state {question.state}, not {state}: {text} [{question.aspect}] {question.answer}")
        elif not missed:
            at = float(state.lstrip("d")) * 1000
            right = question.utterance == f"u{state.lstrip('d')}" or abs((question.answered_ms or 0) - at) <= NEAR_MS
            counts["answer right"] += right
            counts["declined gold"] += state[0] == "d"
            counts["declined right"] += (state[0] == "d") == (question.state == "declined")
            counts["declined of"] += 1
            if not right:
                misses.append(f"answer {question.answer}, not {state}: {text}")
    return counts, misses


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], default=[])
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args()
    for name in args.sets or ["sample", "dev"]:
        counts, misses = Counter(), []
        for path in SETS[name]:
            each, missed = score(World(path))
            counts += each
            misses += [f"{path.stem}: {line}" for line in missed]
        report(name, counts)
        if args.misses:
            sys.stdout.write("".join(f"  {line}\n" for line in misses))
    return 0


def report(name: str, counts: Counter) -> None:
    def rate(right: str, of: str) -> str:
        return f"{counts[right]}/{counts[of]} = {counts[right] / counts[of]:.3f}" if counts[of] else "-"

    precision = counts["question right"] / max(1, counts["question found"])
    recall = counts["question right"] / max(1, counts["question gold"])
    lines = [
        ("questions: precision", rate("question right", "question found")),
        ("questions: recall", rate("question right", "question gold")),
        ("questions: F1", f"{2 * precision * recall / max(1e-9, precision + recall):.3f}"),
        ("topic right", rate("topic right", "question right")),
        ("product right", rate("product right", "question right")),
        ("unanswered: recall", rate("unanswered right", "unanswered gold")),
        ("unanswered: precision", rate("unanswered right", "unanswered found")),
        ("answer's place, of those answered", rate("answer right", "answered gold")),
        ("refusal told from answer", rate("declined right", "declined of")),
        ("complaints: precision", rate("complaint right", "complaint found")),
        ("complaints: recall", rate("complaint right", "complaint gold")),
        ("complaints: topic right", rate("complaint topic", "complaint right")),
        ("complaints: product right", rate("complaint product", "complaint right")),
    ]
    sys.stdout.write(f"{name}\n" + "".join(f"  {title:35} {value}\n" for title, value in lines))


if __name__ == "__main__":
    raise SystemExit(main())
