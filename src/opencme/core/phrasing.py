"""Says the sentences of rules in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from .sentences import Sentence


def phrased(text: str) -> str:
    """A rule's sentence in the active language; any other text as it is."""
    if not isinstance(text, Sentence):
        return text
    values = {
        name: phrased(value) if isinstance(value, str) else value for name, value in text.values.items()
    }
    return gettext(text.template) % values if values else gettext(text.template)
