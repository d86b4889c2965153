"""Writing a package: what is written reads into the same, and the same gives the same files."""

import dataclasses
import io
import tempfile
import typing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.factories.documents import a_document, a_file
from tests.factories.packages import a_package
from tests.factories.providers import a_provider

from opencme.activities import document as d
from opencme.activities.choices import ItemKind
from opencme.activities.document import canonical_json, digest_of
from opencme.activities.series_document import SeriesDocument
from opencme.interchange.package.read import read_package
from opencme.interchange.package.shape import DERIVED
from opencme.interchange.package.toml import toml_of
from opencme.interchange.package.write import FolderNotEmpty, NameTakenTwice, write_package


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def written_from(package, folder):
    write_package(
        made=package.made,
        provider=package.provider,
        folder=folder,
        open_media=lambda reference: package.contents[reference.sha256].open(),
    )
    return folder


def without_files(made, provider, folder):
    """Write a document that names no files."""
    write_package(made=made, provider=provider, folder=folder, open_media=lambda _reference: io.BytesIO())
    return folder


def test_a_package_comes_out_as_it_went_in(tmp_path):
    package = read_package(a_package(tmp_path / "in"))
    again = read_package(written_from(package, tmp_path / "out"))
    assert again.made == package.made
    assert again.provider == package.provider
    assert digest_of(canonical_json(again.made)) == digest_of(canonical_json(package.made))


def test_a_written_package_is_written_again_byte_for_byte(tmp_path):
    first = written_from(read_package(a_package(tmp_path / "in")), tmp_path / "first")
    second = written_from(read_package(first), tmp_path / "second")
    assert files_of(second) == files_of(first)


def test_long_texts_lie_beside_and_short_ones_inside(tmp_path):
    document = a_document(
        abstract="First.\n\nSecond.",
        promise="Short.",
        units=(d.Unit(key="w1", readings=(d.Reading(key="r1", minutes=5, text="Word. " * 80 + "End."),)),),
    )
    folder = without_files(document, a_provider(), tmp_path / "out")
    assert (folder / "text" / "abstract.md").read_text() == "First.\n\nSecond.\n"
    assert (folder / "text" / "units.w1.readings.r1.text.md").exists()
    activity = (folder / "activity.toml").read_text()
    assert 'promise = "Short."' in activity
    assert 'abstract = { file = "text/abstract.md" }' in activity


def test_nothing_is_written_into_a_folder_in_use(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FolderNotEmpty):
        without_files(a_document(units=()), a_provider(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_is_written_whole_or_not_at_all(tmp_path):
    package = read_package(a_package(tmp_path / "in"))

    def lost(_reference):
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        write_package(made=package.made, provider=package.provider, folder=tmp_path / "out", open_media=lost)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_two_files_of_one_name_cannot_be_written(tmp_path):
    def picture(content):
        file = dataclasses.replace(a_file(content, "image/webp"), name="same.webp")
        return d.Picture(file=file, alternative_text="")

    document = a_document(units=(), picture=picture("one"))
    person = dataclasses.replace(document.people[0], photo=picture("two"))
    with pytest.raises(NameTakenTwice):
        without_files(dataclasses.replace(document, people=(person,)), a_provider(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_toml_is_laid_out_for_people():
    table = {"title": 'A "quoted" title', "amount": Decimal("0.50"), "when": date(2026, 1, 2), "on": True}
    assert toml_of(table | {"text": 'one\ntwo \\ """\n', "dates": {"a": 1}, "units": [{"k": "x"}]}) == (
        'title = "A \\"quoted\\" title"\n'
        "amount = 0.50\n"
        "when = 2026-01-02\n"
        "on = true\n"
        'text = """\n'
        "one\n"
        'two \\\\ \\"""\n'
        '"""\n'
        "\n"
        "[dates]\n"
        "a = 1\n"
        "\n"
        "[[units]]\n"
        'k = "x"\n'
    )


# Documents of every shape: each field of each dataclass gets values of its kind. Files are left out
# here, and keys that stand once and references that lead somewhere are put right afterwards.

KEYS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc",), exclude_characters="<!")
LINES = st.text(SIGNS, max_size=30).map(str.strip)
TEXTS = st.one_of(
    st.text(SIGNS, max_size=60),
    st.lists(st.text(SIGNS, max_size=200), max_size=4).map("\n".join),
    st.sampled_from(["", "\n", "a\r\nb", 'ends with "', '"""', "\\", "\ufeffmark", "tab\there", "x" * 400]),
)
AMOUNTS = st.decimals(min_value=0, max_value=99, places=2) | st.sampled_from(
    [Decimal("0.5"), Decimal(1), Decimal("1E+1")]
)
SCALARS = {
    d.Key: KEYS,
    d.Line: LINES,
    d.Markdown: TEXTS,
    d.Address: st.sampled_from(["https://specimen.example/x", "mailto:cme@specimen.example"]),
    Decimal: AMOUNTS,
    date: st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    int: st.integers(0, 100),
    bool: st.booleans(),
    d.UUID: st.uuids(),
}
NO_FILES = {(d.Recording, name) for name in ("video", "audio", "low_bitrate", "captions", "slides_file")}


def values_for(takes, owner, name):
    """A strategy for one field."""
    options = typing.get_args(takes)
    if type(None) in options:
        (inner,) = (part for part in options if part is not type(None))
        if inner in (d.Picture, d.MediaRef):
            return st.none()
        return st.none() | values_for(inner, owner, name)
    if typing.get_origin(takes) is tuple:
        parts = values_for(options[0], owner, name)
        return st.lists(parts, max_size=2, unique=name == "activities").map(tuple)
    if dataclasses.is_dataclass(takes):
        return documents_of(takes)
    if isinstance(takes, type) and issubclass(takes, str):
        return st.sampled_from(list(takes))
    return SCALARS[takes] if takes in SCALARS else CODES[name]


CODES = {
    "language": st.sampled_from(["en", "de", "en-US"]),
    "currency": st.sampled_from(["USD", "EUR"]),
}


def documents_of(kind):
    """A strategy for a dataclass, every field drawn."""
    hints = typing.get_type_hints(kind, include_extras=True)
    title = {"title": LINES.filter(bool)} if kind in (d.ActivityDocument, SeriesDocument) else {}
    return st.builds(
        kind,
        **{
            field.name: values_for(hints[field.name], kind, field.name)
            for field in dataclasses.fields(kind)
            if (kind, field.name) not in DERIVED | NO_FILES and field.name not in ("items", "schema")
        }
        | title
        | ({"items": st.just(())} if kind in (d.PreTest, d.PostTest, d.ActivityDocument) else {}),
    )


def crossed(document, items):
    """The document with keys made unique and references that lead somewhere."""

    def numbered(parts, **changes):
        return tuple(
            dataclasses.replace(part, key=f"k{number}", **changes) for number, part in enumerate(parts)
        )

    steps = iter(range(10_000))

    def step(part, **changes):
        return part and dataclasses.replace(part, key=f"step-{next(steps)}", **changes)

    designations = {one.uuid: one for one in document.designations}
    units = tuple(
        dataclasses.replace(
            unit,
            objectives=(),
            shares=tuple(s for s in unit.shares if s.designation in designations),
            pre_test=step(unit.pre_test, items=tuple(item.key for item in items)),
            recordings=tuple(
                step(
                    recording,
                    chapters=tuple(dataclasses.replace(c, objectives=()) for c in recording.chapters),
                )
                for recording in unit.recordings
            ),
            readings=tuple(step(reading) for reading in unit.readings),
            post_test=step(unit.post_test, items=()),
        )
        for unit in numbered(document.units)
    )
    people = numbered(document.people)
    evaluation = document.evaluation and dataclasses.replace(
        document.evaluation,
        key="evaluation",
        questions=tuple(
            dataclasses.replace(q, choices=numbered(q.choices))
            for q in numbered(document.evaluation.questions, objective=None)
        ),
    )
    return dataclasses.replace(
        document,
        designations=tuple(designations.values()),
        people=people,
        disclosures=tuple(
            dataclasses.replace(disclosure, person=person.key)
            for disclosure, person in zip(document.disclosures, people, strict=False)
        ),
        units=units,
        items=items,
        objectives=numbered(document.objectives),
        references=numbered(document.references),
        vignettes=numbered(document.vignettes),
        related_to=numbered(document.related_to),
        evaluation=evaluation,
    )


@st.composite
def documents(draw):
    stems = draw(st.lists(TEXTS, max_size=3))
    items = tuple(
        d.Item(
            key=f"item-{number}",
            kind=draw(st.sampled_from([ItemKind.SINGLE, ItemKind.MULTIPLE])),
            stem=stem,
            options=(
                d.Option(key="a", text=draw(LINES), is_key=True),
                d.Option(key="b", text=draw(LINES)),
            ),
            rationale=draw(TEXTS),
            shuffle_options=draw(st.booleans()),
        )
        for number, stem in enumerate(stems)
    )
    return crossed(draw(documents_of(d.ActivityDocument)), items)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a document takes minutes
)
@given(documents())
def test_every_document_survives_the_round_trip(document):
    provider = a_provider(key=document.provider)
    with tempfile.TemporaryDirectory() as folder:
        package = read_package(without_files(document, provider, Path(folder) / "first"))
        assert package.made == document
        assert package.provider == provider
        assert canonical_json(package.made) == canonical_json(document)
        again = without_files(package.made, package.provider, Path(folder) / "second")
        assert files_of(again) == files_of(Path(folder) / "first")


@settings(max_examples=30, deadline=None)
@given(documents_of(SeriesDocument))
def test_every_series_survives_the_round_trip(series):
    with tempfile.TemporaryDirectory() as folder:
        provider = a_provider(key=series.provider)
        package = read_package(without_files(series, provider, Path(folder) / "out"))
        assert package.made == series


def kinds_within(kind):
    """The dataclasses that a document is made of."""
    found = {kind}
    for hint in typing.get_type_hints(kind).values():
        for part in (hint, *typing.get_args(hint)):
            if dataclasses.is_dataclass(part) and part not in found:
                found |= kinds_within(part)
    return found


@settings(max_examples=1, deadline=None)
@given(st.data())
def test_the_round_trip_draws_every_kind_but_files(data):
    drawn = {d.Item, d.Option}
    for kind in kinds_within(d.ActivityDocument) - {d.MediaRef, d.Picture, d.Cue, d.Item, d.Option}:
        drawn |= {type(data.draw(documents_of(kind)))}
    assert kinds_within(d.ActivityDocument) - drawn == {d.MediaRef, d.Picture, d.Cue}
