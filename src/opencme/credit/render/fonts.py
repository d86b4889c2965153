"""The fonts that draw certificates, and what they cannot draw.

Noto Serif and Noto Sans (SIL Open Font License 1.1), cut down to Latin, Greek and Cyrillic. A name in
another script is refused with a sentence before anything is claimed; it is never drawn as empty boxes.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

FONT_FOLDER: Final = Path(__file__).parent / "fonts"

DRAWN_RANGES: Final = (
    "0020-007E 00A0-0377 037A-037F 0384-038A 038C 038E-03A1 03A3-03E1 03F0-052F 1E00-1F15 "
    "1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FC4 "
    "1FC6-1FD3 1FD6-1FDB 1FDD-1FEF 1FF2-1FF4 1FF6-1FFE 2000-2064 2066-2071 2074-208E "
    "2090-209C 20A0-20BF 2100-215F 2183-2184 2189 2212"
)
"""What Noto Serif SemiBold and Noto Sans Regular both hold, as shipped; a test compares it with the files."""

_SPELLED_OUT: Final = {"≤": "<=", "≥": ">=", "→": "->", "←": "<-", "≠": "/=", "≈": "~", "∞": "infinity"}


def _points(ranges: str) -> frozenset[int]:
    points: set[int] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)


_DRAWN: Final = frozenset(
    character for character in map(chr, _points(DRAWN_RANGES)) if unicodedata.category(character)[0] != "C"
)


def undrawable_characters(text: str) -> tuple[str, ...]:
    """Return the characters of `text` that no shipped font holds, each once, in order of appearance.

    Control and format characters count too: they draw nothing, or turn the direction of what follows.
    """
    composed = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys(character for character in composed if character not in _DRAWN))


def drawable(text: str) -> str:
    """Return a provider's `text` with what cannot be drawn spelled out, or replaced by a question mark.

    For titles and statements, which a learner cannot mend at the claim. Names never pass through here.
    """
    composed = unicodedata.normalize("NFC", text)
    if _DRAWN.issuperset(composed):
        return composed
    return "".join(_drawable_character(character) for character in composed)


def _drawable_character(character: str) -> str:
    if character in _DRAWN:
        return character
    if unicodedata.category(character)[0] == "C":
        return " " if character.isspace() else ""
    simpler = _SPELLED_OUT.get(character) or unicodedata.normalize("NFKC", character)
    return simpler if not undrawable_characters(simpler) else "?"
