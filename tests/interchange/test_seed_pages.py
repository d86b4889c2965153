"""The two pages that started the project: each fact has a field, a way in, and a place on the preview.

The packages here have the facts of those pages in words of our own, with invented people and
organizations. The last tests take the pages themselves, word for word, where they are at hand.
"""

import html
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse
from tests.factories.media import a_picture

from opencme.activities import document as d
from opencme.activities.choices import FeeKind, ItemKind, Role, StatementKind
from opencme.interchange.operations import import_package
from opencme.interchange.package.read import read_package
from opencme.interchange.package.write import write_package
from opencme.interchange.queries import check_alone
from opencme.people.operations import create_confirmed_account
from opencme.providers.choices import Standing
from opencme.providers.record import AccreditationRecord, ProviderRecord

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PACKAGES = Path(__file__).parent / "packages"
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

# One line for each fact of a page: what it is, and how it reads on the preview.
WEBINAR_FACTS = {
    "display type and fee": "Free webinar of the Example Academy, free",
    "title": "Changing the frame: from broken parts to whole people in long-lasting pain",
    "access": "Watch the free recording of a webinar that was eligible for credit.",
    "log-in and pre-test": "You need to log in and to complete a pre-test before the recording opens.",
    "original presentation": "22 Aug 2017",
    "abstract, first part": "Seen whole, chronic pain is a moving interplay",
    "abstract, last part": "by patients and by those who treat them.",
    "label of the objectives": "Learning objectives",
    "lead-in of the objectives": "Having taken part, you will be better able to:",
    "an objective": "Describe how body, mind and circumstances act on one another",
    "another objective": "Name two or more ways to talk with patients",
    "faculty with letters": "Wilhelmina R. Sample, PhD, LP, ABPP",
    "first position": "Section of Dependence, Grafts and Pain, Department of Behavioral Science, Example",
    "second position": "Assistant Professor, Example Clinic College of Medicine, Sampletown, Minnesota",
    "biography": "is board certified in clinical health psychology",
    "continuing education": "register, take the pre-test, attend and take part",
    "accreditation": "is accredited by the Accreditation Council for Continuing Medical Education",
    "designation": "designates this live activity for a maximum of 1.0 AMA PRA Category 1 Credit(s)™",
    "series": "More about the 2017 series of webinars",
}
WEBCAST_FACTS = {
    "fee": "Free online CME",
    "title": "Mind and behavior in pain care that spares opioids",
    "description, first part": "Take part in a series that shows how physical and mental health act together",
    "description, last part": "the care of opioid use disorder, naloxone, and referral.",
    "label of the webcasts": "Webcasts",
    "webcast": "The whole plan in one webcast",
    "first of the faculty": "Amal Example, MD",
    "last of the faculty": "Inés Ejemplo, MD",
    "release": "30 Oct 2025",
    "expiration": "31 Oct 2026",
    "estimated time": "Estimated time 2 h",
    "type": "Webcast",
    "technical requirements": "Technical requirements None",
    "specialty": "Family medicine, Internal medicine, Psychology/Psychiatry",
    "label of the objectives": "Series learning objectives",
    "first objective": "Describe what pain is and how it arises",
    "last objective": "Describe the use of naloxone and why it should be at hand",
    "audience": "who are registered to prescribe opioid analgesics",
    "produced by": "Produced by Example Hospital; The Sample Foundation",
}
CASES = [
    pytest.param("webinar-recording", WEBINAR_FACTS, id="recording of a webinar"),
    pytest.param("webcast-series", WEBCAST_FACTS, id="series with a webcast"),
]


@pytest.fixture
def operator(client, db):
    account = create_confirmed_account(
        address="office@specimen.example", name="Office", password=None, at=AT, is_operator=True
    )
    client.force_login(account)
    return account


def preview_of(folder, client):
    """The preview of a package as HTML."""
    imported = import_package(root=folder, at=AT, imported_by=None, door="cli", may_create_provider=True)
    response = client.get(reverse("preview", args=[imported.draft.uuid]))
    assert response.status_code == 200
    return response.content.decode()


def words_of(page):
    """The words of a page, as somebody reads them."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page.partition("<body")[2], flags=re.DOTALL)
    body = re.sub(r"</?(em|strong|b|i|sup|sub)>", "", body)
    plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
    return re.sub(r"\s+([,.;:)])", r"\1", plain)


@pytest.mark.parametrize(("name", "facts"), CASES)
def test_what_the_page_lacks_is_found(name, facts):
    package = read_package(PACKAGES / name / "package")
    checked = check_alone(package, at=AT)
    expected = json.loads((PACKAGES / name / "expected_findings.json").read_text(encoding="utf-8"))
    found = [
        {"code": reason.code, "severity": reason.severity.value, "key": reason.place}
        for reason in checked.findings
    ]
    assert checked.problems == ()
    assert found == expected


@pytest.mark.parametrize(("name", "facts"), CASES)
def test_every_fact_stands_on_the_preview(name, facts, client, operator):
    words = words_of(preview_of(PACKAGES / name / "package", client))
    assert {fact for fact, text in facts.items() if text not in words} == set()


@pytest.mark.parametrize(
    ("name", "alternative_text"),
    [
        ("webinar-recording", "Wilhelmina R. Sample, PhD, LP, ABPP"),
        ("webcast-series", "Title slide of the webcast"),
    ],
)
def test_the_picture_stands_on_the_preview(name, alternative_text, client, operator):
    assert f'alt="{alternative_text}"' in preview_of(PACKAGES / name / "package", client)


@pytest.mark.parametrize(("name", "facts"), CASES)
def test_a_preview_offers_no_start(name, facts, client, operator):
    page = preview_of(PACKAGES / name / "package", client)
    assert "/start/" not in page
    assert "noindex" in page
    assert "not published" in words_of(page)


# The pages themselves.

needs_the_pages = pytest.mark.skipif(not SEEDS.is_dir(), reason="the pages are not at hand (../shared/seeds)")
PROVIDER = ProviderRecord(
    key="academy",
    name="The American Academy of Pain Medicine",
    standing=Standing.ACCREDITED,
    accreditations=(AccreditationRecord(accreditor="accme", credit_types=("ama-pra-category-1",)),),
)


def page_of(start):
    """The lines of the page that begins with these words, without empty ones."""
    (text,) = (
        text
        for path in sorted(SEEDS.glob("*.txt"))
        if (text := path.read_text(encoding="utf-8")).startswith(start)
    )
    return [line.strip() for line in text.splitlines() if line.strip()]


def after(lines, label):
    """The rest of the line that begins with this label."""
    (line,) = (line for line in lines if line.startswith(label))
    return line.removeprefix(label).strip()


def between(lines, first, last):
    return lines[lines.index(first) + 1 : lines.index(last)]


def day(words):
    return datetime.strptime(words, "%B %d, %Y").date()  # noqa: DTZ007


def shown(on: date):
    return f"{on.day} {on:%b %Y}"


def webinar_of(lines):
    name, _comma, letters = next(line for line in lines if "PhD" in line).partition(", ")
    letters = letters.partition(f" {name}")[0]
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{name}, {letters} {name}"))
    biography = next(line for line in lines[at + 1 :] if line.startswith(name))
    posts = " ".join(lines[at + 1 : lines.index(biography)]).split(" Assistant Professor, ")
    objectives = [re.sub(r"^\d+\.\s*", "", line) for line in lines if re.match(r"\d+\. ", line)]
    statements = [
        (StatementKind.OTHER, "Continuing Education", None, None),
        (StatementKind.ACCREDITATION, "Accreditation", "accme", None),
        (StatementKind.DESIGNATION, "Credit Designation", None, "ama-pra-category-1"),
    ]
    return d.ActivityDocument(
        uuid=UUID("3b0d7c52-7a53-4a55-9d2e-6f1f3a7a3001"),
        title=lines[1],
        provider=PROVIDER.key,
        display_type=lines[0].rstrip(":"),
        promise=lines[2],
        requirements_note=lines[3],
        abstract=lines[5],
        dates=d.Dates(originally_presented_on=day(after(lines, "Original Presentation Date:"))),
        objectives_label=lines[6].rstrip(":"),
        objectives_lead_in=lines[7],
        objectives=tuple(d.Objective(key=f"o{n}", text=text) for n, text in enumerate(objectives)),
        people=(
            d.PersonInRole(
                key="speaker",
                name=name,
                letters=letters,
                roles=(Role.FACULTY,),
                positions=(
                    d.Position(institution=posts[0]),
                    d.Position(title="Assistant Professor", institution=posts[1]),
                ),
                biography=biography,
                photo=a_photo(f"{name}, {letters}"),
            ),
        ),
        statements=tuple(
            d.Statement(
                kind=kind,
                label=label,
                accreditor=accreditor,
                credit_type=credit_type,
                text=after(lines, f"{label}:"),
            )
            for kind, label, accreditor, credit_type in statements
        ),
        units=(d.Unit(key="webinar", pre_test=d.PreTest(key="pre-test", items=("q1",), minutes=5)),),
        items=(
            d.Item(
                key="q1",
                kind=ItemKind.SINGLE,
                stem="?",
                options=(d.Option(key="a", text="1", is_key=True), d.Option(key="b", text="2")),
            ),
        ),
        links=(d.Link(label=after(lines, "Learn more"), address="https://academy.example/series"),),
    )


def webcast_of(lines):
    faculty = [person.rpartition(", ") for person in after(lines, "Faculty:").split("; ")]
    hours = int(after(lines, "Estimated Time:").split()[0])
    objectives = [line.lstrip("• ") for line in lines if line.startswith("•")]
    produced_by = re.search(r"produced by (?:the )?(.+?) and (.+?)\.$", lines[-1])
    return d.ActivityDocument(
        uuid=UUID("3b0d7c52-7a53-4a55-9d2e-6f1f3a7a3002"),
        title=lines[1],
        provider=PROVIDER.key,
        display_type=after(lines, "Type:"),
        fee=d.Fee(kind=FeeKind.FREE, note=lines[0]),
        abstract=lines[lines.index("Description") + 1],
        dates=d.Dates(
            original_release=day(after(lines, "Release date:")),
            complete_until=day(after(lines, "Expiration date:")),
        ),
        technical_requirements=after(lines, "Technical Requirements:"),
        specialties=tuple(after(lines, "Specialty:").split(", ")),
        objectives_label="Series Learning Objectives",
        objectives=tuple(d.Objective(key=f"o{n}", text=text) for n, text in enumerate(objectives)),
        audience=d.Audience(sentence=lines[lines.index("Target Audience") + 1]),
        produced_by=produced_by.groups(),
        people=tuple(
            d.PersonInRole(key=f"p{n}", name=name, letters=letters, roles=(Role.FACULTY,))
            for n, (name, _comma, letters) in enumerate(faculty)
        ),
        units_label="Webcasts",
        units=(
            d.Unit(
                key="webcast",
                title=lines[lines.index("thumb") + 1],
                thumbnail=a_photo("thumb"),
                recordings=(d.Recording(key="recording", minutes=hours * 60, seconds=hours * 3600),),
            ),
        ),
    )


def a_photo(alternative_text):
    content = a_picture()
    file = d.MediaRef(sha256="0" * 64, media_type="image/png", length=len(content), name="photo.png")
    return d.Picture(file=file, alternative_text=alternative_text)


def package_of(document, folder):
    import io

    write_package(
        made=document, provider=PROVIDER, folder=folder, open_media=lambda _file: io.BytesIO(a_picture())
    )
    return folder


@pytest.mark.shared
@needs_the_pages
def test_the_webinar_word_for_word(tmp_path, client, operator):
    lines = page_of("PCSS/AAPM")[:-1]  # the last line is the buttons for sharing, which a draft has not
    document = webinar_of(lines)
    words = words_of(preview_of(package_of(document, tmp_path / "package"), client))
    speaker = document.people[0]
    read_elsewhere = {
        lines[4]: shown(document.dates.originally_presented_on),
        **{
            line: line.partition(": ")[2]
            for line in lines
            if line.startswith(("Continuing", "Accr", "Credit D"))
        },
        **{line: re.sub(r"^\d+\.\s*", "", line) for line in lines if re.match(r"\d+\. ", line)},
        f"{speaker.full_name} {speaker.full_name}": speaker.full_name,
        "Assistant Professor,": "Assistant Professor, Mayo",
        next(line for line in lines if line.startswith("Learn more")): document.links[0].label,
    }
    missing = [line for line in lines if read_elsewhere.get(line, line).rstrip(":") not in words]
    assert missing == []


@pytest.mark.shared
@needs_the_pages
def test_the_webcast_word_for_word(tmp_path, client, operator):
    lines = page_of("Free Online CME")
    document = webcast_of(lines)
    page = preview_of(package_of(document, tmp_path / "package"), client)
    words = words_of(page)
    read_elsewhere = {
        "Description": "Abstract",
        "thumb": "",
        after_label(lines, "Faculty:"): document.people[0].full_name,
        after_label(lines, "Release date:"): shown(document.dates.original_release),
        after_label(lines, "Expiration date:"): shown(document.dates.complete_until),
        after_label(lines, "Estimated Time:"): "Estimated time 2 h",
        after_label(lines, "Type:"): "Webcast",
        after_label(lines, "Technical Requirements:"): "Technical requirements None",
        after_label(lines, "Specialty:"): ", ".join(document.specialties),
        "Target Audience": "Audience",
        lines[-1]: f"Produced by {'; '.join(document.produced_by)}",
        **{line: line.lstrip("• ") for line in lines if line.startswith("•")},
    }
    missing = [line for line in lines if read_elsewhere.get(line, line) not in words]
    assert missing == []
    assert all(person.full_name in words for person in document.people)
    assert 'alt="thumb"' in page


def after_label(lines, label):
    """The whole line that begins with this label."""
    return next(line for line in lines if line.startswith(label))
