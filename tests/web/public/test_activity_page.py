"""The public page of an activity: every fact, each state, few queries, no key."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from tests.factories.credit import certified
from tests.factories.documents import (
    a_designation,
    a_document,
    a_document_of_three_units,
    a_recording,
    a_recording_without_certification,
    a_unit,
)
from tests.factories.learning import a_learner, evaluated, passed, started, submitted
from tests.factories.pages import AT, another, offered

from opencme.activities.choices import (
    FeeKind,
    Listing,
    Providership,
    Role,
    StatementKind,
    SupportForm,
    SupportKind,
)
from opencme.activities.document import (
    Audience,
    CommercialSupport,
    Contact,
    Dates,
    Fee,
    Link,
    PersonInRole,
    Position,
    RelatedTag,
    Statement,
    SupportSource,
)
from opencme.activities.operations import set_successor, withdraw_activity

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def address(activity):
    return reverse("activity", args=[activity.uuid, activity.slug])


def text_of(client, activity, query=""):
    page = client.get(address(activity) + query)
    assert page.status_code == 200
    return page.content.decode()


def words_of(html):
    """The visible words, without tags and doubled spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def action_of(html):
    found = re.search(
        r'activity__action[^>]*><a class="button button--primary" href="([^"]+)">([^<]+)</a>', html
    )
    return found.groups() if found else None


RICH = a_document(
    title="Everything that a page can say",
    promise="One sentence.",
    announcement="Access a free recording.",
    abstract="First paragraph of the abstract.\n\nSecond paragraph of the abstract.",
    providership=Providership.JOINT,
    joint_providers=("Example Society",),
    co_providers=("Example University",),
    produced_by=("Example Studio",),
    specialties=("Family medicine", "Internal medicine"),
    topics=("Chronic pain",),
    related_to=(
        RelatedTag(
            key="opioids", label="opioid education", sections=("Naloxone",), note="Not a REMS activity."
        ),
    ),
    medium="Internet",
    method_of_participation="Watch or read.",
    requirements_note="The certificate follows the evaluation.",
    technical_requirements="",
    objectives_label="Series Learning Objectives",
    objectives_lead_in="Afterwards you will be better able to:",
    audience=Audience(sentence="Directed to physicians and nurses.", professions=("physician", "nurse")),
    fee=Fee(kind=FeeKind.FREE, note="Paid by the provider"),
    people=(
        PersonInRole(
            key="jean",
            name="Jean Example",
            letters="PhD, LP, ABPP",
            roles=(Role.FACULTY,),
            positions=(
                Position(title="Head", department="Department of Pain", institution="Example Clinic"),
                Position(
                    title="Assistant Professor", institution="Example School", place="Rochester, Minnesota"
                ),
            ),
            biography="Jean Example teaches.",
        ),
    ),
    disclosures=(),
    disclosure_statement="",
    support=CommercialSupport(
        kind=SupportKind.RECEIVED,
        sources=(SupportSource(name="Example Pharma", form=SupportForm.IN_KIND, nature="a room"),),
    ),
    statements=(
        Statement(kind=StatementKind.ACCREDITATION, label="Accreditation", text="Accredited by the *Board*."),
        Statement(kind=StatementKind.DESIGNATION, label="Credit Designation", text="Designated for 0.5."),
    ),
    dates=replace(
        a_document().dates, originally_presented_on=date(2017, 8, 22), originally_presented_as="live webinar"
    ),
    links=(Link(label="Learn more about the series", address="https://specimen.example/series"),),
    contact=Contact(content="office@specimen.example", technical="help@specimen.example"),
    copyright="© Example",
    disclaimer="For education alone.",
)

FACTS = (
    "Specimen Institute for Medical Learning",
    "Everything that a page can say",
    "Webcast, free",
    "One sentence.",
    "Access a free recording.",
    "First paragraph of the abstract.",
    "Second paragraph of the abstract.",
    "Example Society",
    "Example University",
    "Example Studio",
    "Family medicine, Internal medicine",
    "Chronic pain",
    "Related to opioid education: Naloxone.",
    "Not a REMS activity.",
    "Internet",
    "Watch or read.",
    "The certificate follows the evaluation.",
    "None.",
    "Series Learning Objectives",
    "Afterwards you will be better able to:",
    "open a conversation so that a patient feels believed",
    "Directed to physicians and nurses.",
    "Paid by the provider",
    "Jean Example, PhD, LP, ABPP",
    "Head, Department of Pain, Example Clinic",
    "Assistant Professor, Example School, Rochester, Minnesota",
    "Jean Example teaches.",
    "Disclosure not stated: Jean Example, PhD, LP, ABPP (faculty).",
    "Supported by: Example Pharma (a room).",
    "Accredited by the Board .",
    "Credit Designation",
    "22 Aug 2017 , live webinar",
    "22 Nov 2025",
    "16 Nov 2026",
    "21 Nov 2027 (ET)",
    "21 Dec 2027 (ET)",
    "30 min",
    "Enduring material",
    "2 questions, not graded",
    "4 questions, 3 of 4 passes, unlimited attempts",
    "30 min make 0.5 Specimen Category 1 Credit",
    "References (1)",
    "Learn more about the series",
    "office@specimen.example",
    "help@specimen.example",
    "© Example",
    "For education alone.",
    "Report bias, an error or a problem",
)


def test_every_fact_has_its_place(client):
    words = words_of(text_of(client, offered(RICH)))
    assert [fact for fact in FACTS if fact not in words] == []


def test_disclosures_support_and_statements_are_never_folded(client):
    html = text_of(client, offered(RICH))
    unfolded = re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)
    for words in ("Disclosure not stated", "Supported by: Example Pharma", "Designated for 0.5."):
        assert words in unfolded


def test_absent_facts_are_said_to_be_absent(client):
    bare = a_document(
        people=(),
        disclosures=(),
        disclosure_statement="",
        support=CommercialSupport(),
        statements=(),
        technical_requirements=None,
        objectives=(),
        audience=Audience(),
        off_label_statement="",
    )
    words = words_of(text_of(client, offered(bare)))
    for sentence in (
        "Faculty: not stated.",
        "Objectives: not stated.",
        "Disclosures: not stated.",
        "Commercial support: not stated.",
        "Accreditation and credit designation: not stated.",
    ):
        assert sentence in words


def test_no_key_and_no_rationale_reach_the_page(client):
    html = text_of(client, offered())
    assert "Rationale of" not in html
    assert "is_key" not in html
    assert "Second option of" not in html


def test_start_names_time_and_fee(client):
    activity = offered()
    assert action_of(text_of(client, activity)) == (
        reverse("start", args=[activity.uuid, activity.slug]),
        "Start · 30 min · free",
    )


def test_an_old_slug_leads_to_the_page(client):
    activity = offered()
    page = client.get(reverse("activity", args=[activity.uuid, "an-old-name"]))
    assert (page.status_code, page["Location"]) == (301, address(activity))


def test_an_unpublished_activity_has_no_page(client):
    from tests.factories.pages import a_draft

    draft = a_draft()
    assert client.get(address(draft.activity)).status_code == 404


def test_a_credit_phrase_keeps_its_emphasis_and_its_sign(client):
    real = a_document(designations=(a_designation(credit_type="ama-pra-category-1"),))
    html = text_of(client, offered(real))
    assert "<b>0.5</b> <em>AMA PRA Category 1 Credit</em>™" in html
    assert "30 min make 0.5 <em>AMA PRA Category 1 Credit</em>™" in html
    assert "0.5 <em>AMA PRA Category 1 Credit</em>™ asks for:" in html


def test_a_fee_is_named_with_its_currency(client):
    html = text_of(client, offered(a_document(fee=Fee(kind=FeeKind.AMOUNT, amount_minor=12550))))
    assert action_of(html)[1] == "Start · 30 min · USD 125.50"
    assert "Webcast, USD 125.50" in words_of(html)


# --- credit for you -----------------------------------------------------------------------------


def test_the_chosen_profession_is_remembered_in_a_plain_cookie(client):
    activity = offered()
    assert "<b>0.5</b> Specimen Category 1 Credit" in text_of(client, activity)
    chosen = client.get(address(activity) + "?profession=nurse")
    assert "Certificate of participation" in chosen.content.decode()
    assert chosen.cookies["opencme_profession"].value == "nurse"
    assert "Certificate of participation" in text_of(client, activity)


def test_an_unknown_profession_is_not_remembered(client):
    page = client.get(address(offered()) + "?profession=<script>")
    assert "opencme_profession" not in page.cookies
    assert "<script>alert" not in page.content.decode()


# --- states -------------------------------------------------------------------------------------


def ended(days):
    """Dates whose last day to start and pass was so many days ago, with thirty days more to claim."""
    last = date(2026, 11, 22) - timedelta(days=days)
    return Dates(
        original_release=date(2025, 1, 1),
        start_until=last,
        complete_until=last,
        evaluate_and_claim_until=last + timedelta(days=30),
    )


def test_expired_lately_one_may_still_claim(client):
    activity = offered(a_document(dates=ended(22)))
    html = text_of(client, activity)
    assert action_of(html) is None
    assert "Not certified after 31 Oct 2026 (ET)." in words_of(html).replace(" .", ".")
    assert "Passed in time? Claim until 30 Nov 2026 (ET)" in words_of(html)
    assert "How credit was earned" in html


def test_expired_long_ago_nothing_can_be_claimed(client):
    html = text_of(client, offered(a_document(dates=ended(100))))
    assert "Claim until" not in html
    assert "Your certificates" in html


def test_starts_ended_while_others_may_still_pass(client):
    dates = replace(ended(10), complete_until=date(2026, 12, 5))
    html = text_of(client, offered(a_document(dates=dates)))
    assert action_of(html) is None
    assert "Started in time? Pass until 5 Dec 2026 (ET)" in words_of(html)


def test_the_successor_is_named(client):
    old, new = offered(a_document(dates=ended(22))), offered(another(7, title="The newer one"))
    set_successor(activity=old, successor=new, set_by=None, door="test", at=AT)
    assert f'href="{address(new)}">The newer one</a>' in text_of(client, old)


@pytest.mark.parametrize(
    ("now", "is_offered"),
    [(datetime(2026, 11, 1, 3, 59, tzinfo=UTC), True), (datetime(2026, 11, 1, 4, 1, tzinfo=UTC), False)],
)
def test_the_last_day_ends_at_midnight_in_the_providers_zone(client, time_machine, now, is_offered):
    activity = offered(a_document(dates=ended(22)))
    time_machine.move_to(now)
    assert (action_of(text_of(client, activity)) is not None) is is_offered


def test_withdrawn_says_so_with_its_reason(client):
    activity = offered()
    withdraw_activity(activity=activity, reason="A source was retracted.", withdrawn_by=None, door="t", at=AT)
    html = text_of(client, activity)
    assert action_of(html) is None
    assert "Withdrawn by the provider." in html
    assert "A source was retracted." in html


def test_the_day_of_a_withdrawal_is_the_day_where_the_provider_is(client):
    activity = offered()
    night = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    withdraw_activity(activity=activity, reason="Retracted.", withdrawn_by=None, door="t", at=night)
    assert "Since 21 Nov 2026 nobody can start" in words_of(text_of(client, activity))


def test_a_recording_without_certification_says_what_it_is(client):
    html = text_of(client, offered(a_recording_without_certification()))
    assert "A recording without certification." in html
    assert "designated the live activity" in html
    assert "It does not apply to this page" in html
    label = action_of(html)[1]
    assert label == "Start · 20 min · free"
    assert "Claim" not in words_of(html).replace("no claim", "")


def test_unlisted_is_open_by_link_and_kept_from_search_engines(client):
    assert '<meta name="robots" content="noindex">' in text_of(
        client, offered(a_document(listing=Listing.UNLISTED))
    )
    assert 'content="noindex"' not in text_of(client, offered(another(1)))


def test_units_are_rows_with_their_share(client):
    words = words_of(text_of(client, offered(a_document_of_three_units(units_label="Three webcasts"))))
    assert "Three webcasts" in words
    assert "Webcast 2 15 min 0.25 Specimen Category 1 Credit" in words


# --- the one button -----------------------------------------------------------------------------


def on_the_way(client, document=None):
    activity = offered(document)
    learner = a_learner()
    participation = started(activity, learner)
    client.force_login(learner)
    return activity, participation


def test_started_it_says_continue(client):
    activity, participation = on_the_way(client)
    assert action_of(text_of(client, activity)) == (
        reverse("path", args=[participation.uuid]),
        "Continue: pre-test",
    )


def test_the_day_of_the_start_is_the_day_where_the_provider_is(client):
    activity = offered()
    learner = a_learner()
    started(activity, learner, at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    client.force_login(learner)
    assert "Started on 22 Nov 2026." in words_of(text_of(client, activity))


def test_after_the_pre_test_it_says_what_is_left_of_the_recording(client):
    demanding = a_unit(recordings=(a_recording(demanded_percent=50),))
    activity, participation = on_the_way(client, a_document(units=(demanding,)))
    submitted(participation, "pre-test")
    assert action_of(text_of(client, activity))[1] == "Continue: recording, 4:30 left"


def test_passed_it_leads_to_the_evaluation(client):
    activity, participation = on_the_way(client)
    submitted(participation, "pre-test")
    submitted(participation, "post-test")
    assert action_of(text_of(client, activity))[1] == "Continue: evaluation"


def test_evaluated_it_says_claim_and_how_much(client):
    activity, participation = on_the_way(client)
    evaluated(passed(participation))
    assert action_of(text_of(client, activity)) == (
        reverse("claim", args=[participation.uuid]),
        "Claim 0.5 Specimen Category 1 Credit",
    )


def test_claimed_it_shows_the_certificate(client):
    activity, participation = on_the_way(client)
    certificate = certified(evaluated(passed(participation)))
    assert action_of(text_of(client, activity)) == (
        reverse("certificate", args=[certificate.uuid]),
        "View certificate",
    )


def test_expired_lately_one_who_passed_still_gets_to_the_claim(client, time_machine):
    activity, participation = on_the_way(client)
    evaluated(passed(participation))
    time_machine.move_to(datetime(2027, 12, 1, 15, tzinfo=UTC))
    client.force_login(participation.learner)
    html = text_of(client, activity)
    assert action_of(html)[1] == "Claim 0.5 Specimen Category 1 Credit"
    assert "Not certified after" in html


def test_with_no_attempts_left_it_leads_to_what_now(client):
    once = a_unit(post_test=replace(a_unit().post_test, attempts=1), recordings=(), readings=())
    activity, participation = on_the_way(client, a_document(units=(once,)))
    submitted(participation, "pre-test")
    submitted(participation, "post-test", wrong=4)
    assert action_of(text_of(client, activity)) == (
        reverse("path", args=[participation.uuid]),
        "See where you are",
    )


def test_units_show_where_one_stands(client):
    activity, participation = on_the_way(client, a_document_of_three_units())
    submitted(participation, "post-test-1")
    html = text_of(client, activity)
    words = words_of(html)
    assert "Passed, 2 of 2" in words
    assert "Webcast 1: passed on 22 Nov 2026." in words
    assert action_of(html)[1] == "Continue: Webcast 2, 15 min"
    assert reverse("step", args=[participation.uuid, "recording-2"]) in html


def test_on_an_older_version_the_page_says_that_it_counts(client):
    activity, _participation = on_the_way(client)
    offered(a_document(title="Revised"), at=AT + timedelta(days=1))
    html = text_of(client, activity.__class__.objects.get(pk=activity.pk))
    assert "You are on the version of 22 Nov 2026" in words_of(html)
    assert action_of(html)[1] == "Continue: pre-test"


# --- for machines -------------------------------------------------------------------------------


def test_linked_data_open_graph_and_canonical(client):
    activity = offered(RICH)
    html = text_of(client, activity, "?profession=nurse&utm_source=mail")
    full = f"http://testserver{address(activity)}"
    assert f'<link rel="canonical" href="{full}">' in html
    assert f'<meta property="og:url" content="{full}">' in html
    assert '<meta property="og:title" content="Everything that a page can say">' in html
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html).group(1))
    assert data["@type"] == "Course"
    assert data["url"] == full
    assert data["timeRequired"] == "PT30M"
    assert data["isAccessibleForFree"] is True
    assert data["expires"] == "2027-11-21"
    assert data["educationalCredentialAwarded"] == ["0.5 Specimen Category 1 Credit"]
    assert data["author"][0]["honorificSuffix"] == "PhD, LP, ABPP"


def test_linked_data_cannot_end_its_element(client):
    html = text_of(client, offered(a_document(title="</script><script>alert(1)</script>")))
    assert "<script>alert(1)" not in html


def test_share_addresses_carry_no_trackers(client):
    html = text_of(client, offered(), "?utm_source=mail&fbclid=1")
    shared = re.search(r'<details class="fold share">.*?</details>', html, flags=re.DOTALL).group()
    assert "utm_" not in shared
    assert "fbclid" not in shared


def test_the_same_page_answers_304(client):
    activity = offered()
    first = client.get(address(activity))
    assert first["ETag"]
    assert first["Cache-Control"] == "no-cache"
    again = client.get(address(activity), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    other = client.get(address(activity) + "?profession=nurse", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_a_visitor_gets_no_session_and_no_token(client):
    page = client.get(address(offered()))
    assert page.cookies == {}
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert "Cookie" in page["Vary"]


def test_few_queries_for_a_visitor(client, django_assert_num_queries):
    activity = offered()
    client.get(address(activity))
    with django_assert_num_queries(1):
        client.get(address(activity))


@pytest.mark.parametrize("document", [a_document(), a_document_of_three_units()])
def test_four_queries_with_session_user_and_participation(client, django_assert_num_queries, document):
    activity, _participation = on_the_way(client, document)
    client.get(address(activity))
    with django_assert_num_queries(4):
        client.get(address(activity))


def test_relations_are_disclosed_with_company_nature_and_mitigation(client):
    from opencme.activities.choices import DisclosureAnswer
    from opencme.activities.document import Disclosure, Relationship

    relation = Relationship(
        company="Example Devices", nature="consultant", mitigation="peer review of all slides"
    )
    disclosures = (
        Disclosure(person="imogen-sample", answer=DisclosureAnswer.RELATIONSHIPS, relationships=(relation,)),
        Disclosure(person="quinn-placeholder", answer=DisclosureAnswer.NONE),
    )
    words = words_of(text_of(client, offered(a_document(disclosures=disclosures, disclosure_statement=""))))
    assert (
        "Imogen Sample, MD (faculty): Example Devices, consultant; mitigated: peer review of all slides."
        in words
    )
    assert "Quinn Placeholder, RN (planner)" in words
