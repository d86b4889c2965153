"""The content step of a unit: recordings with their text and slides, readings, what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.activities.document import Chapter, Cue, Recording, Unit
from opencme.learning.choices import PathStepKind, StepState
from opencme.learning.operations import Reported
from opencme.learning.queries import LearnerPath
from opencme.learning.rules import ContentRecord, PathStep, demanded_of, part_left_ms
from opencme.media.links import end_of_address
from opencme.media.rules import Intervals, covered_ms, missing, overlap_ms
from opencme.web.addresses import address
from opencme.web.learner.frame import unit_of
from opencme.web.learner.locks import lock_sentence
from opencme.web.templatetags.wording import clock

SEGMENT_SECONDS = 20
BAR_WIDTH = 1000
BAR_GAP = 4
CHAPTER_SLACK_MS = 1_000
"""As in js/chapters.js: less than a second is nothing to look for."""
JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Segment:
    """A paragraph of the recording's text with the stretch that it covers."""

    start_ms: int
    end_ms: int
    text: str

    @property
    def seconds(self) -> float:
        """Where it begins."""
        return self.start_ms / 1000


@dataclass(frozen=True, slots=True)
class ShownChapter:
    """A chapter with its paragraphs and how much of it was played."""

    number: int
    title: str
    start_ms: int
    end_ms: int
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> int:
        """How long it is."""
        return (self.end_ms - self.start_ms) // 1000


@dataclass(frozen=True, slots=True)
class ChapterLine:
    """A chapter in the list beside the player: where it begins, how much of it was played."""

    title: str
    start_ms: int
    end_ms: int
    text: str
    href: str
    is_done: bool = False

    @property
    def seconds(self) -> int:
        """Where it begins."""
        return self.start_ms // 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the bar of chapters."""

    css: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class ShownRecording:
    """A recording as its page shows it."""

    recording: Recording
    length_ms: int
    demanded_ms: int
    resume_ms: int
    played: str
    read: str
    chapters_json: str
    bars: tuple[Bar, ...]
    chapters: tuple[ChapterLine, ...]
    played_text: str
    missing_text: str
    missing_ms: int

    @property
    def text_chapters(self) -> tuple[ShownChapter, ...]:
        """The recording's text; it depends on the document alone."""
        return tuple(_chapters(self.recording))


def content_context(path: LearnerPath, step: PathStep, *, go_to: int | None = None) -> dict[str, Any]:
    """Everything that the content page shows. `go_to` is a second to begin at."""
    unit = path.stripped.unit_of[step.parts[0]]
    return {
        "digest": path.participation.revision.sha256,
        "until": end_of_address(timezone.now()),
        "step": step,
        "unit": unit,
        "has_units": bool(unit.title) and len(path.stripped.units) > 1,
        "recordings": [_shown(path, unit, one, go_to) for one in unit.recordings],
        "just_sent": _pre_test_just_sent(path, unit),
        "next": next_of(path, step),
        "is_attested": any(path.state.part(key).attested_at for key in step.parts),
        "can_attest": _can_attest(path, unit, step),
    }


def next_of(path: LearnerPath, step: PathStep) -> dict[str, Any] | None:
    """The post-test below the content: whether it is open, its address, and the reason if not."""
    unit = unit_of(path.document, step)
    if unit is None or unit.post_test is None:
        return None
    after = path.step(unit.post_test.key)
    if after is None or after.kind is not PathStepKind.POST_TEST:
        return None
    zone = path.participation.provider.record.time_zone_label
    record = path.state.test(after.key)
    return {
        "step": after,
        "open": after.state is StepState.OPEN,
        "done": after.state is StepState.DONE,
        "tried": record.submitted > 0 and not record.in_progress,
        "url": address("step", path.participation.uuid, after.key),
        "title": unit.post_test.title,
        "test": unit.post_test,
        "reason": lock_sentence(after.lock, unit.post_test.title, zone=zone) if after.lock else "",
    }


def evidence_answer(reported: Reported, recording: Recording, step: PathStep) -> dict[str, Any]:
    """What a beat is answered: what is written, in figures, and all that is known, in words.

    The browser sends again what the figures leave out.
    """
    path = reported.path
    unit = path.document.unit_of[recording.key]
    record = path.state.part(recording.key)
    left = missing(record.covered, length_ms=recording.seconds * 1000)
    after = next_of(path, step)
    return {
        "played": reported.written.played,
        "read": reported.written.read,
        "missing": left if part_left_ms(unit, recording, record) else (),
        "played_text": played_text(recording, record),
        "missing_text": missing_text(unit, recording, record),
        "reason": after["reason"] if after else "",
        "next": {"open": after["open"], "url": after["url"]} if after and not after["done"] else None,
        "review": step.is_review,
    }


def played_text(recording: Recording, record: ContentRecord) -> str:
    """How much was played: "6:14 of 9:00 played"."""
    return _("%(played)s of %(length)s played") % {
        "played": clock(covered_ms(record.covered) / 1000),
        "length": clock(recording.seconds),
    }


def missing_text(unit: Unit, recording: Recording, record: ContentRecord) -> str:
    """What is left ("1:25 to go. Jump to what is missing"); nothing where all or nothing is."""
    left = part_left_ms(unit, recording, record)
    if not left or not record.covered:
        return ""
    return _("%(left)s to go. Jump to what is missing") % {"left": clock(-(-left // 1000))}


def _shown(path: LearnerPath, unit: Unit, recording: Recording, go_to: int | None) -> ShownRecording:
    record = path.state.part(recording.key)
    length = recording.seconds * 1000
    gaps = missing(record.covered, length_ms=length)
    stretches = chapter_stretches(recording)
    return ShownRecording(
        recording=recording,
        length_ms=length,
        demanded_ms=demanded_of(unit, recording),
        resume_ms=_resume_ms(record, length) if go_to is None else min(go_to * 1000, length),
        played=json.dumps(record.played),
        read=json.dumps(record.read),
        chapters_json=json.dumps(stretches),
        bars=tuple(_bars(stretches, record.covered, length)),
        chapters=tuple(_chapter_lines(recording, record.covered)),
        played_text=played_text(recording, record),
        missing_text=missing_text(unit, recording, record),
        missing_ms=gaps[0][0] if gaps else 0,
    )


def _resume_ms(record: ContentRecord, length: int) -> int:
    """Where the learner stopped; the beginning where that was the end."""
    return record.position_ms if record.position_ms < length - 5_000 else 0


def chapter_stretches(recording: Recording) -> list[tuple[int, int, str]]:
    """Start, end and title of each chapter; a recording without chapters is one."""
    marks = recording.chapters or (Chapter(title=recording.title, starts_at=0),)
    starts = [0, *(one.starts_at * 1000 for one in marks[1:])]
    ends = [*starts[1:], recording.seconds * 1000]
    return [(start, end, one.title) for start, end, one in zip(starts, ends, marks, strict=True)]


def _chapters(recording: Recording) -> Iterator[ShownChapter]:
    stretches = chapter_stretches(recording)
    starts = [start for start, _end, _title in stretches]
    segments = tuple(segments_of(recording.cues, starts=starts, length_ms=recording.seconds * 1000))
    for number, (start, end, title) in enumerate(stretches, start=1):
        own = tuple(one for one in segments if start <= one.start_ms < end)
        yield ShownChapter(number, title, start, end, own)


def segments_of(cues: Iterable[Cue], *, starts: Iterable[int], length_ms: int) -> Iterator[Segment]:
    """Captions as paragraphs of about twenty seconds that end with a sentence and with a chapter.

    Together they cover the whole recording, so that reading all of them leaves nothing out.
    """
    marks = set(starts)
    groups: list[list[Cue]] = []
    for cue in cues:
        if groups and not _begins_anew(groups[-1], cue, marks):
            groups[-1].append(cue)
        else:
            groups.append([cue])
    begins = [0, *(_start_of(group[0], marks) for group in groups[1:])]
    ends = [*begins[1:], length_ms]
    for group, begin, end in zip(groups, begins, ends, strict=False):
        yield Segment(begin, end, " ".join(" ".join(cue.text.split()) for cue in group))


def _begins_anew(group: list[Cue], cue: Cue, marks: set[int]) -> bool:
    before, now = int(group[-1].starts_at * 1000), int(cue.starts_at * 1000)
    if any(before < mark <= now for mark in marks):
        return True
    is_long = cue.ends_at - group[0].starts_at > SEGMENT_SECONDS
    return is_long and group[-1].text.rstrip().endswith((".", "?", "!", "”", '"', "]"))


def _start_of(cue: Cue, marks: set[int]) -> int:
    """The start of a paragraph; the first one of a chapter begins with the chapter."""
    begin = int(cue.starts_at * 1000)
    return max((mark for mark in marks if 0 <= begin - mark < 3_000), default=begin)


def _bars(stretches: Iterable[tuple[int, int, str]], covered: Intervals, length: int) -> Iterator[Bar]:
    scale = BAR_WIDTH / max(length, 1)
    for start, end, _title in stretches:
        left = start * scale
        width = max((end - start) * scale - BAR_GAP, 0)
        yield Bar("all", round(left, 1), round(width, 1))
        for first, last in covered:
            if overlap_ms([(first, last)], start_ms=start, end_ms=end):
                begin = max(first, start) * scale
                stop = min(min(last, end) * scale, left + width)
                yield Bar("played", round(begin, 1), round(max(stop - begin, 0), 1))


def _chapter_lines(recording: Recording, covered: Intervals) -> Iterator[ChapterLine]:
    """The chapters with what was played of each; none where the recording has none."""
    if not recording.chapters:
        return
    for number, (start, end, title) in enumerate(chapter_stretches(recording), start=1):
        played = overlap_ms(covered, start_ms=start, end_ms=end)
        is_done = end - start - played < CHAPTER_SLACK_MS
        yield ChapterLine(
            title=title,
            start_ms=start,
            end_ms=end,
            text=_chapter_text(played, end - start, is_done=is_done),
            href=f"#{recording.key}-c{number}" if recording.cues else f"#{recording.key}",
            is_done=is_done,
        )


def _chapter_text(played: int, length: int, *, is_done: bool) -> str:
    if is_done:
        return _("played")
    if played < CHAPTER_SLACK_MS:
        return _("not yet")
    return _("%(played)s of %(length)s played") % {
        "played": clock(played / 1000),
        "length": clock(length / 1000),
    }


def _pre_test_just_sent(path: LearnerPath, unit: Unit) -> bool:
    sent = path.state.test(unit.pre_test.key).submitted_at if unit.pre_test else None
    return sent is not None and timezone.now() - sent < JUST_NOW


def _can_attest(path: LearnerPath, unit: Unit, step: PathStep) -> bool:
    if step.is_review:
        return False
    left = [part_left_ms(unit, one, path.state.part(one.key)) for one in unit.recordings]
    return any(left)
