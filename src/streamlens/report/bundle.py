"""What a report is written from: the records of one recording, gathered."""

from base64 import b64encode
from collections import Counter
from itertools import pairwise
from urllib.parse import quote

import msgspec

from streamlens.schema import (
    ACCUSATIONS,
    VERDICTS,
    Audience,
    Catalogue,
    Compared,
    Evidence,
    Excerpts,
    Facts,
    Finding,
    Findings,
    Focus,
    Mentions,
    Questions,
    Record,
    Recording,
    Review,
    Segments,
    Still,
    Stills,
    Stretch,
    Tools,
    Transcript,
    Verdict,
    Voice,
)

SHOWN: tuple[Verdict, ...] = ("prohibited", "contradicted", "unsupported", "unclear", "supported", "none")
"""Verdicts as a reader meets them: accusations, then what a person must listen to, then the rest."""


class Bundle(Record, frozen=True, kw_only=True):
    """All records of one recording.

    `media` holds one path for each part of the recording, as seen from the folder that the report is written to
    (`../../streams/a/recording.mp4`), so that workspace and recordings can move together; absolute paths work too.
    """

    recording: Recording
    transcript: Transcript
    segments: Segments
    mentions: Mentions
    findings: Findings
    catalogue: Catalogue
    evidence: Evidence = Evidence()
    excerpts: Excerpts = Excerpts(recording="")
    stills: Stills = Stills(recording="")
    tools: Tools = Tools()
    media: tuple[str, ...] = ()
    facts: Facts | None = None
    voice: Voice | None = None
    audience: Audience | None = None
    focus: Focus | None = None
    questions: Questions | None = None
    reviews: tuple[Review, ...] = ()  # what people decided on the findings
    dismissed: tuple[Finding, ...] = ()  # by people; no longer among the findings

    def review(self, finding_id: str) -> Review | None:
        return next((each for each in self.reviews if each.finding == finding_id), None)

    standing: Compared | None = None  # beside the other broadcasts of its workspace

    def sound(self, finding_id: str) -> str:
        """A finding's sound as the address that a page can play; empty where there is none."""
        excerpt = next((each for each in self.excerpts.excerpts if each.finding == finding_id), None)
        return f"data:{self.excerpts.media_type};base64,{b64encode(excerpt.sound).decode()}" if excerpt else ""

    def still(self, finding_id: str) -> Still | None:
        """The picture of a finding's moment."""
        return next((each for each in self.stills.stills if finding_id in each.findings), None)

    def picture(self, still: Still) -> str:
        """A picture as the address that a page can show."""
        return f"data:{self.stills.media_type};base64,{b64encode(still.picture).decode()}"

    def product_name(self, sku: str | None) -> str:
        """The catalogue's name; the sku itself if the catalogue lacks it; empty for no product."""
        product = self.catalogue.get(sku)
        return product.name if product else sku or ""


class Place(Record, frozen=True, kw_only=True):
    """Where in a script a finding stands: lines and columns (in characters) from 1, the end column just past it."""

    line: int
    column: int
    end_line: int
    end_column: int
    finding: Finding


def with_speakers(transcript: Transcript, voice: Voice) -> Transcript:
    """The transcript with who spoke, as the voices tell; one that came with names of its own keeps those."""
    if any(utterance.speaker for utterance in transcript.utterances):
        return transcript
    speakers = {each.utterance: each.speaker for each in voice.utterances}
    labelled = (msgspec.structs.replace(each, speaker=speakers.get(each.id)) for each in transcript.utterances)
    return msgspec.structs.replace(transcript, utterances=tuple(labelled))


def counts(findings: tuple[Finding, ...]) -> dict[Verdict, int]:
    """How many findings each verdict has, in the order of SHOWN, zeros included."""
    found = Counter(finding.verdict for finding in findings)
    return {verdict: found[verdict] for verdict in SHOWN}


def accused(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that say something must change, the gravest first: verdict, severity, time."""
    grave = ("high", "medium", "low")
    return tuple(
        sorted(
            (finding for finding in findings if finding.verdict in ACCUSATIONS),
            key=lambda f: (VERDICTS.index(f.verdict), grave.index(f.severity), f.start_ms, f.id),
        )
    )


def unheard(bundle: Bundle) -> tuple[Stretch, ...]:
    """Where nothing could be judged: speech without trustworthy text, and `gap`s between the parts of the recording."""
    parts = sorted(bundle.recording.parts, key=lambda part: part.start_ms)
    gaps = (
        Stretch(start_ms=before.start_ms + before.duration_ms, end_ms=after.start_ms, reason="gap")
        for before, after in pairwise(parts)
        if after.start_ms - before.start_ms - before.duration_ms >= 1000
    )
    return tuple(sorted((*bundle.transcript.not_heard, *gaps), key=lambda s: (s.start_ms, s.end_ms, s.reason)))


def anchor(finding_id: str) -> str:
    """The finding's place in the page, safe as an HTML id and as the fragment of a link."""
    return f"f-{quote(finding_id, safe='')}"


def moment(ms: int) -> str:
    """A link to a second of the recording, `#t=12.3`: the page's player goes there."""
    return f"#t={ms / 1000}"
