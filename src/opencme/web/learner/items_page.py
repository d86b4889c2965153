"""A test as its page shows it: the items of one attempt in their fixed order, cases beside them.

Made from the stripped document alone: no key and no rationale can reach a page before a submit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from opencme.activities.choices import ItemKind
from opencme.activities.document import ActivityDocument, Item, Option, PostTest, Vignette
from opencme.learning.models import Attempt
from opencme.learning.operations import test_of
from opencme.learning.queries import LearnerPath
from opencme.web.learner.wordings import test_note
from opencme.web.renderings import Renderings

_HEADS, _OPTIONS = Renderings(), Renderings()


def field_name(item: Item) -> str:
    """The name of an item's fields."""
    return f"item-{item.key}"


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One question with its options in this attempt's order."""

    number: int
    item: Item
    n: int
    is_open: bool
    options: SafeString
    digest: str
    language: str | None

    @property
    def head(self) -> SafeString:
        """The question itself; it depends on the revision alone."""
        return _HEADS.kept(
            (self.digest, self.item.key, self.number, self.n),
            lambda: render_to_string("learner/_item_head.html", {"one": self}),
            language=self.language,
        )

    @property
    def name(self) -> str:
        """The name of its fields and the id of its element."""
        return field_name(self.item)

    @property
    def takes_several(self) -> bool:
        """Whether more than one answer may fit."""
        return self.item.kind is ItemKind.MULTIPLE


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Items with the case that they share, or without one."""

    vignette: Vignette | None
    items: tuple[ShownItem, ...]


def items_context(
    path: LearnerPath,
    attempt: Attempt,
    *,
    missing: Iterable[str] = (),
) -> dict[str, Any]:
    """Everything that the form of a test shows."""
    document = path.stripped
    test = test_of(document, attempt.step_key)
    digest = path.participation.revision.sha256
    shown = tuple(_shown_items(document, digest, attempt))
    gaps = set(missing)
    return {
        "test": test,
        "digest": digest,
        "attempt": attempt,
        "is_graded": isinstance(test, PostTest),
        "test_note": test_note(test) if isinstance(test, PostTest) else "",
        "groups": tuple(_groups(document, shown)),
        "answered": sum(not one.is_open for one in shown),
        "all": len(shown),
        "gaps": tuple(one for one in shown if one.item.key in gaps),
    }


def saved_at(attempt: Attempt) -> datetime | None:
    """When an answer of this attempt was last kept."""
    instants = [datetime.fromisoformat(one["at"]) for one in attempt.answers.values()]
    return max(instants, default=None)


def _shown_items(document: ActivityDocument, digest: str, attempt: Attempt) -> Iterator[ShownItem]:
    language = get_language()
    for number, key in enumerate(attempt.form["items"], start=1):
        item, kept = document.item_of[key], attempt.answers.get(key, {})
        chosen = set(kept.get("value", ()))
        of_key = {option.key: option for option in item.options}
        # In this attempt's order, each rendered once with and once without its mark.
        rows = (
            _option_row(item, of_key[option], digest, language, is_chosen=option in chosen)
            for option in attempt.form["options"].get(key) or of_key
        )
        options = mark_safe("".join(rows))  # noqa: S308  rendered by our own template
        yield ShownItem(number, item, kept.get("n", 0), not chosen, options, digest, language)


def _option_row(
    item: Item, option: Option, digest: str, language: str | None, *, is_chosen: bool
) -> SafeString:
    def render() -> SafeString:
        context = {"item": item, "name": field_name(item), "option": option, "is_chosen": is_chosen}
        return render_to_string("learner/_item_option.html", context)

    return _OPTIONS.kept((digest, item.key, option.key, is_chosen), render, language=language)


def _groups(document: ActivityDocument, items: Iterable[ShownItem]) -> Iterator[ShownGroup]:
    cases = {case.key: case for case in document.vignettes}
    for key, group in groupby(items, key=lambda one: one.item.vignette):
        yield ShownGroup(cases.get(key) if key else None, tuple(group))
