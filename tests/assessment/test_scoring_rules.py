"""Scoring of tests, the order of an attempt, and what is told afterwards."""

from dataclasses import dataclass

import pytest

from opencme.assessment import rules
from opencme.assessment.rules import Feedback


@dataclass(frozen=True)
class AnOption:
    key: str


@dataclass(frozen=True)
class AnItem:
    key: str
    keys: frozenset[str] = frozenset({"a"})
    kind: str = "single"
    options: tuple[AnOption, ...] = (AnOption("a"), AnOption("b"), AnOption("c"), AnOption("d"))
    objectives: tuple[str, ...] = ()
    vignette: str | None = None
    shuffle_options: bool = True


def chosen(*keys):
    return frozenset(keys)


@pytest.mark.parametrize(
    ("kind", "keys", "answer", "right"),
    [
        ("single", "a", "a", True),
        ("single", "a", "b", False),
        ("single", "a", "", False),
        ("true_false", "a", "a", True),
        ("true_false", "a", "b", False),
        ("multiple", "ab", "ab", True),
        ("multiple", "ab", "ba", True),
        ("multiple", "ab", "a", False),  # half of it earns nothing
        ("multiple", "ab", "abc", False),
        ("multiple", "ab", "", False),
        ("multiple", "", "", False),  # an item without a key cannot be answered rightly
    ],
)
def test_is_right(kind, keys, answer, right):
    item = AnItem("q", kind=kind, keys=frozenset(keys))
    assert rules.is_right(item, frozenset(answer)) is right


@pytest.mark.parametrize(
    ("kind", "answer", "codes"),
    [
        ("single", "a", []),
        ("single", "", []),  # taking an answer back is allowed until submit
        ("single", "ab", ["ANSWER_TOO_MANY"]),
        ("true_false", "ab", ["ANSWER_TOO_MANY"]),
        ("multiple", "ab", []),
        ("multiple", "az", ["ANSWER_UNKNOWN"]),
        ("single", "z", ["ANSWER_UNKNOWN"]),
    ],
)
def test_is_well_formed(kind, answer, codes):
    verdict = rules.is_well_formed(AnItem("q", kind=kind), frozenset(answer))
    assert [reason.code for reason in verdict.reasons] == codes


TEN = tuple(AnItem(f"q{n}") for n in range(10))


@pytest.mark.parametrize(
    ("right", "pass_mark", "passed"), [(7, 7, True), (6, 7, False), (10, 7, True), (0, None, True)]
)
def test_score_and_pass_mark(right, pass_mark, passed):
    answers = {f"q{n}": chosen("a" if n < right else "b") for n in range(10)}
    result = rules.score(TEN, answers, pass_mark=pass_mark)
    assert (result.right, result.of, result.passed) == (right, 10, passed)


def test_an_item_without_an_answer_is_wrong():
    assert rules.score(TEN, {"q0": chosen("a")}, pass_mark=2).results["q9"] is False


def test_unanswered_in_order():
    answers = {f"q{n}": chosen("a") for n in range(10) if n not in (3, 8)} | {"q5": chosen()}
    assert rules.unanswered(TEN, answers) == ("q3", "q5", "q8")


def test_by_objective_counts_an_item_for_each_of_its_objectives():
    items = (
        AnItem("q1", objectives=("o2",)),
        AnItem("q2", objectives=("o1", "o2")),
        AnItem("q3", objectives=("o1",)),
    )
    lines = rules.by_objective(items, {"q1": True, "q2": False, "q3": True}, ["o1", "o2", "o3"])
    assert [(line.objective, line.right, line.of) for line in lines] == [("o1", 1, 2), ("o2", 1, 2)]
    assert lines[0].missed


@pytest.mark.parametrize(
    ("limit", "granted", "submitted", "left"),
    [(None, 0, 9, None), (3, 0, 0, 3), (3, 0, 3, 0), (3, 1, 3, 1), (3, 0, 5, 0)],
)
def test_attempts_left(limit, granted, submitted, left):
    assert rules.attempts_left(limit=limit, granted=granted, submitted=submitted) == left


@pytest.mark.parametrize(
    ("graded", "passed", "left", "feedback"),
    [
        (False, True, None, Feedback.THANKS),
        (True, False, None, Feedback.OBJECTIVES),
        (True, False, 1, Feedback.OBJECTIVES),
        (True, False, 0, Feedback.RATIONALES),
        (True, True, 3, Feedback.RATIONALES),
        (True, True, None, Feedback.RATIONALES),
    ],
)
def test_no_key_is_told_while_another_attempt_could_use_it(graded, passed, left, feedback):
    assert rules.feedback_after(graded=graded, passed=passed, left=left) is feedback


def test_the_order_of_an_attempt_is_fixed_by_its_seed():
    one = rules.laid_out(TEN, shuffle_items=True, seed="attempt-1")
    assert one == rules.laid_out(TEN, shuffle_items=True, seed="attempt-1")
    assert one != rules.laid_out(TEN, shuffle_items=True, seed="attempt-2")
    assert sorted(one.items) == [item.key for item in TEN]
    assert all(sorted(order) == list("abcd") for order in one.options.values())


def test_items_keep_their_order_unless_they_are_shuffled():
    assert rules.laid_out(TEN, shuffle_items=False, seed="x").items == tuple(i.key for i in TEN)


def test_options_stay_where_the_author_wants_them():
    items = (
        AnItem("fixed", shuffle_options=False),
        AnItem("truth", kind="true_false", options=(AnOption("true"), AnOption("false"))),
    )
    for seed in map(str, range(20)):
        layout = rules.laid_out(items, shuffle_items=False, seed=seed)
        assert layout.options == {"fixed": ("a", "b", "c", "d"), "truth": ("true", "false")}


def test_items_of_one_case_stay_together():
    items = (*TEN[:3], AnItem("v1", vignette="case"), AnItem("v2", vignette="case"), *TEN[3:])
    for seed in map(str, range(20)):
        order = rules.laid_out(items, shuffle_items=True, seed=seed).items
        assert order.index("v2") == order.index("v1") + 1
