"""The few numbers by which broadcasts of an anchor, or of a product, are set beside one another."""

from collections import Counter
from collections.abc import Iterable
from statistics import median

from streamlens.schema import (
    ACCUSATIONS,
    Finding,
    Findings,
    Focus,
    Measures,
    ProductMeasures,
    Questions,
    Recording,
    Transcript,
    Voice,
)

HOUR = 3_600_000
FEW = 8  # utterances: of fewer the pace is not told
ASKED = 3  # questions: of fewer a share means nothing


def measure(
    recording: Recording, transcript: Transcript, voice: Voice, findings: Findings, focus: Focus,
    questions: Questions | None = None,
) -> Measures:  # fmt: skip
    """Numbers of one broadcast; each is None where too little is known for it."""
    paces = [each.pace_cpm for each in voice.utterances if each.pace_cpm is not None]
    talk_ms = sum(utterance.end_ms - utterance.start_ms for utterance in transcript.utterances)
    asked = questions.questions if questions else ()
    sold = [each for each in focus.products if each.gmv_fen is not None and each.viewer_minutes]
    watched = sum(each.viewer_minutes or 0.0 for each in sold)
    return Measures(
        recording=recording.id,
        anchor=recording.anchor,
        started_at=recording.started_at,
        duration_ms=recording.duration_ms,
        coverage=findings.coverage,
        pace_cpm=median(paces) if len(paces) >= FEW else None,
        fillers_per_minute=(
            sum(each.fillers for each in voice.utterances) / (talk_ms / 60_000)
            if len(voice.utterances) >= FEW and talk_ms
            else None
        ),
        talk_rate=min(1.0, talk_ms / recording.duration_ms) if recording.duration_ms and talk_ms else None,
        unanswered_rate=(
            sum(each.state == "unanswered" for each in asked) / len(asked) if len(asked) >= ASKED else None
        ),
        claims_per_hour=(
            len(findings.findings) * HOUR / recording.duration_ms if recording.duration_ms and talk_ms else None
        ),
        accused=_accused(findings.findings),
        sales_fen=sum(each.gmv_fen or 0 for each in sold) / watched if watched else None,
        products=tuple(
            ProductMeasures(
                product=each.product,
                name=each.name,
                air_ms=each.air_ms,
                claims=len(own := [f for f in findings.findings if f.product == each.product]),
                accused=_accused(own),
                orders=each.orders,
                gmv_fen=each.gmv_fen,
                viewer_minutes=each.viewer_minutes,
            )
            for each in focus.products
            if each.air_ms
        ),
    )


def _accused(findings: Iterable[Finding]) -> tuple[tuple[str, int], ...]:
    counted = Counter(finding.kind for finding in findings if finding.verdict in ACCUSATIONS)
    return tuple(sorted(counted.items(), key=lambda row: (-row[1], row[0])))
