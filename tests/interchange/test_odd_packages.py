"""Whatever a package says, it is read or refused with a place for each problem; nothing else happens."""

import copy
import tempfile
import tomllib
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.packages import ACTIVITY, ITEMS, PROVIDER, a_package

from opencme.activities.document import canonical_json, read_document
from opencme.interchange.package.problems import PackageRefused
from opencme.interchange.package.read import read_package
from opencme.interchange.package.toml import Row, toml_of

ODD = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6),
    st.dates(),
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "../../x", "media/talk.mp4", "abstract.md", "<script>x</script>", "a\x00b", "2026-01-01"]
    ),
    st.just([]),
    st.lists(st.integers(0, 9), max_size=2),
    st.just(Row(file="abstract.md")),
    st.just(Row(file="media/talk.mp4")),
    st.just(Row(file="media/talk.mp4", alternative_text="x")),
    st.just(Row(key="x")),
    st.just([Row(key="x")]),
)


def nodes(value, path=()):
    """Every place in a table, from the top."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key)
            yield from nodes(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield (*path, index)
            yield from nodes(part, (*path, index))


def with_rows(value):
    """The table with the tables inside lists written on one line, so that lists may be mixed."""
    if isinstance(value, dict):
        return Row({key: with_rows(part) for key, part in value.items()})
    if isinstance(value, list):
        return [with_rows(part) for part in value]
    return value


def changed(table, path, value):
    table = copy.deepcopy(table)
    here = table
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return dict(with_rows(table))


def the_tables():
    return {
        "activity_toml": tomllib.loads(ACTIVITY, parse_float=Decimal),
        "items_toml": tomllib.loads(ITEMS, parse_float=Decimal),
        "provider_toml": tomllib.loads(PROVIDER, parse_float=Decimal),
    }


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_an_odd_value_anywhere_is_read_or_refused(data):
    tables = the_tables()
    name = data.draw(st.sampled_from(sorted(tables)))
    path = data.draw(st.sampled_from(list(nodes(tables[name]))))
    text = toml_of(changed(tables[name], path, data.draw(ODD)))
    with tempfile.TemporaryDirectory() as folder:
        try:
            package = read_package(a_package(Path(folder), **{name: text}))
        except PackageRefused as refused:
            stops = [problem for problem in refused.problems if problem.stops_import]
            assert stops
            assert all(problem.sentence and problem.file for problem in stops)
        else:
            canonical = canonical_json(package.made)
            assert canonical_json(read_document(canonical)) == canonical


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_an_odd_file_is_read_or_refused(text):
    with tempfile.TemporaryDirectory() as folder:
        for problem in refused(a_package(Path(folder), activity_toml=text)):
            assert problem.sentence


def refused(folder):
    try:
        read_package(folder)
    except PackageRefused as error:
        return error.problems
    return ()


def test_times_and_nested_lists_are_no_values(tmp_path):
    text = (
        'uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"\nprovider = "specimen-institute"\n'
        "title = 01:02:00\npromise = 2026-01-01T01:01:00\nabstract = [[1]]\ncopyright = 2026-12-31\n"
    )
    found = {problem.key: problem.code for problem in refused(a_package(tmp_path, activity_toml=text))}
    wrong = {"title", "promise", "abstract", "copyright"}
    assert {key: found.get(key) for key in wrong} == dict.fromkeys(wrong, "PKG011")
