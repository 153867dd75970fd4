"""The voice of each utterance, and who speaks, from one pass over the sound of a recording."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamlens.capture.fillers import ANYWHERE, APART, NEVER, count_fillers
from streamlens.schema import Recording, Speaker, Transcript, Utterance, UtteranceVoice, Voice

if TYPE_CHECKING:
    from streamlens.capture.audio import Samples
    from streamlens.capture.pitch import Flags
    from streamlens.capture.speakers import Label, Print
    from streamlens.capture.voiceprint import Voiceprints

Progress = Callable[[int, int], None]

AROUND_MS = 200  # sound taken around an utterance: it shows what lies behind the voice
LONGEST_MS = 30_000  # of an utterance that is looked at; only subtitles have longer ones
PRINT_S = 3.0  # speech that a voiceprint is taken of: shorter ones tell voices apart less well
EVERY_S = 6.0  # of speech in an utterance for which there is one
NO_SOUND = "no_sound: only subtitles are given, so voices could not be measured"
OFF = "off: voices are not measured ([voice] on = false)"


class VoiceOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured of voices, and when two are one."""

    on: bool = True
    speakers: bool = True  # find out who speaks
    join: float = 0.68  # mean likeness (cosine) of voiceprints from which they are put together
    same: float = 0.8  # likeness of mean voiceprints from which two voices are one
    least_speaker_s: float = 4.0  # a voice that speaks for less is nobody's
    least_confidence: float = 0.5  # less sure labels are left out
    fillers: tuple[str, ...] = ANYWHERE  # that are fillers wherever they stand
    fillers_apart: tuple[str, ...] = APART  # that are where they stand between pauses, or are said again
    not_fillers: tuple[str, ...] = NEVER  # longer words that hold one and are none


def find_voices(
    transcript: Transcript,
    recording: Recording,
    paths: Sequence[Path],
    voiceprints: "Voiceprints",
    *,
    options: VoiceOptions | None = None,
    progress: Progress | None = None,
) -> Voice:
    """How each utterance of a transcript was said, and by whom. `paths` are the files of the recording's parts.

    Without files there is a note in place of measures. The sound is decoded once and never held; InputError when a file
    cannot be read.
    """
    options = options or VoiceOptions()
    if not options.on:
        return Voice(recording=transcript.recording, notes=(OFF,))
    if not paths:
        return Voice(recording=transcript.recording, notes=(NO_SOUND,))
    from streamlens.capture.listening import cut_sounds
    from streamlens.capture.prosody import STEP_MS, Prosody, measure, pace, pauses_ms, talk
    from streamlens.capture.speakers import Print, assign

    utterances = transcript.utterances
    measures = [Prosody()] * len(utterances)
    heard_ms = [0] * len(utterances)
    prints: list[Print] = []
    spans = [(each.start_ms, each.end_ms) for each in utterances]
    around = [(max(0, start - AROUND_MS), min(end + AROUND_MS, start + LONGEST_MS)) for start, end in spans]
    for index, sound in cut_sounds(recording, paths, around):
        measures[index], speech = measure(sound)
        heard_ms[index] = int(speech.sum()) * STEP_MS
        if options.speakers:
            prints += [Print(index, *each) for each in _prints(sound, speech, voiceprints)]
        if progress:
            progress(min(spans[index][1], recording.duration_ms), recording.duration_ms)
    prints.sort(key=lambda each: each.utterance)
    labels = assign(
        prints,
        spans,
        join=options.join,
        same=options.same,
        least_s=options.least_speaker_s,
        least_confidence=options.least_confidence,
    )
    speech_ms = [sum(end - start for start, end in talk(each.words)) for each in utterances]
    names = _names(labels, speech_ms)
    return Voice(
        recording=transcript.recording,
        utterances=tuple(
            UtteranceVoice(
                utterance=each.id,
                pace_cpm=pace(each.words),
                pause_ms=before,
                inner_pauses_ms=pauses_ms(each.words),
                speech_ms=spoken_ms,
                fillers=count_fillers(
                    each.text,
                    anywhere=options.fillers,
                    apart=options.fillers_apart,
                    never=options.not_fillers,
                ),
                speaker=names[label[0]] if label else None,
                speaker_confidence=label[1] if label else None,
                **msgspec.structs.asdict(measured),
            )
            for each, before, spoken_ms, measured, label in zip(
                utterances, _pauses(utterances, recording), speech_ms, measures, labels, strict=True
            )
        ),
        speakers=_speakers(labels, speech_ms, names),
    )


def _prints(sound: "Samples", speech: "Flags", voiceprints: "Voiceprints") -> "list[tuple[object, float]]":
    """(embedding, seconds) of an utterance's speech: of its middle, or of several places where it is long."""
    import numpy as np

    from streamlens.capture.audio import RATE
    from streamlens.capture.pitch import STEP
    from streamlens.capture.voiceprint import LEAST

    spoken = sound[: speech.size * STEP][np.repeat(speech, STEP)]
    size = min(int(PRINT_S * RATE), spoken.size)
    if size < LEAST:
        return []
    count = max(1, round(spoken.size / RATE / EVERY_S))
    room = (spoken.size - size * count) // (count + 1) if count > 1 else (spoken.size - size) // 2
    starts = [room + number * (size + room) for number in range(count)]
    return [(voiceprints.of(spoken[start : start + size]), size / RATE) for start in starts]


def _pauses(utterances: Sequence[Utterance], recording: Recording) -> list[int | None]:
    """The time between each utterance and the one before; None where the recording breaks off in between."""
    breaks = [part.start_ms for part in recording.parts[1:]]
    between = [
        None if any(before.end_ms <= at <= after.start_ms for at in breaks) else max(0, after.start_ms - before.end_ms)
        for before, after in pairwise(utterances)
    ]
    return [None, *between] if utterances else []


def _names(labels: "Sequence[Label]", speech_ms: Sequence[int]) -> dict[int, str]:
    """S1, S2, ... by share of talk, of equals the one who spoke first."""
    talked: dict[int, int] = {}
    for label, spoken_ms in zip(labels, speech_ms, strict=True):
        if label:
            talked[label[0]] = talked.get(label[0], 0) + spoken_ms
    order = sorted(talked, key=lambda voice: -talked[voice])
    return {voice: f"S{rank}" for rank, voice in enumerate(order, 1)}


def _speakers(labels: "Sequence[Label]", speech_ms: Sequence[int], names: dict[int, str]) -> tuple[Speaker, ...]:
    talked = dict.fromkeys(names, 0)
    for label, spoken_ms in zip(labels, speech_ms, strict=True):
        if label:
            talked[label[0]] += spoken_ms
    whole = max(sum(talked.values()), 1)
    return tuple(
        Speaker(label=name, speech_ms=talked[voice], share_rate=round(talked[voice] / whole, 4))
        for voice, name in names.items()
    )
