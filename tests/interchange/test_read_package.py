"""Reading a package: all of it, or every problem with its code, file, key and line."""

import os
from decimal import Decimal

import pytest
from tests.factories.media import a_picture, a_webvtt, an_mp4
from tests.factories.packages import ACTIVITY, ITEMS, PROVIDER, a_package, edited, with_file

from opencme.activities.document import Cue, canonical_json, read_document
from opencme.interchange.package.problems import PackageRefused
from opencme.interchange.package.read import read_package


def problems_of(folder):
    with pytest.raises(PackageRefused) as refused:
        read_package(folder)
    return [problem for problem in refused.value.problems if problem.stops_import]


def line_of(text, start):
    """The line on which the text says something."""
    (number,) = (n for n, line in enumerate(text.splitlines(), start=1) if line.startswith(start))
    return number


def test_a_good_package_is_read_whole(tmp_path):
    package = read_package(a_package(tmp_path))
    document = package.made
    assert document.abstract == "What to say first,\n\nand what to plan next."
    assert document.designations[0].maximum == Decimal("0.5")
    assert [item.key for item in document.items] == ["pre-1", "post-1", "post-2"]
    recording = document.units[0].recordings[0]
    assert recording.video.media_type == "video/mp4"
    assert recording.video.name == "talk.mp4"
    assert recording.video.length == len(an_mp4())
    assert recording.cues == (
        Cue(starts_at=0.0, ends_at=270.0, text="First we listen."),
        Cue(starts_at=270.0, ends_at=540.0, text="Then we plan."),
    )
    assert package.provider.key == "specimen-institute"
    assert package.notes == ()
    assert read_document(canonical_json(document)) == document


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path):
    package = read_package(with_file(a_package(tmp_path), "activity.toml", "\ufeff" + ACTIVITY))
    assert package.made == read_package(a_package(tmp_path / "without")).made


def test_a_picture_is_decoded_and_encoded_anew(tmp_path):
    original = a_picture(size=(40, 30))
    package = read_package(with_file(a_package(tmp_path), "pictures/imogen.png", original))
    photo = package.made.people[0].photo
    assert (photo.width, photo.height) == (40, 30)
    assert (photo.file.name, photo.file.media_type) == ("imogen.webp", "image/webp")
    kept = package.contents[photo.file.sha256].open().read()
    assert kept[:4] == b"RIFF"
    assert kept != original


def test_a_document_knows_where_its_parts_stand(tmp_path):
    package = read_package(a_package(tmp_path))
    assert package.place_of("dates.complete_until") == ("activity.toml", line_of(ACTIVITY, "complete_until"))
    assert package.place_of("units[0].post_test.attempts") == (
        "activity.toml",
        line_of(ACTIVITY, "[units.post_test]"),
    )
    assert package.place_of("items[1].rationale") == ("items.toml", line_of(ITEMS, "rationale"))
    assert package.place_of("copyright") == ("activity.toml", None)


ACTIVITY_CASES = [
    pytest.param(
        'title = "Listening first in chronic pain"',
        'titel = "Listening first in chronic pain"',
        [("PKG010", "titel", "Did you mean “title”?"), ("PKG012", "", "“title” is missing")],
        id="unknown key, with the one that was meant",
    ),
    pytest.param(
        'title = "Listening first in chronic pain"',
        "title = 5",
        [("PKG011", "title", "a whole number; it must be a text in quotes")],
        id="number for a text",
    ),
    pytest.param(
        'title = "Listening first in chronic pain"',
        'title = "  "',
        [("PKG014", "title", "The title is empty")],
        id="empty title",
    ),
    pytest.param(
        "schema = 1",
        "schema = 2",
        [("PKG014", "schema", "of version 2 of the format; this program reads 1")],
        id="a format of the future",
    ),
    pytest.param(
        'uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"',
        'uuid = "listening-first"',
        [("PKG014", "uuid", "“listening-first” is no UUID")],
        id="no uuid but a name",
    ),
    pytest.param(
        "schema = 1",
        'schema = 1\nlanguage = "english"',
        [("PKG014", "language", "no language code such as en or en-US")],
        id="no language code",
    ),
    pytest.param(
        'promise = "Half an hour on the first three minutes."',
        f'promise = "{"x" * 501}"',
        [("PKG014", "promise", "has 501 characters; at most 500 are taken")],
        id="a line too long",
    ),
    pytest.param(
        "seconds = 540",
        'seconds = "540"',
        [("PKG011", "units[0].recordings[0].seconds", "a text in quotes; it must be a whole number")],
        id="text for a number",
    ),
    pytest.param(
        "complete_until = 2027-11-21",
        'complete_until = "2027-11-21"',
        [("PKG011", "dates.complete_until", "it must be a date such as 2026-11-22, without quotes")],
        id="text for a date",
    ),
    pytest.param(
        "complete_until = 2027-11-21",
        "complete_until = 2027-11-21T12:00:00Z",
        [("PKG011", "dates.complete_until", "a date with a time")],
        id="time for a date",
    ),
    pytest.param(
        'roles = ["faculty"]',
        'roles = ["facultie"]',
        [("PKG013", "people[0].roles[0]", "Did you mean “faculty”?")],
        id="no such role",
    ),
    pytest.param(
        'roles = ["faculty"]',
        'roles = "faculty"',
        [("PKG011", "people[0].roles", "it must be a list")],
        id="text for a list",
    ),
    pytest.param(
        "maximum = 0.5",
        'maximum = "half"',
        [("PKG014", "designations[0].maximum", "“half” is no amount")],
        id="no amount",
    ),
    pytest.param(
        "maximum = 0.5",
        "maximum = nan",
        [("PKG014", "designations[0].maximum", "“NaN” is no amount")],
        id="not a number at all",
    ),
    pytest.param(
        "maximum = 0.5",
        "maximum = 1e400000",
        [("PKG014", "designations[0].maximum", "from 0 to 1000 with two decimals")],
        id="an amount without measure",
    ),
    pytest.param(
        "maximum = 0.5",
        "maximum = 0.125",
        [("PKG014", "designations[0].maximum", "two decimals")],
        id="an amount of three decimals",
    ),
    pytest.param(
        "pass_mark = 2",
        "pass_mark = -1",
        [("PKG014", "units[0].post_test.pass_mark", "from 0 to")],
        id="less than nothing",
    ),
    pytest.param(
        "pass_mark = 2",
        "pass_mark = 18446744073709551616",
        [("PKG014", "units[0].post_test.pass_mark", "from 0 to")],
        id="more than databases hold",
    ),
    pytest.param(
        "seconds = 540",
        "seconds = 540\ndemanded_percent = 101",
        [("PKG014", "units[0].recordings[0].demanded_percent", "from 0 to 100")],
        id="more than all of it",
    ),
    pytest.param(
        "complete_until = 2027-11-21",
        "complete_until = 9999-12-31",
        [("PKG014", "dates.complete_until", "The year is beyond")],
        id="for ever",
    ),
    pytest.param(
        'key = "unit-1"',
        'key = "Unit 1"',
        [("PKG014", "units[0].key", "“Unit 1” is no key")],
        id="key with a space",
    ),
    pytest.param(
        'uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"',
        "",
        [("PKG012", "", "“uuid” is missing")],
        id="no uuid",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = { file = "abstrakt.md" }',
        [("PKG002", "abstract", "There is no file “abstrakt.md”")],
        id="missing text",
    ),
    pytest.param(
        '"media/talk.mp4"',
        '"media/Talk.mp4"',
        [("PKG002", "units[0].recordings[0].video", "Capitals count.")],
        id="other capitals",
    ),
    pytest.param(
        '"media/talk.mp4"',
        '"../talk.mp4"',
        [("PKG020", "units[0].recordings[0].video", "is not inside the package")],
        id="path outside the folder",
    ),
    pytest.param(
        '"media/talk.mp4"',
        '"/etc/hostname"',
        [("PKG020", "units[0].recordings[0].video", "is not inside the package")],
        id="absolute path",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = { file = "../../../../etc/passwd" }',
        [("PKG020", "abstract", "is not inside the package")],
        id="text outside the folder",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = "Hello <script>alert(1)</script>"',
        [("PKG040", "abstract", "HTML that runs or embeds something is refused")],
        id="HTML with a script",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        "abstract = \"<img src=x onerror='alert(1)'>\"",
        [("PKG040", "abstract", "HTML that runs")],
        id="HTML with a handler",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = "one<br>two"',
        [("PKG040", "abstract", "HTML would be shown as it is typed: <br>")],
        id="HTML",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = "[more](javascript:alert(1))"',
        [("PKG040", "abstract", "A link that runs something is refused")],
        id="a link that runs",
    ),
    pytest.param(
        'abstract = { file = "abstract.md" }',
        'abstract = "[more](ftp://example.org/x)"',
        [("PKG040", "abstract", "would be dropped: ftp://example.org/x")],
        id="a link that browsers do not follow",
    ),
    pytest.param(
        'title = "Listening first in chronic pain"',
        'title = "Listening <script>alert(1)</script>"',
        [("PKG040", "title", "HTML is refused here: <script>alert(1)</script>")],
        id="a script in the title",
    ),
    pytest.param(
        'privacy_address = "https://specimen.example/privacy"',
        'privacy_address = "javascript:alert(1)"',
        [("PKG014", "contact.privacy_address", "is no address")],
        id="an address that runs",
    ),
    pytest.param(
        'person = "imogen-sample"',
        'person = "imogen-simple"',
        [("PKG052", "disclosures[0].person", "Did you mean “imogen-sample”?")],
        id="disclosure of nobody",
    ),
    pytest.param(
        'items = ["post-1", "post-2"]',
        'items = ["post-1", "post-9"]',
        [("PKG052", "units[0].post_test.items[1]", "Nothing here has the key “post-9”")],
        id="test with an unknown item",
    ),
    pytest.param(
        'key = "post-test"',
        'key = "claim"',
        [("PKG014", "units[0].post_test.key", "an address of its own")],
        id="step with the key of another page",
    ),
    pytest.param(
        'key = "post-test"',
        'key = "pre-test"',
        [("PKG050", "units[0].post_test.key", "for the second time")],
        id="two steps with one key",
    ),
    pytest.param(
        "seconds = 540",
        "seconds = 900",
        [("PKG035", "units[0].recordings[0].video", "lasts 540 seconds; “seconds” says 900")],
        id="wrong length",
    ),
    pytest.param(
        'provider = "specimen-institute"',
        'provider = "another-institute"',
        [("PKG052", "provider", "the key in provider.toml is “specimen-institute”")],
        id="two providers",
    ),
    pytest.param(
        'key = "unit-1"',
        'key = "unit-1"\nitems = []',
        [("PKG010", "units[0].items", "has no key “items” here")],
        id="a key that belongs elsewhere",
    ),
    pytest.param(
        "seconds = 540",
        "seconds = 540\ncues = []",
        [("PKG010", "units[0].recordings[0].cues", "follows from the rest")],
        id="what is derived is not written",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), ACTIVITY_CASES)
def test_a_wrong_line_is_told_with_its_key_and_number(tmp_path, before, after, expected):
    changed = edited(ACTIVITY, before, after)
    found = problems_of(a_package(tmp_path, activity_toml=changed))
    assert [(one.code, one.key) for one in found] == sorted(
        ((code, key) for code, key, _words in expected), key=lambda pair: (pair[1] != "", pair[1])
    )
    for problem in found:
        (words,) = (words for code, key, words in expected if (code, key) == (problem.code, problem.key))
        assert words in problem.sentence
        assert problem.file == "activity.toml"
        if problem.key:
            last = problem.key.rpartition(".")[2].partition("[")[0]
            assert last in changed.splitlines()[problem.line - 1]


ITEM_CASES = [
    pytest.param(
        'key = "post-2"\nkind = "true_false"',
        'kind = "true_false"',
        [("PKG012", "items[2]"), ("PKG052", "units[0].post_test.items[1]")],
        id="item without a key",
    ),
    pytest.param(
        '{ key = "true", text = "True", is_key = true }',
        '{ key = "true", text = "True" }',
        [("PKG051", "items[2].options")],
        id="item without a right answer",
    ),
    pytest.param(
        '{ key = "false", text = "False" }',
        '{ key = "false", text = "False", is_key = true }',
        [("PKG051", "items[2].options")],
        id="two right answers where one is taken",
    ),
    pytest.param(
        'key = "post-2"',
        'key = "post-1"',
        [("PKG050", "items[2].key"), ("PKG052", "units[0].post_test.items[1]")],
        id="two items with one key",
    ),
    pytest.param(
        'twin = "post-1"',
        'twin = "post-7"',
        [("PKG052", "items[0].twin")],
        id="twin of nothing",
    ),
    pytest.param(
        'references = ["ref-1"]',
        'references = ["ref-2"]',
        [("PKG052", "items[1].references[0]")],
        id="unknown reference",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), ITEM_CASES)
def test_a_wrong_item_is_told(tmp_path, before, after, expected):
    found = problems_of(a_package(tmp_path, items_toml=edited(ITEMS, before, after)))
    assert sorted((one.code, one.key) for one in found) == expected


FILE_CASES = [
    pytest.param("media/talk.mp4", b"", "PKG033", id="an empty video"),
    pytest.param("media/talk.mp4", b"This is a text.", "PKG033", id="a video that is a text"),
    pytest.param("media/talk.mp4", an_mp4()[:90], "PKG033", id="a video that is cut off"),
    pytest.param("media/talk.mp4", an_mp4(handler=b"soun"), "PKG033", id="a video without a picture"),
    pytest.param("media/talk.mp4", a_picture(), "PKG033", id="a video that is a picture"),
    pytest.param("captions/talk.vtt", b"1\n00:00:01,000 --> 00:00:02,000\nHi\n", "PKG034", id="SubRip"),
    pytest.param("captions/talk.vtt", b"WEBVTT\n\n00:05.000 -> 00:06.000\nHi\n", "PKG034", id="wrong arrow"),
    pytest.param("captions/talk.vtt", b"WEBVTT\n\n00:09.000 --> 00:06.000\nHi\n", "PKG034", id="backwards"),
    pytest.param("captions/talk.vtt", b"WEBVTT\n", "PKG034", id="no captions"),
    pytest.param("captions/talk.vtt", b"WEBVTT\n\n00:01.000 --> 00:06.000\n\xff\n", "PKG034", id="Latin-1"),
    pytest.param("captions/talk.vtt", a_webvtt(seconds=2000), "PKG035", id="captions of another talk"),
    pytest.param("pictures/imogen.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PKG031", id="SVG"),
    pytest.param("pictures/imogen.png", a_picture()[:40], "PKG030", id="half a picture"),
    pytest.param("pictures/imogen.png", b"GIF89a", "PKG030", id="the beginning of a picture"),
    pytest.param("abstract.md", b"bell \x07", "PKG014", id="a control character"),
    pytest.param("abstract.md", "turned \u202egninaem".encode(), "PKG014", id="letters turned around"),
    pytest.param("abstract.md", b"caf\xe9", "PKG005", id="Latin-1 text"),
    pytest.param("abstract.md", b"<iframe src='https://x.example'></iframe>", "PKG040", id="an iframe"),
    pytest.param("abstract.md", b"![a picture](x.png)", "PKG040", id="a picture in the text"),
]


@pytest.mark.parametrize(("name", "content", "code"), FILE_CASES)
def test_a_wrong_file_is_told_where_it_is_named(tmp_path, name, content, code):
    (problem,) = problems_of(with_file(a_package(tmp_path), name, content))
    assert problem.code == code
    assert problem.file == "activity.toml"
    assert name in ACTIVITY.splitlines()[problem.line - 1]


def test_a_picture_that_unpacks_beyond_measure_is_never_decoded(tmp_path):
    bomb = a_picture(size=(12_000, 12_000), color="white")
    assert len(bomb) < 1_000_000
    (problem,) = problems_of(with_file(a_package(tmp_path), "pictures/imogen.png", bomb))
    assert problem.code == "PKG032"


def test_fifty_megabytes_of_toml_are_not_read(tmp_path):
    huge = 'title = "' + "x" * (50 * 1024 * 1024) + '"\n'
    found = problems_of(a_package(tmp_path, activity_toml=huge))
    assert [(one.code, one.file) for one in found] == [("PKG004", "activity.toml")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('schema = 1\ntitle = "open\n', 2, id="open quote"),
        pytest.param("schema = 1\n\n= 5\n", 3, id="no key"),
        pytest.param("schema = " + "9" * 5000 + "\n", None, id="a number without end"),
        pytest.param("schema = 1\nschema = 2\n", 2, id="the same key twice"),
        pytest.param('schema = 1\ntitle = """open\n\n', 4, id="open to the end"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path, text, line):
    (problem,) = problems_of(a_package(tmp_path, activity_toml=text))
    assert (problem.code, problem.file, problem.line) == ("PKG003", "activity.toml", line)


def test_deep_nesting_is_no_toml(tmp_path):
    (problem,) = problems_of(a_package(tmp_path, activity_toml="a = " + "[" * 100_000))
    assert problem.code == "PKG003"


@pytest.mark.parametrize("name", ["activity.toml", "provider.toml"])
def test_a_file_that_must_be_there(tmp_path, name):
    assert ("PKG002", name) in [
        (one.code, one.file) for one in problems_of(a_package(tmp_path, without=(name,)))
    ]


def test_no_folder_and_a_file_are_no_packages(tmp_path):
    assert [one.code for one in problems_of(tmp_path / "nowhere")] == ["PKG001"]
    (tmp_path / "activity.zip").write_bytes(b"PK")
    assert [one.code for one in problems_of(tmp_path / "activity.zip")] == ["PKG001"]


def test_symbolic_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text("not yours")
    folder = a_package(tmp_path / "package", without=("abstract.md",))
    (folder / "abstract.md").symlink_to(secret)
    (folder / "elsewhere").symlink_to(tmp_path)
    found = [(one.code, one.file) for one in problems_of(folder)]
    assert found == [("PKG021", "abstract.md"), ("PKG021", "elsewhere")]


def test_a_link_to_a_package_is_not_followed(tmp_path):
    a_package(tmp_path / "package")
    (tmp_path / "link").symlink_to(tmp_path / "package")
    assert [one.code for one in problems_of(tmp_path / "link")] == ["PKG001"]


def test_a_pipe_is_no_file(tmp_path):
    folder = a_package(tmp_path, without=("media/talk.mp4",))
    (folder / "media").mkdir()
    os.mkfifo(folder / "media" / "talk.mp4")
    assert [one.code for one in problems_of(folder)] == ["PKG022"]


def test_a_name_that_is_no_text_is_told(tmp_path):
    folder = a_package(tmp_path)
    (folder / os.fsdecode(b"caf\xe9.md")).write_text("x")
    assert [(one.code, one.file) for one in problems_of(folder)] == [("PKG005", "caf?.md")]


def test_folders_without_end_are_not_walked(tmp_path):
    folder = a_package(tmp_path)
    (folder / "/".join(["deep"] * 60)).mkdir(parents=True)
    assert [one.code for one in problems_of(folder)] == ["PKG004"]


def test_files_without_end_are_not_counted(tmp_path):
    folder = a_package(tmp_path)
    for number in range(5001):
        (folder / f"{number}.txt").touch()
    assert [one.code for one in problems_of(folder)].count("PKG004") == 1


def test_what_version_control_leaves_behind_is_not_looked_at(tmp_path):
    folder = with_file(a_package(tmp_path), ".git/config", "x")
    assert read_package(folder).notes == ()


def test_a_file_that_nothing_names_is_a_note(tmp_path):
    package = read_package(with_file(a_package(tmp_path), "pictures/old.png", a_picture()))
    assert [(one.code, one.file, one.stops_import) for one in package.notes] == [
        ("PKG023", "pictures/old.png", False)
    ]


def test_two_files_of_one_name_are_told_apart(tmp_path):
    folder = a_package(
        tmp_path,
        activity_toml=edited(
            ACTIVITY,
            'display_type = "Webcast"',
            'display_type = "Webcast"\npicture = { file = "other/imogen.png", alternative_text = "" }',
        ),
    )
    with_file(folder, "other/imogen.png", a_picture(color="red"))
    (problem,) = problems_of(folder)
    assert (problem.code, problem.key) == ("PKG050", "people[0].photo.file")


def test_items_have_a_file_of_their_own(tmp_path):
    folder = a_package(
        tmp_path,
        activity_toml=ACTIVITY + "\n[[vignettes]]\nkey = 'v'\ntitle = 'Case'\ntext = 'x'\n",
        items_toml='title = "here?"\n' + ITEMS,
    )
    assert [(one.code, one.file, one.key) for one in problems_of(folder)] == [
        ("PKG010", "activity.toml", "vignettes"),
        ("PKG010", "items.toml", "title"),
    ]


def test_every_problem_is_told_at_once(tmp_path):
    activity = edited(ACTIVITY, 'title = "Listening first in chronic pain"', "title = 5")
    activity = edited(activity, "seconds = 540", 'seconds = "540"')
    activity = edited(activity, 'person = "imogen-sample"', 'person = "nobody"')
    items = edited(ITEMS, 'key = "post-2"', 'key = "post-1"')
    provider = edited(PROVIDER, 'standing = "demonstration"', 'standing = "splendid"')
    folder = a_package(tmp_path, activity_toml=activity, items_toml=items, provider_toml=provider)
    with_file(folder, "captions/talk.vtt", b"nothing")
    with_file(folder, "pictures/imogen.png", b"<svg/>")
    (folder / "link").symlink_to(tmp_path)
    assert [(one.code, one.file, one.key) for one in problems_of(folder)] == [
        ("PKG011", "activity.toml", "title"),
        ("PKG031", "activity.toml", "people[0].photo.file"),
        ("PKG052", "activity.toml", "disclosures[0].person"),
        ("PKG011", "activity.toml", "units[0].recordings[0].seconds"),
        ("PKG034", "activity.toml", "units[0].recordings[0].captions"),
        ("PKG052", "activity.toml", "units[0].post_test.items[1]"),
        ("PKG050", "items.toml", "items[2].key"),
        ("PKG021", "link", ""),
        ("PKG013", "provider.toml", "standing"),
    ]


def test_an_unknown_time_zone_is_told(tmp_path):
    folder = a_package(tmp_path, provider_toml='time_zone = "Mars/Olympus"\n' + PROVIDER)
    (problem,) = problems_of(folder)
    assert (problem.code, problem.file, problem.key) == ("PKG014", "provider.toml", "time_zone")


def test_the_page_of_the_provider_is_an_address(tmp_path):
    folder = a_package(tmp_path, provider_toml='web = "javascript:alert(1)"\n' + PROVIDER)
    (problem,) = problems_of(folder)
    assert (problem.code, problem.file, problem.key, problem.line) == ("PKG014", "provider.toml", "web", 1)


def test_signs_that_only_look_like_markup_are_taken(tmp_path):
    text = (
        "An HbA1c < 7 % or a < b > c; onset = 3 days; mail <me@example.org>, see <https://example.org> [1]."
    )
    document = read_package(with_file(a_package(tmp_path), "abstract.md", text)).made
    assert document.abstract == text


def test_captions_without_end_are_not_read(tmp_path):
    endless = b"WEBVTT\n\n" + b"x" * (3 * 1024 * 1024)
    (problem,) = problems_of(with_file(a_package(tmp_path), "captions/talk.vtt", endless))
    assert problem.code == "PKG004"


def test_a_broken_file_does_not_hide_the_others(tmp_path):
    wrong_items = edited(ITEMS, 'kind = "true_false"', 'kind = "essay"')
    wrong_activity = edited(ACTIVITY, "seconds = 540", 'seconds = "540"')
    first = a_package(tmp_path / "first", activity_toml="= 1\n", items_toml=wrong_items)
    assert [(one.code, one.file, one.key) for one in problems_of(first)] == [
        ("PKG003", "activity.toml", ""),
        ("PKG013", "items.toml", "items[2].kind"),
    ]
    second = a_package(tmp_path / "second", activity_toml=wrong_activity, items_toml="= 1\n")
    assert [(one.code, one.file, one.key) for one in problems_of(second)] == [
        ("PKG011", "activity.toml", "units[0].recordings[0].seconds"),
        ("PKG003", "items.toml", ""),
    ]


def test_a_broken_main_file_does_not_hide_the_provider(tmp_path):
    provider = edited(PROVIDER, 'standing = "demonstration"', "standing = 1")
    folder = a_package(tmp_path, activity_toml="= 1\n", provider_toml=provider)
    assert [(one.code, one.file) for one in problems_of(folder)] == [
        ("PKG003", "activity.toml"),
        ("PKG011", "provider.toml"),
    ]
