"""The drawn signs of the interface, 20 by 20, one stroke. An icon never stands without a word."""

from __future__ import annotations

from zlib import crc32

from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "earned": '<circle cx="10" cy="10" r="8"/><path d="m6.5 10.3 2.4 2.4 4.8-5.2"/>',
    "needs": '<path d="M10 2.8 18 17H2z"/><path d="M10 8v4.2M10 14.4v.1"/>',
    "refused": '<circle cx="10" cy="10" r="8"/><path d="m7.2 7.2 5.6 5.6m0-5.6-5.6 5.6"/>',
    "neutral": '<circle cx="10" cy="10" r="8"/><path d="M10 9v5M10 6.1v.1"/>',
    "check": '<path d="M4 10.5 8 14.5 16.5 5.5"/>',
    "offline": (
        '<path d="m3 3 14 14M6 9.4A6 6 0 0 1 8.3 8M2.6 6.8a10.5 10.5 0 0 1 3-1.9M9.5 5a10.5 10.5 '
        '0 0 1 7.9 2.5M12.5 9a6 6 0 0 1 2 1.3M10 14.5v.1"/>'
    ),
    "close": '<path d="m5 5 10 10M15 5 5 15"/>',
    "down": '<path d="m5 8 5 5 5-5"/>',
    "previous": '<path d="m12 5-5 5 5 5"/>',
    "next": '<path d="m8 5 5 5-5 5"/>',
    "download": '<path d="M10 3v9m-4-3.5 4 4 4-4M4 16.5h12"/>',
    "play": '<path d="M6 3.5v13l10.5-6.5z"/>',
    "pause": '<path d="M6 4h2.6v12H6zM11.4 4H14v12h-2.6z"/>',
    "back": '<path d="M4 4v4h4"/><path d="M4.6 8A6.5 6.5 0 1 1 3.7 11.5"/>',
    "lock": '<rect x="4.5" y="9" width="11" height="8" rx="1"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>',
    "print": '<path d="M6 7V3h8v4M6 14H3V7h14v7h-3"/><path d="M6 11.5h8V17H6z"/>',
    "mail": '<path d="M2.5 4.5h15v11h-15z"/><path d="m3 5 7 6 7-6"/>',
    "search": '<circle cx="8.5" cy="8.5" r="5.5"/><path d="m12.7 12.7 4.3 4.3"/>',
}

MOTIFS = (
    '<circle cx="48" cy="37" r="19"/><circle cx="37" cy="56" r="19"/><circle cx="59" cy="56" r="19"/>',
    '<path d="M18 70h60M18 58h60M18 46h40M18 34h24"/><circle cx="66" cy="30" r="8"/>',
    '<path d="M14 68h14V56h14V44h14V56h14V44h12"/>',
    '<path d="M14 60c8 0 8-24 16-24s8 24 16 24 8-24 16-24 8 24 20 24"/>',
    '<path d="M22 66V46M35 66V34M48 66V40M61 66V28M74 66V50M16 66h64"/>',
    '<path d="M20 48h16m0 0 22-20h18M36 48h40M36 48l22 20h18"/><circle cx="20" cy="48" r="4"/>',
    '<path d="M20 32h56M48 24v44M34 68h28"/><path d="M20 32 11 54h18zM76 32l-9 22h18z"/>',
    '<circle cx="48" cy="48" r="28"/><circle cx="48" cy="48" r="17"/><circle cx="48" cy="48" r="6"/>',
    '<path d="M22 26h52v34H46L34 72V60H22z"/><path d="M32 38h32M32 48h20"/>',
)
"""Drawn thumbnails for activities and units without a picture."""


def icon(name: str) -> SafeString:
    """The SVG of one icon. Raises `KeyError` for an unknown name."""
    return mark_safe(  # noqa: S308  constant text
        f'<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{PATHS[name]}</svg>',
    )


def motif(seed: str) -> SafeString:
    """A thumbnail that stays the same for the same seed (a uuid, a key)."""
    drawing = MOTIFS[crc32(seed.encode()) % len(MOTIFS)]
    return mark_safe(f'<svg viewBox="0 0 96 96" aria-hidden="true">{drawing}</svg>')  # noqa: S308
