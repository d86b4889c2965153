"""The page about the format says what the code reads: every key, its default, every word and every code."""

import dataclasses
import re
import typing
from enum import StrEnum
from pathlib import Path

import pytest
from tests.factories.packages import PROVIDER, with_file

from opencme.activities import choices
from opencme.activities.document import ActivityDocument, Cue, MediaRef
from opencme.activities.series_document import SeriesDocument
from opencme.interchange.package.problems import NOTES, ProblemKind
from opencme.interchange.package.read import read_package
from opencme.interchange.package.shape import fields_of
from opencme.providers.choices import Standing
from opencme.providers.record import ProviderRecord

PAGE = (Path(__file__).parents[2] / "docs" / "package-format.md").read_text(encoding="utf-8")
WORDS = [
    kind
    for kind in (*vars(choices).values(), Standing)
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not choices.StepKind
]


def kinds_within(kind):
    """The dataclasses that a document is made of."""
    found = {kind}
    for hint in typing.get_type_hints(kind).values():
        for part in (hint, *typing.get_args(hint)):
            if dataclasses.is_dataclass(part) and part not in found:
                found |= kinds_within(part)
    return found


KINDS = sorted(
    kinds_within(ActivityDocument) | kinds_within(ProviderRecord) | {SeriesDocument},
    key=lambda kind: kind.__name__,
)


def section_of(kind):
    """The rows of the table under the heading of a dataclass, by key."""
    _before, heading, after = PAGE.partition(f"(`{kind.__name__}`)\n")
    assert heading, f"{kind.__name__} has no section"
    table = after.partition("\n#")[0]
    return {
        row[1]: [cell.strip() for cell in row[2].split("|")]
        for row in re.finditer(r"^\| `(\w+)` \|(.*)\|$", table, re.MULTILINE)
    }


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (MediaRef, Cue)])
def test_every_key_is_described(kind):
    rows = section_of(kind)
    assert list(rows) == [field.name for field in fields_of(kind)]
    for field in fields_of(kind):
        default = rows[field.name][1]
        assert (default == "required") == field.required, field.name
        if isinstance(field.default, StrEnum) and field.default != "not_stated":
            assert default == f"`{field.default.value}`", field.name
        if isinstance(field.default, bool):
            assert default == f"`{str(field.default).lower()}`", field.name
        if isinstance(field.default, str) and field.default and not isinstance(field.default, StrEnum):
            assert default == f"`{field.default}`", field.name


@pytest.mark.parametrize("kind", WORDS)
def test_every_word_is_listed(kind):
    (row,) = re.findall(rf"^\| `{kind.__name__}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == [member.value for member in kind]


def test_every_code_is_explained():
    rows = dict(re.findall(r"^\| `(PKG\d{3})` \| (refused|note) \|", PAGE, re.MULTILINE))
    assert rows == {kind.value: "note" if kind in NOTES else "refused" for kind in ProblemKind}


def test_the_example_is_a_package(tmp_path):
    activity, items = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    activity = activity.replace('{ file = "text/abstract.md" }', '"An abstract."')
    activity = re.sub(r"^(video|captions) = .*\n", "", activity, flags=re.MULTILINE)
    second = items.replace('"post-1"', '"post-2"')
    with_file(tmp_path, "activity.toml", activity)
    with_file(tmp_path, "items.toml", items + second)
    with_file(tmp_path, "provider.toml", PROVIDER)
    assert read_package(tmp_path).made.title == "Listening first in chronic pain"
