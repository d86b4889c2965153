"""`opencme retention` shows the schedule and what is due; with `--purge` it lets that go."""

import json

import pytest
import time_machine
from click.testing import CliRunner
from tests.factories.learning import AT, a_learner

from opencme.cli.retention import command
from opencme.credit.closing import close_learner
from opencme.people.models import User

pytestmark = pytest.mark.django_db


def run(*arguments):
    with time_machine.travel(AT.replace(year=2027), tick=False):
        return CliRunner().invoke(command, list(arguments), catch_exceptions=False).output


def test_it_shows_what_is_due_and_changes_nothing():
    close_learner(user=a_learner("Jordan Example"), base_url="https://cme.example", door="cli", at=AT)
    shown = run()
    assert "6 years, counted from: last record" in shown
    assert "Due to go\n  1 closed account, blanked\n" in shown
    assert "A worker lets it go every day" in shown
    assert "a worker does so every day" in run("--help")
    assert run() == shown
    assert User.objects.filter(name="Jordan Example").exists()


def test_it_lets_go_and_says_how_much():
    close_learner(user=a_learner("Jordan Example"), base_url="https://cme.example", door="cli", at=AT)
    assert json.loads(run("--json"))["accounts_blanked"] == 1
    assert run("--purge") == "Gone\n  1 closed account, blanked\n  1 old mail\n"
    assert run("--purge") == "Gone\n  nothing\n"
    assert not User.objects.filter(name="Jordan Example").exists()
