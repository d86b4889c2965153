"""Sentences of rules: English by themselves, in the reader's language where they are shown."""

import pytest
from django.utils import translation

from opencme.core.phrasing import phrased
from opencme.core.sentences import Sentence, sentence


def test_a_sentence_is_its_own_english_text():
    made = sentence("No more than %(most)s can be claimed.", most="0.5")

    assert made == "No more than 0.5 can be claimed."
    assert made.template == "No more than %(most)s can be claimed."


def test_a_percent_sign_without_values_stays():
    assert sentence("97 % were played.") == "97 % were played."
    assert phrased(sentence("97 % were played.")) == "97 % were played."


def test_other_text_is_left_alone():
    assert phrased("A name, %(x)s and all.") == "A name, %(x)s and all."


@pytest.fixture
def in_german():
    """A language whose messages are known here: Django's own word for "Name"."""
    with translation.override("de"):
        yield


def test_it_is_said_in_the_language_of_the_reader(in_german):
    assert phrased(Sentence("Yes")) == "Ja"
    assert phrased(Sentence("%(minutes)s is it", minutes=Sentence("Yes"))) == "Ja is it"
