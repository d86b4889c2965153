"""What an office does for somebody who asks by letter: everything kept as a file, and the closing."""

import zipfile

import pytest
from click.testing import CliRunner
from tests.factories.credit import claimed
from tests.factories.learning import a_learner, evaluated, passed, started

from opencme.cli.account_data import command as account_data
from opencme.cli.close_account import command as close_account
from opencme.cli.ready import STAND_IN_KEY
from opencme.core.models import AuditEntry, OutboxMail
from opencme.people.models import Closing

pytestmark = pytest.mark.django_db


def run(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_everything_kept_is_written_once(tmp_path):
    learner, output = a_learner(), tmp_path / "data.zip"
    claimed(evaluated(passed(started(learner=learner))))
    assert run(account_data, learner.email, "--output", output).exit_code == 0
    assert "your-data.json" in zipfile.ZipFile(output).namelist()
    assert output.stat().st_mode & 0o077 == 0
    again = run(account_data, learner.email, "--output", output)
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def test_an_account_is_closed_in_an_operators_name():
    learner, operator = a_learner(), a_learner(is_operator=True)
    claimed(evaluated(passed(started(learner=learner))))
    result = run(close_account, learner.email, "--by", operator.email)
    assert result.exit_code == 0
    assert "Kept until 22 Nov 2032: Certificates and claims" in result.output
    assert Closing.objects.get().user == learner
    assert AuditEntry.objects.get(event="account_closed").by == operator.uuid
    assert OutboxMail.objects.latest("pk").to == learner.email


def test_only_an_operator_closes_and_only_what_is_open():
    learner, operator = a_learner(), a_learner(is_operator=True)
    assert "is no address of an operator" in run(close_account, learner.email, "--by", learner.email).output
    assert "No open account" in run(close_account, "x@hospital.example", "--by", operator.email).output
    assert "last account of an operator" in run(close_account, operator.email, "--by", operator.email).output
    assert not Closing.objects.exists()


@pytest.mark.parametrize("unset", ["OPENCME_SECRET_KEY", "OPENCME_BASE_URL"])
def test_no_account_is_closed_by_a_link_that_would_not_open_it_again(unset, monkeypatch, settings):
    learner, operator = a_learner(), a_learner(is_operator=True)
    if unset == "OPENCME_SECRET_KEY":
        settings.SECRET_KEY = STAND_IN_KEY
    else:
        monkeypatch.delenv(unset)
    result = run(close_account, learner.email, "--by", operator.email)
    assert (result.exit_code, f"{unset} is not set" in result.output) == (1, True)
    assert not Closing.objects.exists()
