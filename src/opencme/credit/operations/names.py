"""Names as certificates print them."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from opencme.credit.render.fonts import undrawable_characters


class NameMissing(Exception):
    """A certificate needs a name."""


class UndrawableName(Exception):
    """The name has characters that no font of the certificate draws; the message says so to the learner."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        shown = " ".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in characters)
        super().__init__(
            _(
                "The certificate cannot draw %(characters)s: it has Latin, Greek and Cyrillic letters. "
                "Please write the name as on your license, or on the Latin line of your passport."
            )
            % {"characters": shown}
        )
        self.characters = characters


def printable_name(name: str) -> str:
    """The name as it will be drawn. Raises `NameMissing` and `UndrawableName`."""
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy:
        raise NameMissing
    undrawable = undrawable_characters(tidy)
    if undrawable:
        raise UndrawableName(undrawable)
    return tidy


def printable_letters(letters: str) -> str:
    """Degrees and licenses as they will be drawn, often none. Raises `UndrawableName`."""
    return printable_name(letters) if letters.strip() else ""
