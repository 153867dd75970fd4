"""How it was said: pace, pauses, loudness and pitch of each utterance, and who spoke."""

from .record import Record

__all__ = ["Speaker", "UtteranceVoice", "Voice"]


class UtteranceVoice(Record, frozen=True, kw_only=True):
    """Of one utterance; what could not be measured (too short, unvoiced, music) is None.

    `loudness_db` is the level of its speech in dB of full scale (0 or less; a full sine is -3), `loudness_range_db` the
    spread between its 10th and 90th percentile; `pitch_hz` the median, `pitch_range_st` the same spread in semitones;
    `monotony` 0 (lively) to 1 (capture.prosody says how it is reckoned).
    """

    utterance: str
    pace_cpm: float | None = None  # characters a minute as read aloud, pauses inside left out
    pause_ms: int | None = None  # since the utterance before it; None for the first and after a gap in the recording
    inner_pauses_ms: int = 0  # pauses between its words, together
    speech_ms: int = 0  # time it speaks, pauses left out
    fillers: int = 0
    loudness_db: float | None = None
    loudness_range_db: float | None = None
    pitch_hz: float | None = None
    pitch_range_st: float | None = None
    monotony: float | None = None
    speaker: str | None = None  # S1, S2, ... by share of talk
    speaker_confidence: float | None = None


class Speaker(Record, frozen=True, kw_only=True):
    """A voice that was found. `share_rate` is its share of the speech that has a speaker."""

    label: str
    speech_ms: int
    share_rate: float


class Voice(Record, frozen=True, kw_only=True):
    recording: str
    utterances: tuple[UtteranceVoice, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    notes: tuple[str, ...] = ()
