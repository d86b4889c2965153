"""The scored assessment: that there is one, that it measures the objectives, that it can be passed."""

from __future__ import annotations

from datetime import date

from opencme.activities.document import ActivityDocument, Unit
from opencme.core.sentences import sentence as _
from opencme.providers.record import ProviderRecord
from opencme.providers.statements import format_of_type

from .registry import Findings, Found, rule


def earns_credit(document: ActivityDocument, unit: Unit) -> bool:
    """Whether some designation gives the unit a share."""
    return any(document.share_of(unit, one) > 0 for one in document.designations)


def measured_objectives(document: ActivityDocument) -> frozenset[str]:
    """The objectives of all items of all post-tests."""
    return frozenset(
        objective
        for unit in document.units
        if unit.post_test
        for key in unit.post_test.items
        if key in document.item_of
        for objective in document.item_of[key].objectives
    )


@rule("CME015")
def is_assessed_with_a_pass_mark(
    document: ActivityDocument, provider: ProviderRecord, *, on: date
) -> Findings:
    """AMA PRA since July 2011: an assessment with a minimum performance level, told before.

    The page before Start prints the pass mark from the document, so that it is told wherever it
    is set.
    """
    del provider, on
    if not format_of_type(document.activity_type).assessment_required:
        return
    if not any(unit.post_test for unit in document.units):
        yield Found(_("There is no post-test; credit needs a scored assessment."), "units")
        return
    for place, unit in enumerate(document.units):
        if not unit.post_test:
            if earns_credit(document, unit):
                yield Found(_("This unit earns credit without a post-test."), f"units[{place}].post_test")
        elif not unit.post_test.items:
            yield Found(_("The post-test has no items."), f"units[{place}].post_test.items")
        elif unit.post_test.pass_mark is None:
            yield Found(_("The post-test has no pass mark."), f"units[{place}].post_test.pass_mark")


@rule("CME016")
def objectives_are_measured(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA since July 2011: the assessment measures the objectives."""
    del provider, on
    measured = measured_objectives(document)
    if not any(unit.post_test and unit.post_test.items for unit in document.units):
        return  # CME015 speaks of it
    for place, objective in enumerate(document.objectives):
        if objective.key not in measured:
            yield Found(
                _("No item of a post-test measures the objective “%(objective)s”.", objective=objective.text),
                f"objectives[{place}]",
            )


@rule("CME017")
def has_references(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """AMA PRA, enduring materials: access to sources for further study."""
    del provider, on
    if not document.references:
        yield Found(_("There is no bibliographic reference."), "references")


@rule("OWN005")
def pass_mark_can_be_reached(document: ActivityDocument, provider: ProviderRecord, *, on: date) -> Findings:
    """A pass mark lies between one and the number of items; attempts are at least one."""
    del provider, on
    for place, unit in enumerate(document.units):
        test = unit.post_test
        if not test:
            continue
        if test.pass_mark is not None and test.items and not 1 <= test.pass_mark <= len(test.items):
            yield Found(
                _(
                    "The pass mark is %(pass_mark)s, and there are %(items)s items.",
                    pass_mark=test.pass_mark,
                    items=len(test.items),
                ),
                f"units[{place}].post_test.pass_mark",
            )
        if test.attempts is not None and test.attempts < 1:
            yield Found(_("At least one attempt is needed."), f"units[{place}].post_test.attempts")
