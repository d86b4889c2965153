import pytest
from click.testing import CliRunner

from opencme.cli.create_operator import command
from opencme.people.models import User

pytestmark = pytest.mark.django_db

GOOD = ["--email", "sam@example.org", "--name", "Sam Okafor", "--password", "a long and odd one"]


def test_the_operator_can_log_in_and_sees_drafts(client):
    result = CliRunner().invoke(command, GOOD)
    assert (result.exit_code, result.output) == (0, "sam@example.org may log in as an operator.\n")
    user = User.objects.get()
    assert user.is_operator
    assert user.check_password("a long and odd one")


def test_an_address_is_taken_once():
    CliRunner().invoke(command, GOOD)
    result = CliRunner().invoke(command, GOOD)
    assert result.exit_code == 1
    assert "An account with the address sam@example.org exists already." in result.output


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--password", "12345", "too short"), ("--email", "sam", "valid email")],
)
def test_a_weak_password_or_no_address_is_refused_in_words(option, value, said):
    options = list(GOOD)
    options[options.index(option) + 1] = value
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 1
    assert said in result.output
    assert not User.objects.exists()
