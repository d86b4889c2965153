"""The rule book, the functions and the page of the rules say the same."""

import importlib
import re
from pathlib import Path

import pytest

from opencme.compliance.rules import RULES
from opencme.compliance.rules.documentation import rules_page
from opencme.core.verdicts import Severity
from opencme.learning.choices import LockCode
from opencme.providers.statements.rulebook import reasons_on_the_way, rule_book, rule_entry, source_of

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ENFORCED_NOW = (
    *(1, 2, 4, 5, 6, 7, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 27, 28, 30, 31, 32),
    *(41, 44, 45, 46, 48, 49, 50, 52, 53, 54, 55, 74, 86),
)


def test_the_page_of_the_rules_is_not_stale():
    assert PAGE.read_text(encoding="utf-8") == rules_page(RULES), "run: opencme rules > docs/rules.md"


def test_codes_are_unique_and_the_whole_book_is_there():
    codes = [entry.code for entry in rule_book()]

    assert len(codes) == len(set(codes))
    assert {f"CME{number:03d}" for number in range(1, 91)} <= set(codes)


@pytest.mark.parametrize("number", ENFORCED_NOW)
def test_what_is_promised_is_enforced(number):
    code = f"CME{number:03d}"

    assert code in {rule.code for rule in RULES} or rule_entry(code).enforced_by


def test_what_the_book_says_is_enforced_exists():
    for entry in rule_book():
        for name in entry.enforced_by:
            module, _, function = name.rpartition(".")
            assert callable(getattr(importlib.import_module(module), function)), name


def test_what_nothing_enforces_is_listed_as_not_yet():
    page = PAGE.read_text(encoding="utf-8")
    enforced, _, rest = page.partition("## Not yet")
    missing, _, _ = rest.partition("## Reasons on the way")
    for entry in rule_book():
        is_enforced = entry.enforced_by or any(rule.code == entry.code for rule in RULES)
        assert (f"### {entry.code} " in enforced) == bool(is_enforced)
        assert (f"| {entry.code} |" in missing) != bool(is_enforced)


def test_general_knowledge_warns_unless_we_decided_otherwise():
    blocking = {entry.code for entry in rule_book() if "G" in entry.marks and entry.weight is Severity.BLOCKS}

    assert blocking == {"CME027", "CME030", "CME031", "CME086"}


def test_every_rule_has_a_sentence_a_source_and_a_docstring():
    for entry in rule_book():
        assert entry.title
        assert entry.source
    for rule in RULES:
        assert rule.check.__doc__, rule.name


def test_every_reason_that_code_gives_is_written_down():
    source = Path(__file__).parents[2] / "src"
    given = {
        code
        for file in source.rglob("*.py")
        for code in re.findall(r'\bReason\(\s*"([A-Z]+[A-Z_0-9]*)"', file.read_text(encoding="utf-8"))
    }
    given |= {f"GATE_{code.name}" for code in LockCode}
    written = {one.code for one in reasons_on_the_way()}

    assert given == written


def test_every_reason_rests_on_something():
    for one in reasons_on_the_way():
        assert source_of(one.code)
