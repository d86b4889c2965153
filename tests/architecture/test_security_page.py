"""`docs/security.md`: each row of the standard is answered, and every place that it names is there."""

import re

import pytest

# OWASP ASVS 5.0.0, level 1.
ROWS = {
    "1.2": 5, "1.3": 2, "1.5": 1, "2.1": 1, "2.2": 2, "2.3": 1, "3.2": 2, "3.3": 1, "3.4": 2, "3.5": 3,
    "4.1": 1, "4.4": 1, "5.2": 2, "5.3": 2, "6.1": 1, "6.2": 8, "6.3": 2, "6.4": 2, "7.2": 4, "7.4": 2,
    "8.1": 1, "8.2": 2, "8.3": 1, "9.1": 3, "9.2": 1, "10.4": 5, "11.3": 2, "11.4": 1, "12.1": 1, "12.2": 2,
    "13.4": 1, "14.2": 1, "14.3": 1, "15.1": 1, "15.2": 1, "15.3": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def page(pytestconfig):
    return (pytestconfig.rootpath / "docs/security.md").read_text()


def answers(page):
    return re.findall(
        r"^\| (\d+\.\d+)\.(\d+) \| ([^|]+) \| (met|N/A|open) \| ([^|]+) \|$", page, re.MULTILINE
    )


def test_every_row_of_level_1_is_answered(page):
    asked = [f"{section}.{number}" for section, count in ROWS.items() for number in range(1, count + 1)]
    assert [f"{section}.{number}" for section, number, *_ in answers(page)] == asked
    assert len(asked) == 70


def test_every_place_that_it_names_is_there(page, pytestconfig):
    root = pytestconfig.rootpath
    parts = {folder.name for folder in (root / "src/opencme").iterdir()} | {"js"}
    named = {name for name in re.findall(r"`([\w./-]+/[\w./-]*)`", page) if not name.startswith("/")}
    places = {
        name: root / "src/opencme/web/static/opencme" / name
        if name.startswith("js/")
        else root / "src/opencme" / name
        if name.split("/")[0] in parts
        else root / name
        for name in named
    }
    assert named
    assert [name for name, place in places.items() if not place.exists()] == []


def test_its_limits_are_those_of_the_code(page):
    from opencme.web.limits import LIMITS, Per

    said = {
        Per.ADDRESS: "the address",
        Per.ACCOUNT_AND_ADDRESS: "the account and the address",
        Per.ACCOUNT_FROM_STRANGERS: "from",
    }
    titles = {
        "log-in": "Log-in",
        "wrong-password": "Wrong password",
        "mailed-code": "Code by mail",
        "mailed-code-kept-apart": "Code by mail, once those 24 are used up",
    }
    for name, limits in LIMITS.items():
        title = titles[name]
        rows = [line for line in page.splitlines() if line.startswith(f"| {title} |")]
        for limit in limits:
            number = f"{limit.times:,}"
            assert any(number in row and said[limit.per] in row for row in rows), (name, limit)
