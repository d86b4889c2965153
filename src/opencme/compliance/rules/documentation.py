"""The rule book as the page `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opencme.core.verdicts import Severity
from opencme.providers.statements import Mark
from opencme.providers.statements.rulebook import Blocks, RuleEntry, reasons_on_the_way, rule_book

from .registry import Rule

_BEGINNING = """\
# The rules

Written by `opencme rules`; a test fails when this page is older than the rules. Change the rule book
(`src/opencme/providers/statements/rulebook.toml`) or the functions, then run
`opencme rules > docs/rules.md`.

A finding carries the code of its rule, a plain sentence, the source and the place in the document
that mends it. What is wrong with a package as files has codes that begin with `PKG` and is told in
`package-format.md`. Codes that begin with `OWN` are rules of ours, which keep a document and its
claims consistent.

**Confidence.** P: read in the rule-maker's own text. S: read in another's account of the rule, or
seen in use. G: general knowledge, not confirmed. O: our own decision. A rule whose marks contain G
warns until a provider raises it to a block (`raised_to_block` in `provider.toml`); a few block all
the same by our own decision and say so. Check the current document of the rule-maker before you rely
on any of this.

**Weight.** *Publishing*: blocks publishing. *Credit*: blocks credit or the certificate. *Warning*: is
told.
"""

_WHAT = {
    Blocks.PUBLISHING: "publishing",
    Blocks.CREDIT: "credit",
    Blocks.WARNING: "warning",
}


def rules_page(rules: Iterable[Rule]) -> str:
    """The whole page: what is enforced, each rule with its source, then what is not yet."""
    checks = {rule.code: rule for rule in rules}
    enforced = [entry for entry in rule_book() if entry.code in checks or entry.enforced_by]
    missing = [entry for entry in rule_book() if entry not in enforced]
    lines = [_BEGINNING, f"Enforced: {len(enforced)}. Not yet: {len(missing)}.", "", "## Enforced", ""]
    for entry in enforced:
        lines += _section(entry, checks.get(entry.code))
    lines += ["## Not yet", "", "Known, written down, and enforced by nothing so far.", ""]
    lines += ["| Code | Rule | Marks | Weight | Source |", "|---|---|---|---|---|"]
    lines += [_row(entry) for entry in missing]
    lines += ["", "## Reasons on the way", "", "Why a learner cannot do the next thing yet.", ""]
    lines += ["| Code | Reason | Rests on |", "|---|---|---|"]
    lines += [
        f"| {one.code} | {one.title} | {', '.join(one.rests_on) or one.source} |"
        for one in reasons_on_the_way()
    ]
    return "\n".join([*lines, ""])


def _section(entry: RuleEntry, check: Rule | None) -> Iterator[str]:
    yield f"### {entry.code} {entry.title}"
    yield ""
    yield f"- Weight: {_weight(entry)}"
    yield f"- Confidence: {', '.join(f'{letter} ({Mark(letter).meaning})' for letter in entry.marks)}"
    yield f"- Source: {entry.source}"
    if check:
        yield f"- Speaks of: {check.reach.value}"
    places = [*((check.name,) if check else ()), *entry.enforced_by]
    yield f"- Enforced in: {', '.join(f'`{place}`' for place in places)}"
    if entry.note:
        yield f"- {entry.note}"
    yield ""


def _weight(entry: RuleEntry) -> str:
    what = _WHAT[entry.severity]
    if entry.severity is Blocks.WARNING:
        return "warning"
    if entry.weight is Severity.WARNS:
        return f"warning (would block {what}; general knowledge only)"
    return f"blocks {what}" + (", by our own decision" if entry.blocks_anyway else "")


def _row(entry: RuleEntry) -> str:
    title, source = (text.replace("|", "\\|") for text in (entry.title, entry.source))
    return f"| {entry.code} | {title} | {entry.marks} | {_WHAT[entry.severity]} | {source} |"
