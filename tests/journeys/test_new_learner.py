"""The whole way of somebody new, on the demonstration's content, by its pages alone and without scripts."""

import re

import lxml.html
import pytest
from django.utils import timezone

from opencme.activities.queries import document_of
from opencme.core.models import OutboxMail
from opencme.credit.models import CreditClaim
from opencme.learning.models import Attempt, Participation
from opencme.sample_content.operations import load_demonstration

pytestmark = pytest.mark.django_db

TITLE = "the biopsychosocial conversation about chronic pain"


class Reader:
    """A browser without scripts that follows links and fills forms in."""

    def __init__(self, client):
        self.client = client

    def open(self, address):
        return self._see(self.client.get(address, follow=True), address)

    def _see(self, answer, address):
        assert answer.status_code == 200, f"{answer.status_code} at {address}: {answer.content[:500]}"
        self.address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        self.page = lxml.html.fromstring(answer.content)
        return self

    @property
    def heading(self):
        return " ".join(self.page.xpath("//h1")[0].text_content().split())

    @property
    def words(self):
        return " ".join(self.page.xpath("//main")[0].text_content().split())

    def follow(self, words):
        (link, *_) = [link for link in self.page.iter("a") if words in " ".join(link.text_content().split())]
        return self.open(link.get("href"))

    def send(self, having, *, first_choices=False, **changes):
        """Send the form that has a field of this name, as a browser fills it, with these changes."""
        (form, *_) = [one for one in self.page.forms if having in one.fields]
        fields = {}
        for control in form.xpath(".//input[@name] | .//textarea | .//select"):
            kind = control.get("type")
            if kind not in ("radio", "checkbox") or control.get("checked") is not None:
                fields[control.get("name")] = control.value or ""
            elif first_choices:
                fields.setdefault(control.get("name"), control.get("value"))
        address = form.get("action") or self.address
        return self._see(self.client.post(address, fields | changes, follow=True), address)


def test_from_the_catalogue_to_the_transcript(client):
    load_demonstration(at=timezone.now())
    reader = Reader(client)

    reader.open("/").follow(TITLE)
    assert "Start" in reader.words
    reader.follow("Start")
    reader.send("email", email="nora@example.net", name="Nora Nowak", profession="physician", letters="MD")

    # Pre-test: any answers will do, and no score is shown
    assert "Pre-test" in reader.heading
    reader.send("attempt", first_choices=True)
    assert "Thank you." in reader.words

    # Content, attested
    path = Participation.objects.get()
    document = document_of(path.revision)
    post_test = document.units[0].post_test
    reader.send("attested", attested="1")
    reader.open(f"/path/{path.uuid}/{post_test.key}/")

    # Failed once, then passed
    reader.send("attempt", **answers(document, post_test, wrong=5))
    assert reader.heading.startswith("5 of 10.")
    assert "Nothing is lost." in reader.words
    reader.follow("Try again")
    reader.send("attempt", **answers(document, post_test, wrong=1))
    assert reader.heading == "9 of 10. Passed."
    assert Attempt.objects.filter(step_key=post_test.key).count() == 2

    # Evaluation, then the claim with the mailed code
    question = document.evaluation.questions[0].key
    reader.send(f"q-{question}", first_choices=True)
    code = re.search(r"\b\d{6}\b", OutboxMail.objects.earliest("created_at").text)[0]
    assert reader.heading == "Claim your credit"
    reader.send("name", code=code)

    # The certificate: a specimen, drawn, signed, and known to the verification page
    claim = CreditClaim.objects.get()
    assert (claim.printed_name, claim.amount, claim.is_specimen) == (
        "Nora Nowak",
        document.designations[0].maximum,
        True,
    )
    assert "Nora Nowak" in reader.words
    certificate = claim.certificates.get()
    pdf = client.get(f"/certificates/{certificate.uuid}/pdf/")
    assert pdf.content.startswith(b"%PDF-")
    reader.open(f"/verify/{certificate.code}/")
    assert "Specimen" in reader.words
    assert "No credit was awarded." in reader.words
    reader.open("/learning/")
    assert TITLE in reader.words


def answers(document, test, *, wrong):
    """Right answers but for the first few."""
    chosen = {}
    for place, key in enumerate(test.items):
        item = document.item_of[key]
        others = [option.key for option in item.options if not option.is_key]
        chosen[f"item-{key}"] = [others[0]] if place < wrong else sorted(item.keys)
    return chosen
