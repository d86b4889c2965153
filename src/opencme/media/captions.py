"""Captions in WebVTT: read strictly enough to be shown, searched and read instead of watching."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

_TIMING = re.compile(
    r"^((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})"
)
_TAG = re.compile(r"<[^>]*>")


class CaptionsRefused(Exception):
    """The file is not WebVTT that can be shown; the line says where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption: from and to in seconds, and its words."""

    starts_at: float
    ends_at: float
    text: str


def read_captions(text: str) -> tuple[Caption, ...]:
    """Return the captions in their order. Raises ``CaptionsRefused`` at the first that cannot be read."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"^WEBVTT($|[ \t])", lines[0]):
        raise CaptionsRefused(_("the first line of a WebVTT file is WEBVTT"), 1)
    captions: list[Caption] = []
    for start, block in _blocks(lines[1:], first=2):
        if not captions and start == 2:
            if "-->" in block[0]:
                raise CaptionsRefused(_("an empty line is missing after WEBVTT"), start)
            continue
        if (caption := _caption(block, start)) is not None:
            _in_order(captions, caption, start)
            captions.append(caption)
    if not captions:
        raise CaptionsRefused(_("the file has no captions"), len(lines))
    return tuple(captions)


def _blocks(lines: list[str], *, first: int) -> list[tuple[int, list[str]]]:
    blocks: list[tuple[int, list[str]]] = []
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=first):
        if line.strip():
            block.append(line)
        elif block:
            blocks.append((number - len(block), block))
            block = []
    return blocks


def _caption(block: list[str], start: int) -> Caption | None:
    if re.match(r"^(NOTE|STYLE|REGION)\b", block[0]):
        return None
    at = 0 if "-->" in block[0] else 1
    timing = _TIMING.match(block[at]) if len(block) > at else None
    if timing is None:
        raise CaptionsRefused(
            _("a caption begins with its times, such as 00:01.000 --> 00:04.000"), start + at
        )
    words = " ".join(html.unescape(_TAG.sub("", line)).strip() for line in block[at + 1 :])
    return Caption(_seconds(timing[1]), _seconds(timing[2]), " ".join(words.split()))


def _in_order(captions: list[Caption], caption: Caption, start: int) -> None:
    if caption.ends_at <= caption.starts_at:
        raise CaptionsRefused(_("a caption ends before it begins"), start)
    if captions and caption.starts_at < captions[-1].starts_at:
        raise CaptionsRefused(_("the captions are not in the order of time"), start)


def _seconds(stamp: str) -> float:
    parts = [float(part) for part in stamp.split(":")]
    hours, minutes, seconds = ([0.0, *parts])[-3:]
    return round(hours * 3600 + minutes * 60 + seconds, 3)
