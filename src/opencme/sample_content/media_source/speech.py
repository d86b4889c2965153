"""The voice: utterances to one sound file whose length is what the activity declares.

Of Debian's voices, festvox-us-slt-hts tires least: 32 kHz, even, no clipped consonants. A second speaker has
flite's rms. Both are slowed by an eighth; pauses are stretched until the length fits.
"""

from __future__ import annotations

import re
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

from opencme.sample_content.media_source.narration import Narration, Utterance

RATE = 32000
TEMPO = "0.88"
LEAD_IN, LEAD_OUT = 0.8, 1.2
LEAST_STRETCH, MOST_STRETCH = 0.6, 2.2
SOFTEN = ("highpass", "70", "equalizer", "3200", "1.2q", "-2", "treble", "-3", "6500")

# Written words that the voice would read wrongly.
SPOKEN = {
    r"\bPEG\b": "peg",
    r"\bCBT\b": "C B T",
    r"\bCDC\b": "C D C",
    r"\bACT\b": "act",
    r"\bFDA\b": "F D A",
    r"\bHHS\b": "H H S",
    r"\bP: ": "P. ",
    r"\bE: ": "E. ",
    r"\bG: ": "G. ",
    r"9,401": "nine thousand four hundred and one",
    r"\b911\b": "nine one one",
    r"\b376\b": "three hundred and seventy six",
    r"[“”]": "",
    r"’": "'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """An utterance in time, in seconds."""

    utterance: Utterance
    starts_at: float
    ends_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The sound file and when everything begins."""

    sound: Path
    spoken: tuple[Spoken, ...]
    slide_starts: tuple[float, ...]
    chapter_starts: tuple[float, ...]


def speak(narration: Narration, work: Path) -> Speech:
    """Speak a narration into one file of exactly its declared length.

    Raises `ValueError` where the text is too long or too short for it.
    """
    work.mkdir(parents=True, exist_ok=True)
    utterances = [spoken for slide in narration.slides for spoken in slide.says]
    clips = _synthesize(utterances, work)
    lengths = [_seconds(clip) for clip in clips]
    pauses = _pauses(narration)
    stretch = (narration.seconds - LEAD_IN - LEAD_OUT - sum(lengths)) / sum(pauses)
    if not LEAST_STRETCH <= stretch <= MOST_STRETCH:
        raise ValueError(f"{narration.package} {narration.step}: pauses would stretch to {stretch:.2f}")
    starts = _starts(lengths, [pause * stretch for pause in pauses])
    sound = _join(clips, starts, narration.seconds, work)
    spoken = tuple(
        Spoken(utterance=utterance, starts_at=start, ends_at=start + length)
        for utterance, start, length in zip(utterances, starts, lengths, strict=True)
    )
    return Speech(
        sound=sound,
        spoken=spoken,
        slide_starts=_slide_starts(narration, spoken),
        chapter_starts=_chapter_starts(narration, spoken),
    )


def _synthesize(utterances: list[Utterance], work: Path) -> list[Path]:
    raw = [work / f"raw-{number:03}.wav" for number in range(len(utterances))]
    script = ["(voice_cmu_us_slt_arctic_hts)"]
    for utterance, path in zip(utterances, raw, strict=True):
        text = spoken_form(utterance.text)
        if utterance.voice == "slt":
            quoted = text.replace('"', "")
            script.append(f'(utt.save.wave (utt.synth (Utterance Text "{quoted}")) "{path}" \'riff)')
        else:
            _run("flite", "-voice", utterance.voice, "-t", text, "-o", str(path))
    (work / "speak.scm").write_text("\n".join(script), "utf-8")
    _run("festival", "-b", str(work / "speak.scm"))
    return [_soften(path, work / path.name.replace("raw", "clip")) for path in raw]


def spoken_form(text: str) -> str:
    """The text as the voice must be given it."""
    for written, said in SPOKEN.items():
        text = re.sub(written, said, text)
    return text


def _soften(raw: Path, clip: Path) -> Path:
    trim = ("silence", "1", "0.01", "0.2%", "reverse", "silence", "1", "0.01", "0.2%", "reverse")
    slower = ("rate", "-v", str(RATE), *trim, "tempo", "-s", TEMPO)
    _run("sox", str(raw), "-b", "16", "-c", "1", str(clip), *slower, *SOFTEN, "norm", "-3")
    return clip


def _pauses(narration: Narration) -> list[float]:
    """The pause after each utterance but the last, before stretching."""
    pauses: list[float] = []
    for chapter in narration.chapters:
        for slide in chapter.slides:
            pauses += [_pause_after(spoken.text) for spoken in slide.says]
            pauses[-1] = 1.1
        pauses[-1] = 1.6
    return pauses[:-1]


def _pause_after(text: str) -> float:
    if text.endswith((".", "?", "!")):
        return 0.6
    return 0.3 if text.endswith((",", ":", ";")) else 0.12


def _starts(lengths: list[float], pauses: list[float]) -> list[float]:
    starts = [LEAD_IN]
    for length, pause in zip(lengths, pauses, strict=False):
        starts.append(starts[-1] + length + pause)
    return starts


def _join(clips: list[Path], starts: list[float], seconds: int, work: Path) -> Path:
    frames = bytearray(seconds * RATE * 2)
    for clip, start in zip(clips, starts, strict=True):
        with wave.open(str(clip)) as sound:
            samples = sound.readframes(sound.getnframes())
        at = round(start * RATE) * 2
        frames[at : at + len(samples)] = samples
    joined = work / "joined.wav"
    with wave.open(str(joined), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(frames[: seconds * RATE * 2]))
    return joined


def _slide_starts(narration: Narration, spoken: tuple[Spoken, ...]) -> tuple[float, ...]:
    starts, at = [], 0
    for slide in narration.slides:
        starts.append(max(0.0, spoken[at].starts_at - LEAD_IN if at == 0 else spoken[at].starts_at - 0.4))
        at += len(slide.says)
    return tuple(starts)


def _chapter_starts(narration: Narration, spoken: tuple[Spoken, ...]) -> tuple[float, ...]:
    slide_starts, starts, at = _slide_starts(narration, spoken), [], 0
    for chapter in narration.chapters:
        starts.append(slide_starts[at])
        at += len(chapter.slides)
    return tuple(starts)


def _seconds(clip: Path) -> float:
    with wave.open(str(clip)) as sound:
        return float(sound.getnframes() / RATE)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 fixed programs, our own texts
