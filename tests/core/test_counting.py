import pytest

from opencme.core.counting import COUNTS, count, counted, tell_of_counts


def test_what_is_counted_adds_up_and_is_told():
    told = []
    tell_of_counts(told.append)
    before = counted("sheds")
    count("sheds")
    count("sheds")
    assert counted("sheds") - before == 2
    assert told == ["sheds", "sheds"]


def test_only_what_is_declared_is_counted():
    with pytest.raises(ValueError, match="not declared"):
        count("typing_errors")


def test_each_figure_has_a_sentence():
    assert all(sentence.endswith(".") for sentence in COUNTS.values())
