"""What is said and shown: read from the folder `narration`, one file for each recording."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "narration"
LONGEST_CAPTION = 98
NOTICE = (
    "Demonstration. Written by software developers from public sources, narrated by a synthetic voice, "
    "not reviewed by a clinician. Not for patient care. No credit."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One breath of speech, which is also one caption."""

    text: str
    voice: str
    speaker: str = ""

    @property
    def caption(self) -> str:
        """The caption, with the speaker's name where it changes."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSlide:
    """A slide and what is said while it stands."""

    title: str
    kind: str
    lines: tuple[str, ...]
    source: str
    says: tuple[Utterance, ...]

    @property
    def markdown(self) -> str:
        """The slide as text, for everyone who reads instead."""
        bullets = "\n".join(f"- {line.replace(' | ', ': ')}" for line in self.lines)
        below = NOTICE if self.kind == "notice" else self.source
        return f"{bullets}\n\n{below}" if below else bullets

    @property
    def alternative_text(self) -> str:
        """The slide in one line, for whoever does not see its picture."""
        told = "; ".join(line.replace(" | ", ": ") for line in self.lines)
        notice = f". {NOTICE}" if self.kind == "notice" else ""
        return f"Slide: {self.title.rstrip('.')}. {told}{notice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenChapter:
    """A chapter of a recording."""

    title: str
    objectives: tuple[str, ...]
    slides: tuple[ShownSlide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """A recording before it is spoken. `seconds` is the length that the activity declares."""

    title: str
    package: str
    step: str
    seconds: int
    variants: tuple[str, ...]
    chapters: tuple[SpokenChapter, ...]

    @property
    def slides(self) -> tuple[ShownSlide, ...]:
        """All slides in order."""
        return tuple(slide for chapter in self.chapters for slide in chapter.slides)

    @property
    def words(self) -> int:
        """How many words are spoken."""
        return sum(len(spoken.text.split()) for slide in self.slides for spoken in slide.says)


def narrations() -> tuple[Narration, ...]:
    """All recordings of the demonstration."""
    return tuple(read_narration(path) for path in sorted(FOLDER.glob("*.toml")))


def read_narration(path: Path) -> Narration:
    """The recording that `path` tells.

    Raises `ValueError` where a caption would be longer than two lines.
    """
    told = tomllib.loads(path.read_text("utf-8"))
    voices = told.get("voices", {})
    return Narration(
        title=told["title"],
        package=told["package"],
        step=told["step"],
        seconds=told["seconds"],
        variants=tuple(told["variants"]),
        chapters=tuple(_chapter(chapter, voices) for chapter in told["chapters"]),
    )


def _chapter(told: dict[str, Any], voices: dict[str, str]) -> SpokenChapter:
    return SpokenChapter(
        title=told["title"],
        objectives=tuple(told.get("objectives", ())),
        slides=tuple(_slide(slide, voices) for slide in told["slides"]),
    )


def _slide(told: dict[str, Any], voices: dict[str, str]) -> ShownSlide:
    return ShownSlide(
        title=told["title"],
        kind=told["kind"],
        lines=tuple(told["lines"]),
        source=told.get("source", ""),
        says=tuple(_utterances(told["says"].strip().splitlines(), voices)),
    )


def _utterances(lines: list[str], voices: dict[str, str]) -> Iterator[Utterance]:
    """Who speaks is written in the caption where it changes, and anew on each slide."""
    before = ""
    for line in lines:
        if len(line) > LONGEST_CAPTION:
            raise ValueError(f"Too long for a caption ({len(line)} characters): {line}")
        speaker, mark, text = line.partition(": ")
        if mark and speaker in voices:
            yield Utterance(text=text, voice=voices[speaker], speaker="" if speaker == before else speaker)
            before = speaker
        else:
            yield Utterance(text=line, voice="slt")
