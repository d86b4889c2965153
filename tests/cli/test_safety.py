import pytest

from opencme.cli.safety import refusals


@pytest.fixture
def safe(tmp_path):
    return {
        "OPENCME_SECRET_KEY": "kX3vQ9tLm2Zp7RbW5nYc8HdJ4gFs6TqUeAiOoPyMxVwZrBhK1l",
        "OPENCME_BASE_URL": "https://cme.example.org",
        "OPENCME_BEHIND_PROXY": "true",
        "OPENCME_DATABASE_URL": "postgres://opencme:secret@localhost/opencme",
        "OPENCME_DATA_DIR": str(tmp_path),
        "OPENCME_MAIL_URL": "smtp+tls://user:secret@mail.example.org:587",
        "OPENCME_MAIL_FROM": "CME Office <cme@example.org>",
    }


def test_safe_settings_are_accepted(safe):
    assert refusals(safe) == ()


def test_everything_that_is_missing_is_named():
    assert [refusal.setting for refusal in refusals({})] == [
        "OPENCME_SECRET_KEY",
        "OPENCME_BASE_URL",
        "OPENCME_DATABASE_URL",
        "OPENCME_DATA_DIR",
        "OPENCME_MAIL_URL",
        "OPENCME_MAIL_FROM",
    ]


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("OPENCME_DEBUG", "true", "is on"),
        ("OPENCME_DEBUG", "1", "is on"),
        (
            "OPENCME_BEHIND_PROXY",
            "false",
            "is off, although OPENCME_BASE_URL is https and `serve` speaks http",
        ),
        ("OPENCME_DEMONSTRATION", "yes", "is on"),
        ("OPENCME_SECRET_KEY", "secret", "is too easy to guess"),
        ("OPENCME_SECRET_KEY", "a" * 60, "is too easy to guess"),
        ("OPENCME_BASE_URL", "cme.example.org", "is not an address"),
        ("OPENCME_BASE_URL", "http://cme.example.org", "is not encrypted"),
        ("OPENCME_BASE_URL", "http://localhost.example.org", "is not encrypted"),
        ("OPENCME_BASE_URL", "https://example.org/cme", "has more than a scheme and a host"),
        ("OPENCME_DATABASE_URL", "mysql://localhost/opencme", "names mysql, which is not supported"),
        ("OPENCME_DATABASE_URL", "sqlite://:memory:", "would keep everything in memory"),
        ("OPENCME_DATABASE_URL", "sqlite://", "would keep everything in memory"),
        ("OPENCME_DATA_DIR", "var", "is not an absolute path"),
        ("OPENCME_DATA_DIR", "/nowhere/at/all", "is not a folder that exists"),
        ("OPENCME_MAIL_URL", "dummymail://", "names dummymail, which delivers nothing"),
        ("OPENCME_MAIL_URL", "consolemail://", "names consolemail, which delivers nothing"),
        ("OPENCME_MAIL_FROM", "CME Office", "is not an address"),
        ("OPENCME_METRICS_TOKEN", "secret", "is too easy to guess"),
        ("OPENCME_TRUSTED_NETWORKS", "192.0.2.0/24,hospital", "names hospital, which is no network"),
    ],
)
def test_an_unsafe_setting_is_named_with_a_remedy(safe, setting, value, problem):
    (refusal,) = refusals(safe | {setting: value})
    assert (refusal.setting, refusal.problem) == (setting, problem)
    assert refusal.remedy


@pytest.mark.parametrize("value", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_a_trial_on_the_own_machine_needs_no_certificate(safe, value):
    assert refusals(safe | {"OPENCME_BASE_URL": value}) == ()
