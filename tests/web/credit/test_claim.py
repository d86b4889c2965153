"""The claim page: what it shows, what it takes, where it leads."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.credit.test_queries import a_real_activity
from tests.factories.credit import claimed
from tests.factories.documents import a_designation, a_document, a_document_of_three_units
from tests.factories.learning import (
    AT,
    a_learner,
    another_uuid,
    evaluated,
    passed,
    published,
    started,
    submitted,
)

from opencme.activities.queries import document_of
from opencme.core.models import OutboxMail
from opencme.credit.models import Certificate, CreditClaim
from opencme.credit.queries import may_be_reported
from opencme.people.operations import open_account

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]

CLAIM = {"name": "Jordan Example", "letters": "MD, MPH", "amount": "0.5", "seq": "1", "zone": ""}


def page_of(participation):
    return reverse("claim", args=[participation.uuid])


def signed_in(client, participation):
    client.force_login(participation.learner)
    return client


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


def test_one_screen_shows_name_amount_and_the_sentence_that_is_attested(client):
    participation = evaluated(passed(started(learner=a_learner(name="Jordan Example"))))
    text = text_of(signed_in(client, participation).get(page_of(participation)))

    assert "This will read: Jordan Example, MD 0.5 Specimen Category 1 Credit" in text
    assert "0.5, all of it 0.25, a part" in text
    assert "0.5 is the maximum: 30 min." in text
    assert (
        "I, Jordan Example, personally took part in this activity, and 0.5 matches the part I took." in text
    )
    assert "I attest: claim 0.5 credit" in text
    assert "6-digit code" not in text
    assert "Report to boards: no" in text


def test_the_maximum_and_no_permission_are_what_a_learner_gets_by_pressing_the_button(client):
    participation = evaluated()
    page = signed_in(client, participation).get(page_of(participation)).content.decode()

    assert re.findall(r'name="amount" value="([\d.]+)" checked', page) == ["0.5"]
    assert not re.search(r'name="may_report"[^>]*checked', page)


def test_a_claim_leads_to_the_certificate(client):
    participation = evaluated()
    answer = signed_in(client, participation).post(page_of(participation), CLAIM)

    certificate = Certificate.objects.get()
    assert answer.headers["Location"] == reverse("certificate", args=[certificate.uuid])
    assert CreditClaim.objects.get().amount == Decimal("0.5")
    assert not may_be_reported(participation)


def test_less_can_be_claimed_and_reporting_permitted(client):
    participation = evaluated()
    signed_in(client, participation).post(
        page_of(participation), {**CLAIM, "amount": "0.25", "may_report": "on", "zone": "Europe/Berlin"}
    )

    claim = CreditClaim.objects.get()
    assert (claim.amount, claim.time_zone) == (Decimal("0.25"), "Europe/Berlin")
    assert may_be_reported(participation)


def test_pressing_twice_claims_once_and_changing_the_amount_is_a_conflict(client):
    participation = evaluated()
    signed_in(client, participation)
    first = client.post(page_of(participation), CLAIM)
    again = client.post(page_of(participation), CLAIM)

    assert first.headers["Location"] == again.headers["Location"]
    assert client.post(page_of(participation), {**CLAIM, "amount": "0.25"}).status_code == 409
    assert CreditClaim.objects.count() == 1


def test_a_claimed_participation_leads_to_its_certificate(client):
    participation = evaluated()
    claimed(participation)
    answer = signed_in(client, participation).get(page_of(participation))

    assert answer.headers["Location"] == reverse("certificate", args=[Certificate.objects.get().uuid])


def test_before_the_evaluation_the_page_says_what_is_missing_and_leads_there(client):
    participation = passed()
    answer = signed_in(client, participation).get(page_of(participation))

    assert "The evaluation has not been submitted." in text_of(answer)
    assert reverse("evaluation", args=[participation.uuid]) in answer.content.decode()
    assert "<form" not in answer.content.decode().partition('<main id="main"')[2].partition("</main>")[0]


@pytest.mark.parametrize("amount", ["0.75", "nan", "-1", "1e9", "0.3", "", "0", "half"])
def test_an_amount_that_cannot_be_claimed_stays_on_the_page(client, amount):
    participation = evaluated()
    answer = signed_in(client, participation).post(page_of(participation), {**CLAIM, "amount": amount})

    assert answer.status_code == 422
    assert not CreditClaim.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("王伟", "cannot draw 王 伟"), ("  ", "A certificate needs a name."), ("x" * 151, "at most 150")],
)
def test_a_name_that_cannot_be_printed_stays_on_the_page_with_the_fold_open(client, name, said):
    participation = evaluated()
    answer = signed_in(client, participation).post(page_of(participation), {**CLAIM, "name": name})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert '<details class="fold" open>' in answer.content.decode()
    assert not CreditClaim.objects.exists()


def test_somebody_elses_claim_is_not_there(client):
    participation = evaluated()
    client.force_login(a_learner())

    assert client.get(page_of(participation)).status_code == 404
    assert client.post(page_of(participation), CLAIM).status_code == 404
    client.logout()
    assert client.get(page_of(participation)).status_code == 302
    assert not CreditClaim.objects.exists()


def an_unconfirmed_learner(address="jordan@hospital.example"):
    return open_account(address=address, name="Jordan Example", profession="physician", letters="MD", at=AT)


def mailed_code(address="jordan@hospital.example"):
    mail = OutboxMail.objects.filter(to=address, key__startswith="code:").latest("pk")
    return re.search(r"\b(\d{6})\b", mail.text).group(1)


def test_the_code_is_asked_only_while_the_address_waits_for_it(client):
    participation = evaluated(passed(started(learner=an_unconfirmed_learner())))
    text = text_of(signed_in(client, participation).get(page_of(participation)))

    assert "6-digit code" in text
    assert "Sent to j…@hospital.example at 10:00 (ET)." in text


def test_the_page_of_the_code_tells_the_time_where_the_provider_is(client):
    participation = evaluated(passed(started(learner=an_unconfirmed_learner())))
    page = signed_in(client, participation).get(reverse("code", args=[participation.uuid]))

    assert "Sent to jordan@hospital.example at 10:00 (ET)." in text_of(page)


def test_code_and_claim_are_one_press(client):
    participation = evaluated(passed(started(learner=an_unconfirmed_learner())))
    answer = signed_in(client, participation).post(page_of(participation), {**CLAIM, "code": mailed_code()})

    certificate = Certificate.objects.get()
    assert answer.headers["Location"] == reverse("certificate", args=[certificate.uuid])
    assert OutboxMail.objects.get(key__startswith="certificate:").to == "jordan@hospital.example"


@pytest.mark.parametrize("code", ["", "000000x", "12"])
def test_a_wrong_code_claims_nothing_and_says_so(client, code):
    participation = evaluated(passed(started(learner=an_unconfirmed_learner())))
    answer = signed_in(client, participation).post(page_of(participation), {**CLAIM, "code": code})

    assert answer.status_code == 422
    assert not CreditClaim.objects.exists()
    assert "Jordan Example" in text_of(answer)


def test_a_known_address_signs_in_to_its_account_and_claims_there(client):
    known = a_learner(name="Jordan Example")
    participation = evaluated(passed(started(learner=an_unconfirmed_learner(known.email))))
    answer = signed_in(client, participation).post(
        page_of(participation), {**CLAIM, "code": mailed_code(known.email)}
    )

    assert answer.headers["Location"] == reverse("certificate", args=[Certificate.objects.get().uuid])
    assert client.get(answer.headers["Location"]).status_code == 200
    assert int(client.session["_auth_user_id"]) == known.pk


def test_a_known_address_that_has_claimed_before_sees_what_is_there(client):
    known = a_learner(name="Jordan Example")
    claimed(evaluated(passed(started(learner=known))))
    participation = evaluated(passed(started(learner=an_unconfirmed_learner(known.email))))
    answer = signed_in(client, participation).post(
        page_of(participation), {**CLAIM, "code": mailed_code(known.email)}, follow=True
    )

    assert CreditClaim.objects.count() == 1
    assert answer.redirect_chain[-1][0] == reverse("certificate", args=[Certificate.objects.get().uuid])
    assert "what you did then counts" in text_of(answer)


def test_a_nurse_is_told_and_gets_a_certificate_of_participation(client):
    participation = evaluated(passed(started(learner=a_learner(profession="nurse", letters="RN"))))
    signed_in(client, participation)
    text = text_of(client.get(page_of(participation)))

    assert "Your certificate of participation" in text
    assert "Specimen Category 1 Credit is for physicians; others get a certificate of participation." in text
    assert "Report to boards" not in text
    answer = client.post(page_of(participation), CLAIM)
    certificate = Certificate.objects.get()
    assert certificate.kind == "participation"
    assert answer.headers["Location"] == reverse("certificate", args=[certificate.uuid])


def test_later_units_add_to_the_certificate(client):
    participation = started(published(a_document_of_three_units()))
    submitted(participation, "post-test-1")
    participation = evaluated(participation)
    signed_in(client, participation)
    client.post(page_of(participation), {**CLAIM, "amount": "0.25"})
    submitted(participation, "post-test-2")

    page = client.get(page_of(participation))
    assert "0.25 is claimed already." in text_of(page)
    assert 'name="name"' not in page.content.decode()
    answer = client.post(page_of(participation), {"amount": "0.25", "seq": "2", "zone": ""})

    newest = Certificate.objects.latest("version")
    assert answer.headers["Location"] == reverse("certificate", args=[newest.uuid])
    assert (newest.version, newest.printed["face"]["amount"]) == (2, "0.5")


def test_where_credit_is_all_or_nothing_no_part_is_offered(client):
    participation = evaluated(passed(started(published(a_document(all_or_nothing=True)))))
    page = signed_in(client, participation).get(page_of(participation)).content.decode()

    assert re.findall(r'name="amount" value="([\d.]+)"', page) == ["0.5"]


def test_after_the_window_the_page_says_so(client, time_machine):
    participation = evaluated()
    time_machine.move_to(AT.replace(year=2028))
    text = text_of(signed_in(client, participation).get(page_of(participation)))

    assert "Credit could be claimed until 21 Dec 2027." in text


def refusals(response):
    panel = response.content.decode().partition('<div class="path__column flow">')[2].partition("</div>")[0]
    return [text.strip() for text in re.findall(r"<p>(.*?)</p>", panel)]


def test_after_the_window_nothing_else_is_asked_for(client, time_machine):
    participation = passed(started(learner=an_unconfirmed_learner()))
    time_machine.move_to(AT.replace(year=2028))
    answer = signed_in(client, participation).get(page_of(participation))

    assert refusals(answer) == ["Credit could be claimed until 21 Dec 2027."]


def test_one_who_did_not_pass_is_told_of_the_post_test(client):
    participation = started()
    submitted(participation, "pre-test")
    text = text_of(signed_in(client, participation).get(page_of(participation)))

    assert "The post-test is not passed yet." in text
    assert "No unit" not in text


def an_activity_of_two_credit_types():
    """One that the AMA's credit and points of a specialty board are designated for."""
    activity = a_real_activity()
    document = document_of(activity.current_revision)
    points = a_designation(uuid=another_uuid(), credit_type="abim-moc")
    return published(replace(document, designations=(*document.designations, points)))


def test_several_credit_types_are_claimed_in_one_press_with_a_certificate_each(client):
    participation = evaluated(passed(started(an_activity_of_two_credit_types())))
    ama, moc = participation.activity.designations.order_by("credit_type").values_list("uuid", flat=True)[
        ::-1
    ]
    page = signed_in(client, participation).get(page_of(participation))

    assert "AMA PRA Category 1 Credit™ 0.5, all of it 0.25, a part 0, none of it" in text_of(page)
    answer = client.post(
        page_of(participation),
        {
            **CLAIM,
            f"amount-{ama}": "0.5",
            f"seq-{ama}": "1",
            f"amount-{moc}": "0.25",
            f"seq-{moc}": "1",
        },
    )

    assert sorted(claim.amount for claim in CreditClaim.objects.all()) == [Decimal("0.25"), Decimal("0.5")]
    first, second = Certificate.objects.order_by("pk")
    assert first.code != second.code
    assert answer.headers["Location"] == reverse("certificate", args=[first.uuid])
    assert (
        reverse("certificate", args=[second.uuid]) in client.get(answer.headers["Location"]).content.decode()
    )


def test_where_one_of_several_is_refused_none_is_claimed(client):
    participation = evaluated(passed(started(an_activity_of_two_credit_types())))
    ama, moc = participation.activity.designations.order_by("credit_type").values_list("uuid", flat=True)[
        ::-1
    ]
    signed_in(client, participation)
    amounts = {f"amount-{ama}": "0.5", f"seq-{ama}": "1", f"amount-{moc}": "0.3", f"seq-{moc}": "1"}
    answer = client.post(page_of(participation), {**CLAIM, **amounts})

    assert answer.status_code == 422
    assert not CreditClaim.objects.exists()


def test_one_of_several_credit_types_can_be_left_out(client):
    participation = evaluated(passed(started(an_activity_of_two_credit_types())))
    ama, moc = participation.activity.designations.order_by("credit_type").values_list("uuid", flat=True)[
        ::-1
    ]
    signed_in(client, participation)
    amounts = {f"amount-{ama}": "0", f"seq-{ama}": "1", f"amount-{moc}": "0.5", f"seq-{moc}": "1"}
    client.post(page_of(participation), {**CLAIM, **amounts})

    assert CreditClaim.objects.get().credit_type == "abim-moc"

    later = client.get(page_of(participation))
    assert "is claimed already" not in text_of(later)
    answer = client.post(page_of(participation), {f"amount-{ama}": "0.5", f"seq-{ama}": "1", "zone": ""})
    newest = Certificate.objects.latest("pk")
    assert answer.headers["Location"] == reverse("certificate", args=[newest.uuid])
    assert (newest.version, newest.printed["name"]) == (1, "Jordan Example")


def test_the_first_field_that_needs_another_look_has_the_focus(client):
    participation = evaluated()
    page = signed_in(client, participation).post(page_of(participation), {**CLAIM, "name": "王伟"})

    assert re.findall(r'<input[^>]* name="(\w+)"[^>]* autofocus', page.content.decode()) == ["name"]
