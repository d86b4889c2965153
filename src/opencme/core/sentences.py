"""Sentences of rules: readable as they are, and translatable by whoever shows them.

Rules know no Django, hence no language. They make a `Sentence`, which is its own English text and
still knows the template and the values it was made of; `core.phrasing.phrased` says it in the
reader's language. Importing `sentence` as `_` lets the collection of messages find the templates.
"""

from __future__ import annotations

from typing import Self


class Sentence(str):
    """A text made of a template with named places."""

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill the places of `template` ("%(name)s") from `values`."""
        made = super().__new__(cls, template % values if values else template)
        made.template = template
        made.values = values
        return made


def sentence(template: str, **values: object) -> Sentence:
    """A sentence to be said in the reader's language later."""
    return Sentence(template, **values)
