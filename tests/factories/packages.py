"""Packages on disk, in one call: a good one, and changes to its files."""

from pathlib import Path

from tests.factories.media import a_picture, a_webvtt, an_mp4

PROVIDER = """\
key = "specimen-institute"
name = "Specimen Institute for Medical Learning"
standing = "demonstration"
privacy_address = "https://specimen.example/privacy"

[[accreditations]]
accreditor = "specimen-board"
credit_types = ["specimen-category-1"]
"""

ACTIVITY = """\
schema = 1
uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b01"
title = "Listening first in chronic pain"
provider = "specimen-institute"
display_type = "Webcast"
promise = "Half an hour on the first three minutes."
abstract = { file = "abstract.md" }
medium = "Internet: recorded talk and text"
method_of_participation = "Take the pre-test, watch or read, pass the post-test, evaluate, claim."
technical_requirements = "None"
disclosure_statement = \"""
Nobody in control of this content has a relevant financial relationship with an ineligible \
company in the past 24 months: Imogen Sample, MD (faculty).\"""
off_label_statement = "Off-label use is not discussed."

[dates]
original_release = 2026-01-12
last_review = 2026-11-16
complete_until = 2027-11-21

[fee]
kind = "free"

[audience]
sentence = "Clinicians who see adults in pain."
professions = ["physician", "nurse"]

[support]
kind = "none"
statement = "No commercial support was asked for or received."

[contact]
content = "education@specimen.example"
technical = "help@specimen.example"
privacy_address = "https://specimen.example/privacy"

[[objectives]]
key = "o1"
text = "open a conversation so that a patient feels believed"

[[people]]
key = "imogen-sample"
name = "Imogen Sample"
letters = "MD"
roles = ["faculty"]
photo = { file = "pictures/imogen.png", alternative_text = "Imogen Sample at her desk" }

[[disclosures]]
person = "imogen-sample"
answer = "none"
disclosed_on = 2025-10-01

[[statements]]
kind = "accreditation"
accreditor = "specimen-board"
text = "Specimen Institute for Medical Learning is accredited by the Specimen Accreditation Board for \
continuing medical education."

[[statements]]
kind = "designation"
credit_type = "specimen-category-1"
text = "Specimen Institute for Medical Learning designates this enduring material for at most 0.5 Specimen \
Category 1 Credit. Physicians claim only what matches the part they took."

[[designations]]
uuid = "0f4f6f0e-6a53-4bb4-9d1c-2f9d5f0c1b02"
credit_type = "specimen-category-1"
maximum = 0.5

[[units]]
key = "unit-1"

[units.pre_test]
key = "pre-test"
items = ["pre-1"]
minutes = 5

[[units.recordings]]
key = "recording"
minutes = 9
seconds = 540
video = "media/talk.mp4"
captions = "captions/talk.vtt"

[[units.readings]]
key = "reading"
minutes = 6
text = "A page to read."

[units.post_test]
key = "post-test"
items = ["post-1", "post-2"]
minutes = 10
pass_mark = 2

[[evaluation.questions]]
key = "met-o1"
kind = "rating"
text = "I can open such a conversation."
objective = "o1"

[[references]]
key = "ref-1"
text = "Chronic pain among adults, 2023. NCHS Data Brief 518."
"""

ITEMS = """\
[[items]]
key = "pre-1"
kind = "single"
stem = "What does a normal scan mean?"
twin = "post-1"
options = [
  { key = "a", text = "Nothing hurts" },
  { key = "b", text = "Pain has more than one source", is_key = true },
]

[[items]]
key = "post-1"
kind = "single"
stem = "A normal scan and pain: what now?"
objectives = ["o1"]
rationale = "Pain is shaped by more than tissue."
references = ["ref-1"]
options = [
  { key = "a", text = "Explain that nothing is wrong" },
  { key = "b", text = "Ask about sleep, mood and work", is_key = true },
]

[[items]]
key = "post-2"
kind = "true_false"
stem = "A patient's report is to be respected."
objectives = ["o1"]
options = [
  { key = "true", text = "True", is_key = true },
  { key = "false", text = "False" },
]
"""


def a_package(folder: Path, *, without: tuple[str, ...] = (), **files: bytes | str) -> Path:
    """Write a package that nothing stands against.

    Keyword arguments replace a file: `items_toml` is `items.toml`. For others use `with_file`.
    """
    contents: dict[str, bytes | str] = {
        "activity.toml": ACTIVITY,
        "provider.toml": PROVIDER,
        "items.toml": ITEMS,
        "abstract.md": "What to say first,\n\nand what to plan next.\n",
        "media/talk.mp4": an_mp4(),
        "captions/talk.vtt": a_webvtt(),
        "pictures/imogen.png": a_picture(),
    }
    contents |= {name.replace("_", ".", 1): content for name, content in files.items()}
    for name, content in contents.items():
        if name not in without:
            with_file(folder, name, content)
    return folder


def with_file(folder: Path, name: str, content: bytes | str) -> Path:
    """Write one file of a package."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def edited(text: str, before: str, after: str) -> str:
    """The text with one place changed; fails when the place is not there or not alone."""
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
    return text.replace(before, after)
