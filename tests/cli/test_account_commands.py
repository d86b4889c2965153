"""What an office does for somebody who asks by letter: everything kept as a file, and the closing."""

import json
import zipfile
from datetime import timedelta

import pytest
from click.testing import CliRunner
from tests.factories.credit import BASE_URL, certified, claimed
from tests.factories.learning import AT, a_learner, evaluated, passed, started

from opencme.cli.account_data import command as account_data
from opencme.cli.close_account import command as close_account
from opencme.cli.ready import STAND_IN_KEY
from opencme.core.ids import spaced_code
from opencme.core.models import AuditEntry, OutboxMail
from opencme.credit.closing import close_learner
from opencme.credit.merging import confirm_learner
from opencme.credit.operations import certificate_pdf_of
from opencme.credit.purging import purge_due
from opencme.people.models import Closing
from opencme.people.operations import open_account

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


def test_without_the_signing_key_nothing_is_written_and_the_way_out_is_said(tmp_path, settings):
    settings.OPENCME_DATA_DIR = tmp_path
    certificate_pdf_of(certificate=certified(), folder=tmp_path, at=AT)
    (tmp_path / "certificate-signer.pem").unlink()
    refused = run(account_data, certified().learner.email, "--output", tmp_path / "data.zip")
    assert refused.exit_code == 1
    assert "rotate-signing-key --lost" in refused.output
    assert list(tmp_path.iterdir()) == []


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


def a_stranger(address="x@hospital.example", **changes):
    said = {"name": "Ann Typed", "profession": "nurse", "letters": "RN", "at": AT} | changes
    return open_account(address=address, **said)


def values_in(output):
    return json.loads(zipfile.ZipFile(output).read("your-data.json"))


def test_whose_account_was_closed_is_found_by_a_certificate(tmp_path):
    learner, operator, output = (
        a_learner("Jordan Example"),
        a_learner(is_operator=True),
        tmp_path / "data.zip",
    )
    certificate = certified(evaluated(passed(started(learner=learner))))
    close_learner(user=learner, base_url=BASE_URL, door="web", at=AT)
    purge_due(at=AT + timedelta(days=31))
    code = spaced_code(certificate.code).lower()
    assert run(account_data, code, "--output", output).exit_code == 0
    assert [name for name in zipfile.ZipFile(output).namelist() if name.endswith(".pdf")]
    assert values_in(output)["accounts"][0]["account"] == str(learner.uuid)
    again = run(close_account, code, "--by", operator.email)
    assert (again.exit_code, "was closed on 22 Nov 2026" in again.output) == (1, True)


def test_an_account_that_was_closed_a_while_ago_is_named_to_whoever_gives_its_address(tmp_path):
    learner, output = a_learner(), tmp_path / "data.zip"
    address = learner.email
    close_learner(user=learner, base_url=BASE_URL, door="web", at=AT)
    refusal = run(account_data, address, "--output", output)
    assert f"{learner.uuid}: the account that had it was closed on 22 Nov 2026" in refusal.output
    assert run(account_data, learner.uuid, "--output", output).exit_code == 0
    assert values_in(output)["accounts"][0]["closings"][0]["address"] == address


def test_an_account_never_confirmed_is_named_handed_out_and_closed(tmp_path, monkeypatch):
    operator, output = a_learner(is_operator=True), tmp_path / "data.zip"
    first, second = a_stranger(), a_stranger(name="Bo Typed")
    started(learner=first)
    refusal = run(account_data, "X@hospital.example", "--output", output)
    assert refusal.exit_code == 1
    for user in (first, second):
        assert f"{user.uuid}: it was typed on" in refusal.output
        assert repr(user.name) in refusal.output
    assert run(account_data, first.uuid, "--output", output).exit_code == 0
    assert len(values_in(output)["participations"]) == 1

    monkeypatch.delenv("OPENCME_BASE_URL")  # there is nobody to mail a link to
    result = run(close_account, first.uuid, "--by", operator.email)
    assert (result.exit_code, "never confirmed" in result.output) == (0, True)
    assert "Kept until 22 Nov 2032: Tests handed in" in result.output
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.name, second.name) == ("", "Bo Typed")


def test_an_account_that_was_merged_leads_to_the_one_it_turned_out_to_be(tmp_path):
    learner, output = a_learner(), tmp_path / "data.zip"
    merged = a_stranger(learner.email)
    confirm_learner(user=merged, digits=OutboxMail.objects.latest("pk").subject[:6], at=AT)
    assert run(account_data, merged.uuid, "--output", output).exit_code == 0
    assert [one["account"] for one in values_in(output)["accounts"]] == [str(learner.uuid), str(merged.uuid)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("x@hospital.example", "The code of one of their certificates finds the account"),
        ("00000000-0000-4000-8000-000000000000", "There is no account"),
        ("TG0X-NREX-4MVW-T", "No certificate has the code"),
        ("somebody", "is neither an address, nor the UUID of an account, nor the code"),
    ],
)
def test_nobody_is_found_by_what_leads_nowhere(tmp_path, said, sentence):
    result = run(account_data, said, "--output", tmp_path / "data.zip")
    assert (result.exit_code, sentence in result.output) == (1, True)
