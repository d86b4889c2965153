"""A short run of what `bench/faults.py` does at length: harm under load, then compare."""

import random

import pytest
from bench.faulting.run import run_fault


def harm(name, database, **changes):
    seed = random.randrange(1_000_000)
    print(f"{name} on {database}: seed {seed}")
    result = run_fault(name, database, seed=seed, at_once=3, learners=40, calm_seconds=2, **changes)
    assert result["problems"] == [], result
    assert result["learners_done"] >= 3
    assert result["acknowledged"]["answer"] > 10
    return result


@pytest.mark.sqlite
def test_a_killed_server_loses_nothing_that_it_had_acknowledged():
    harm("kill-server", "sqlite", rounds=1)


@pytest.mark.postgresql
def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_done_twice():
    result = harm("cut-database", "postgresql", rounds=1)
    assert result["seen"][0]["connections_cut"] > 0
