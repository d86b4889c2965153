"""Which bytes of a file one answer carries.

One range of at most a mebibyte, read whole: a body that is streamed holds a server thread as long
as its reader stalls, and a 206 that is shorter than asked for is legal (RFC 9110, 14.2 and 15.3.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PART = 1024 * 1024
_RANGE = re.compile(r"^(\d*)-(\d*)$")
_DIGITS = 18


class RangeNotSatisfiable(Exception):
    """No byte of the file lies in the range asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to `end`, `end` not included, of a file of `length`."""

    start: int
    end: int
    length: int

    @property
    def content_range(self) -> str:
        """The header that tells the reader which part this is."""
        return f"bytes {self.start}-{self.end - 1}/{self.length}"


def part_asked_for(header: str, *, length: int, largest: int = LARGEST_PART) -> Part | None:
    """Return the part that a Range header asks for, cut to the largest part sent at once.

    None where the header asks for nothing that is understood (another unit, backward bounds): it
    is then ignored, as RFC 9110, 14.2 demands. Of several ranges the first that can be satisfied
    is sent; a reader asks for the rest. Raises ``RangeNotSatisfiable``.
    """
    unit, _, wanted = header.partition("=")
    if unit.strip().lower() != "bytes" or not wanted:
        return None
    bounds = [_bounds(one.strip(), length=length) for one in wanted.split(",")]
    if None in bounds:
        return None
    for bound in bounds:
        if bound and bound[0] < bound[1]:
            return Part(bound[0], min(bound[1], bound[0] + largest), length)
    raise RangeNotSatisfiable


def _bounds(one: str, *, length: int) -> tuple[int, int] | None:
    """Return start and end of one range, empty where it lies outside; None where it is none."""
    match = _RANGE.match(one)
    if match is None or max(len(match[1]), len(match[2])) > _DIGITS:
        return None
    first, last = match[1], match[2]
    if not first:
        return (max(0, length - int(last)), length) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, length) if last else length
