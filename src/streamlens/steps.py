"""The steps that reach outside: each takes a stage's function to the files, the recogniser and the store.

pipeline.py has the table of the stages and the running of them; what stands here is glue, and decides nothing.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from streamlens.capture.excerpts import cut_out, take_excerpts
from streamlens.capture.listening import Stretch, weigh_alone, weigh_passages
from streamlens.capture.ocr import load_reader
from streamlens.capture.screen import ScreenOptions, read_screen
from streamlens.capture.stills import StillOptions, View, take_stills, views_at
from streamlens.capture.transcript import TranscriptOptions, read_transcript, transcribe
from streamlens.capture.voice import VoiceOptions, find_voices
from streamlens.detect.catalogue import read_catalogue
from streamlens.inputs import (
    Film,
    Pages,
    Scans,
    Sound,
)
from streamlens.judge.evidence import read_evidence
from streamlens.judge.hearing import HearingModel, Passage, Weight, listen
from streamlens.pieces import take_pieces
from streamlens.report.bundle import Bundle, with_speakers
from streamlens.report.files import COMPARED, COMPARISON, write_report
from streamlens.schema import (
    Audience,
    Catalogue,
    Claims,
    Evidence,
    Excerpts,
    Facts,
    Findings,
    Focus,
    Mentions,
    Moments,
    Questions,
    Record,
    Recording,
    ScanTexts,
    Screen,
    Segments,
    Stills,
    Tools,
    Transcript,
    Voice,
)
from streamlens.shipped import shipped
from streamlens.store import digest


class Published(Record, frozen=True, kw_only=True):
    """The stable files of a recording as they were written: names and digests, "" where something is added later."""

    files: tuple[tuple[str, str], ...]


def hear(sound: Sound, options: TranscriptOptions) -> Transcript:
    files, recording = sound.files, sound.recording
    if files.transcript:
        return read_transcript(files.transcript, recording.id)
    return transcribe(
        recording,
        files.parts,
        sound.speech.load(),
        options=options,
        progress=lambda done, total: sound.progress("transcript", done, total),
    )


def listen_to_voices(transcript: Transcript, sound: Sound, options: VoiceOptions) -> Voice:
    return find_voices(
        transcript,
        sound.recording,
        sound.files.parts,
        shipped("models") / "speakers",
        options=options,
        progress=lambda done, total: sound.progress("voice", done, total),
    )


def look(film: Film, options: ScreenOptions) -> Screen:
    """The models are loaded only where there is a picture to read."""
    return read_screen(
        film.recording,
        film.files.parts,
        lambda side: load_reader(side=side),
        options=options,
        progress=lambda done, total: film.progress("screen", done, total),
    )


def weigh(claims: Claims, transcript: Transcript, catalogue: Catalogue, hearing: HearingModel, sound: Sound) -> Claims:
    """Claims that only sound like one, put to the recogniser again. It is loaded where one was not weighed before."""
    recording, parts = sound.recording, sound.files.parts

    def weights(passages: Sequence[Passage]) -> list[Weight]:
        asked = [((passage.start_ms, passage.end_ms), (passage.heard, passage.said)) for passage in passages]
        engine = sound.speech.load()
        found = weigh_passages(recording, parts, engine, asked)
        alone = weigh_alone(engine, [text for passage in passages for text in (passage.heard, passage.said)])
        pairs = zip(alone[::2], alone[1::2], strict=True)
        return [
            Weight(heard=heard, said=said, heard_alone=heard_alone, said_alone=said_alone)
            for (heard, said), (heard_alone, said_alone) in zip(found, pairs, strict=True)
        ]

    def known(passages: Sequence[Passage]) -> list[Weight]:
        made_from = [recording.parts, sound.speech.digest]
        return take_pieces(sound.store, recording.id, "weights", 1, made_from, passages, weights, Weight)

    return listen(claims, transcript, catalogue, known, hearing)


def excerpt(moments: Moments, sound: Sound) -> Excerpts:
    """Nothing is decoded where there is nothing to hear that was not cut out before."""
    recording, parts = sound.recording, sound.files.parts

    def known(stretches: Sequence[Stretch]) -> list[bytes]:
        cut = partial(cut_out, recording, parts)
        return take_pieces(sound.store, recording.id, "cuts", 1, [recording.parts], stretches, cut, bytes)

    return take_excerpts(recording, parts, moments, known)


def still(moments: Moments, film: Film, options: StillOptions) -> Stills:
    """Nothing is opened where there is nothing to see that was not seen before."""
    recording, parts = film.recording, film.files.parts

    def known(times: Sequence[int]) -> list[View | None]:
        see = partial(views_at, recording, parts, options=options)
        made_from = [recording.parts, options.longest_side, options.quality]
        return take_pieces(film.store, recording.id, "pictures", 1, made_from, times, see, View | None)

    return take_stills(recording, parts, moments, see=known)


def publish(
    recording: Recording,
    transcript: Transcript,
    voice: Voice,
    segments: Segments,
    mentions: Mentions,
    findings: Findings,
    catalogue: Catalogue,
    evidence: Evidence,
    focus: Focus,
    excerpts: Excerpts,
    stills: Stills,
    tools: Tools,
    facts: Facts,
    audience: Audience,
    questions: Questions,
    pages: Pages,
) -> Published:
    """Write the stable files of DESIGN's table into the recording's folder."""
    written: list[tuple[str, str]] = []

    def keep(name: str, data: bytes) -> None:
        pages.store.publish(recording.id, name, data)
        written.append((name, "" if name == COMPARED else digest(data)))

    bundle = Bundle(
        recording=recording, transcript=with_speakers(transcript, voice), segments=segments, mentions=mentions,
        findings=findings, catalogue=catalogue, evidence=evidence, excerpts=excerpts, stills=stills, tools=tools,
        facts=facts, voice=voice, audience=audience, focus=focus, questions=questions, media=pages.media,
    )  # fmt: skip
    write_report(bundle, lang=pages.lang, publish=keep)
    pages.store.remove(recording.id, COMPARISON)  # coaching.html stands without it again
    return Published(files=tuple(written))


def catalogue_of(catalogue_file: Path | None) -> Catalogue:
    return read_catalogue(catalogue_file) if catalogue_file else Catalogue()


def evidence_of(evidence_file: Path | None, catalogue: Catalogue) -> Evidence:
    return read_evidence(evidence_file, catalogue) if evidence_file else Evidence()


def texts_of(scan_files: Scans) -> ScanTexts:
    read = scan_files.read
    return ScanTexts(files=tuple(read(path) for path in scan_files.files)) if read else ScanTexts()
