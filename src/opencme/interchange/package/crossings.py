"""What the parts of a package say of one another: each key once, each reference to something that is there.

This looks at the tables as written, so that a wrong type in one place does not hide what is wrong in another.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from opencme.activities.document import RESERVED_STEP_KEYS

from .lines import KeyPath
from .problems import ProblemKind
from .shape import Report, did_you_mean
from .source import Table

Tables = Iterator[tuple[KeyPath, Table]]
Names = Iterator[tuple[KeyPath, str]]

TESTS = ("pre_test", "post_test")
ONE_ANSWER = ("single", "true_false")


def check_crossings(package: Table, report: Report) -> None:
    """Report keys that stand twice, references to nothing, and items without a right answer."""
    for names in _spaces(package):
        _each_once(names, report)
    for path, key in _names(_unit_steps(package)):
        if key in RESERVED_STEP_KEYS:
            sentence = _("“%(key)s” is an address of its own on the path. Give the step another key.")
            report(ProblemKind.NOT_ALLOWED_VALUE, path, sentence % {"key": key})
    for path, item in _tables(package, "items"):
        _check_answers(item, path, report)
    known = _known(package)
    for what, path, key in _references(package):
        if key not in known[what]:
            words = {"key": key, "hint": did_you_mean(key, known[what])}
            sentence = _("Nothing here has the key “%(key)s”.%(hint)s") % words
            report(ProblemKind.UNKNOWN_REFERENCE, path, sentence)


def check_series(package: Table, report: Report) -> None:
    """Report an activity that stands in a series twice."""
    _each_once(_listed(package, "activities", ()), report)


def _tables(table: Table, name: str, before: KeyPath = ()) -> Tables:
    """Yield the tables of a list with their places; whatever is no table is told elsewhere."""
    parts = table.get(name)
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict):
            yield (*before, name, index), part


def _table(table: Table, name: str, before: KeyPath = ()) -> Tables:
    if isinstance(table.get(name), dict):
        yield (*before, name), table[name]


def _names(tables: Tables, field: str = "key") -> Names:
    for path, table in tables:
        if isinstance(table.get(field), str):
            yield (*path, field), table[field]


def _listed(table: Table, field: str, before: KeyPath) -> Names:
    keys = table.get(field)
    for index, key in enumerate(keys if isinstance(keys, list) else ()):
        if isinstance(key, str):
            yield (*before, field, index), key


def _spaces(package: Table) -> Iterator[Names]:
    """Yield, for each set of parts told apart by key, the keys with their places."""
    for name in ("people", "objectives", "references", "vignettes", "items", "units", "related_to"):
        yield _names(_tables(package, name))
    yield _names(_steps(package))
    yield _names(_tables(package, "designations"), "uuid")
    yield _names(_tables(package, "disclosures"), "person")
    for path, item in _tables(package, "items"):
        yield _names(_tables(item, "options", path))
    for path, evaluation in _table(package, "evaluation"):
        yield _names(_tables(evaluation, "questions", path))
        for question_path, question in _tables(evaluation, "questions", path):
            yield _names(_tables(question, "choices", question_path))


def _steps(package: Table) -> Tables:
    yield from _unit_steps(package)
    for path, evaluation in _table(package, "evaluation"):
        yield path, {"key": "evaluation", **evaluation}


def _unit_steps(package: Table) -> Tables:
    for path, unit in _tables(package, "units"):
        for test in TESTS:
            yield from _table(unit, test, path)
        yield from _tables(unit, "recordings", path)
        yield from _tables(unit, "readings", path)


def _each_once(names: Names, report: Report) -> None:
    seen: set[str] = set()
    for path, key in names:
        if key in seen:
            sentence = _("“%(key)s” stands here for the second time. A key names one thing.")
            report(ProblemKind.DUPLICATE_KEY, path, sentence % {"key": key})
        seen.add(key)


def _check_answers(item: Table, path: KeyPath, report: Report) -> None:
    options = [option for _path, option in _tables(item, "options")]
    right = sum(1 for option in options if option.get("is_key") is True)
    if not isinstance(item.get("options"), list):
        return
    if right == 0:
        sentence = _("The item “%(key)s” has no right answer. Give one option is_key = true.")
    elif item.get("kind") in ONE_ANSWER and right > 1:
        sentence = _("The item “%(key)s” takes one answer and marks several as right.")
    elif len(options) < 2 or (item.get("kind") == "true_false" and len(options) > 2):
        sentence = _("The item “%(key)s” does not have the options that its kind needs.")
    else:
        return
    report(ProblemKind.ITEM_WITHOUT_KEY, (*path, "options"), sentence % {"key": item.get("key", "")})


def _known(package: Table) -> dict[str, set[str]]:
    known = {
        name: {key for _path, key in _names(_tables(package, name))}
        for name in ("people", "objectives", "references", "vignettes", "items")
    }
    known["designations"] = {key for _path, key in _names(_tables(package, "designations"), "uuid")}
    return known


def _references(package: Table) -> Iterator[tuple[str, KeyPath, str]]:
    """Yield every reference: to which kind of part, from where, and the key it names."""
    for path, key in _names(_tables(package, "disclosures"), "person"):
        yield "people", path, key
    for what, names in _references_by_kind(package):
        for path, key in names:
            yield what, path, key


def _references_by_kind(package: Table) -> Iterator[tuple[str, Names]]:
    for path, item in _tables(package, "items"):
        yield "objectives", _listed(item, "objectives", path)
        yield "references", _listed(item, "references", path)
        yield "vignettes", _names(iter([(path, item)]), "vignette")
        yield "items", _names(iter([(path, item)]), "twin")
    for path, unit in _tables(package, "units"):
        yield "objectives", _listed(unit, "objectives", path)
        yield "designations", _names(_tables(unit, "shares", path), "designation")
        for test in TESTS:
            for test_path, table in _table(unit, test, path):
                yield "items", _listed(table, "items", test_path)
        for recording_path, recording in _tables(unit, "recordings", path):
            for chapter_path, chapter in _tables(recording, "chapters", recording_path):
                yield "objectives", _listed(chapter, "objectives", chapter_path)
    for path, evaluation in _table(package, "evaluation"):
        yield "objectives", _names(_tables(evaluation, "questions", path), "objective")
