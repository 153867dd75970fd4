"""The voice of each utterance, and who speaks, from one pass over the sound of a recording."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamlens.capture.fillers import ANYWHERE, APART, NEVER, count_fillers
from streamlens.schema import Recording, Speaker, Transcript, Utterance, UtteranceVoice, Voice

if TYPE_CHECKING:
    from streamlens.capture.prosody import Prosody
    from streamlens.capture.speakers import Label

Progress = Callable[[int, int], None]

AROUND_MS = 200  # sound taken around an utterance: it shows what lies behind the voice
LONGEST_MS = 30_000  # of an utterance that is looked at; only subtitles have longer ones
NO_SOUND = "no_sound: only subtitles are given, so voices could not be measured"
OFF = "off: voices are not measured ([voice] on = false)"


class VoiceOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured of voices, and when two are one."""

    on: bool = True
    speakers: bool = True  # find out who speaks
    join: float = 0.68  # mean likeness (cosine) of voiceprints from which they are put together
    same: float = 0.8  # likeness of mean voiceprints from which two voices are one
    least_speaker_s: float = 4.0  # a voice with fewer seconds of voiceprints is nobody's
    least_speaker_rate: float = 0.005  # or with a smaller share of them
    least_confidence: float = 0.5  # less sure labels are left out
    fillers: tuple[str, ...] = ANYWHERE  # that are fillers wherever they stand
    fillers_apart: tuple[str, ...] = APART  # that are where they stand between pauses, or are said again
    not_fillers: tuple[str, ...] = NEVER  # longer words that hold one and are none


def find_voices(
    transcript: Transcript,
    recording: Recording,
    paths: Sequence[Path],
    models: Path,
    *,
    options: VoiceOptions | None = None,
    progress: Progress | None = None,
) -> Voice:
    """How each utterance of a transcript was said, and by whom.

    `paths` are the files of the recording's parts, `models` is the folder of the speaker encoder. Without files there
    is a note in place of measures. The sound is decoded once and never held. InputError when a file cannot be read,
    ModelError when the encoder cannot.
    """
    options = options or VoiceOptions()
    if not options.on or not paths:
        return Voice(recording=transcript.recording, notes=(NO_SOUND if options.on else OFF,))
    from streamlens.capture.listening import cut_sounds
    from streamlens.capture.prosody import Prosody, measure
    from streamlens.capture.speakers import Print, assign
    from streamlens.capture.voiceprint import Voiceprints

    utterances = transcript.utterances
    measures = [Prosody()] * len(utterances)
    prints: list[Print] = []
    voiceprints = Voiceprints(models)
    spans = [(each.start_ms, each.end_ms) for each in utterances]
    around = [(max(0, start - AROUND_MS), min(end + AROUND_MS, start + LONGEST_MS)) for start, end in spans]
    for index, sound in cut_sounds(recording, paths, around):
        measures[index], speech = measure(sound)
        if options.speakers:
            prints += [Print(index, *each) for each in voiceprints.of_speech(sound, speech)]
        if progress:
            progress(min(spans[index][1], recording.duration_ms), recording.duration_ms)
    labels = assign(
        sorted(prints, key=lambda each: each.utterance),
        spans,
        join=options.join,
        same=options.same,
        least_s=options.least_speaker_s,
        least_rate=options.least_speaker_rate,
        least_confidence=options.least_confidence,
    )
    voices = _voices(utterances, measures, _pauses(utterances, recording), options)
    return _labelled(Voice(recording=transcript.recording, utterances=voices), labels)


def _voices(
    utterances: Sequence[Utterance], measures: "Sequence[Prosody]", pauses: Sequence[int | None], options: VoiceOptions
) -> tuple[UtteranceVoice, ...]:
    """What the words tell and what the sound does, in one record an utterance."""
    from streamlens.capture.prosody import pace, pauses_ms, talk

    never, apart, anywhere = options.not_fillers, options.fillers_apart, options.fillers
    return tuple(
        UtteranceVoice(
            utterance=each.id,
            pace_cpm=pace(each.words),
            pause_ms=pause_ms,
            inner_pauses_ms=pauses_ms(each.words),
            speech_ms=sum(end - start for start, end in talk(each.words)),
            fillers=count_fillers(each.text, anywhere=anywhere, apart=apart, never=never),
            **msgspec.structs.asdict(measured),
        )
        for each, measured, pause_ms in zip(utterances, measures, pauses, strict=True)
    )


def _labelled(voice: Voice, labels: "Sequence[Label]") -> Voice:
    """With speakers named S1, S2, ... by share of talk; of equals the one who spoke first comes first."""
    talked: dict[int, int] = {}
    for each, label in zip(voice.utterances, labels, strict=True):
        if label:
            talked[label[0]] = talked.get(label[0], 0) + each.speech_ms
    order = sorted(talked, key=lambda number: -talked[number])
    names = {number: f"S{rank}" for rank, number in enumerate(order, 1)}
    whole = max(sum(talked.values()), 1)
    return msgspec.structs.replace(
        voice,
        utterances=tuple(
            msgspec.structs.replace(each, speaker=names[label[0]], speaker_confidence=label[1]) if label else each
            for each, label in zip(voice.utterances, labels, strict=True)
        ),
        speakers=tuple(
            Speaker(label=names[number], speech_ms=talked[number], share_rate=round(talked[number] / whole, 4))
            for number in order
        ),
    )


def _pauses(utterances: Sequence[Utterance], recording: Recording) -> list[int | None]:
    """The time between each utterance and the one before; None where the recording breaks off in between."""
    breaks = [part.start_ms for part in recording.parts[1:]]
    between = [
        None if any(before.end_ms <= at <= after.start_ms for at in breaks) else max(0, after.start_ms - before.end_ms)
        for before, after in pairwise(utterances)
    ]
    return [None, *between] if utterances else []
