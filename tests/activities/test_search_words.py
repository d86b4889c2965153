"""The search knows spelling variants: a table of what finds what."""

import pytest
from tests.factories.documents import a_document

from opencme.activities.catalogue import facet, normalized, search_text_of, search_words
from opencme.activities.document import RelatedTag


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("nonopioid", "Non-opioid analgesics"),
        ("non-opioid", "nonopioid analgesics"),
        ("non opioid", "Nonopioid analgesics"),
        ("non‑opioid", "non-opioid"),  # a typographic hyphen
        ("behavioural", "Behavioral medicine"),
        ("behavioral", "Behavioural medicine"),
        ("paediatric anaesthesia", "Pediatric anesthesia"),
        ("Munoz", "Dr. Muñoz"),
        ("Muñoz", "Dr. Munoz"),
        ("OPIOIDS", "an opioid"),
        ("patient's", "patients’ words"),
        ("self management", "Self-management"),
        ("randomised", "a randomized trial"),
        ("hemorrhage", "haemorrhage"),
        ("words that matter", "What matters: the words, and that"),
    ],
)
def test_what_is_typed_finds_what_is_written(typed, written):
    text = normalized(written)
    assert all(word in text for word in search_words(typed))


@pytest.mark.parametrize(("typed", "written"), [("sleep", "Pain"), ("opioid sleep", "Opioids and pain")])
def test_other_words_find_nothing(typed, written):
    text = normalized(written)
    assert not all(word in text for word in search_words(typed))


def test_people_topics_and_providers_are_found():
    document = a_document(
        topics=("Chronic pain",), related_to=(RelatedTag(key="opioids", label="opioid education"),)
    )
    text = search_text_of(document, provider_name="Specimen Institute")
    for words in ("Imogen Sample", "chronic pain", "opioid education", "specimen institute"):
        assert all(word in text for word in search_words(words))
    assert facet("topic", "chronic pain") in text
    assert facet("profession", "nurse") in text


def test_no_search_can_type_a_filter():
    assert "|" not in normalized("|topic=chronic pain|")
    assert "=" not in normalized("|topic=chronic pain|")
