"""A test as its page shows it: the items of one attempt in their fixed order, cases beside them.

Made from the stripped document alone: no key and no rationale can reach a page before a submit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from opencme.activities.choices import ItemKind
from opencme.activities.document import ActivityDocument, Item, PostTest, Vignette
from opencme.learning.models import Attempt
from opencme.learning.operations import test_of
from opencme.learning.queries import LearnerPath
from opencme.web.learner.wordings import test_note


@dataclass(frozen=True, slots=True)
class ShownOption:
    """One answer as a row."""

    key: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One question with its options in this attempt's order."""

    number: int
    item: Item
    options: tuple[ShownOption, ...]
    n: int
    is_open: bool

    @property
    def name(self) -> str:
        """The name of its fields and the id of its element."""
        return f"item-{self.item.key}"

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
    shown = tuple(_shown_items(document, attempt))
    gaps = set(missing)
    return {
        "test": test,
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


def _shown_items(document: ActivityDocument, attempt: Attempt) -> Iterator[ShownItem]:
    for number, key in enumerate(attempt.form["items"], start=1):
        item, kept = document.item_of[key], attempt.answers.get(key, {})
        chosen = set(kept.get("value", ()))
        options = tuple(_options(item, attempt.form["options"].get(key, ()), chosen))
        yield ShownItem(number, item, options, kept.get("n", 0), is_open=not chosen)


def _options(item: Item, order: Iterable[str], chosen: set[str]) -> Iterator[ShownOption]:
    of_key = {option.key: option for option in item.options}
    for key in order or of_key:
        yield ShownOption(key, of_key[key].text, key in chosen)


def _groups(document: ActivityDocument, items: Iterable[ShownItem]) -> Iterator[ShownGroup]:
    cases = {case.key: case for case in document.vignettes}
    for key, group in groupby(items, key=lambda one: one.item.vignette):
        yield ShownGroup(cases.get(key) if key else None, tuple(group))
