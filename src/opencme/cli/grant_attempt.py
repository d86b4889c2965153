"""`opencme grant-attempt`: one more try at a test whose attempts are used up."""

from __future__ import annotations

from uuid import UUID

import click
from django.utils import timezone

from opencme.activities.document import PostTest
from opencme.activities.queries import document_of
from opencme.cli.accounts import by_operator, operator_with
from opencme.learning.models import Participation
from opencme.learning.operations import NoSuchStep, grant_attempt


@click.command()
@click.argument("participation", type=click.UUID)
@click.option("--step", help="The key of the post-test, where the activity has several.")
@click.option("--extra", default=1, show_default=True, type=click.IntRange(1, 20), help="How many more.")
@click.option("--reason", required=True, help="Why; it is kept with the learner's evidence.")
@by_operator
def command(participation: UUID, step: str | None, extra: int, reason: str, email: str) -> None:
    """Let a learner submit a post-test more often than its limit.

    PARTICIPATION is the reference that the learner's page shows.
    """
    by = operator_with(email)
    found = _participation(participation)
    key = step or _only_post_test(found)
    try:
        grant_attempt(
            participation=found,
            step_key=key,
            extra=extra,
            reason=reason,
            granted_by=by,
            at=timezone.now(),
        )
    except NoSuchStep as refusal:
        raise click.ClickException(f"This activity has no post-test with the key {key}.") from refusal
    click.echo(f"Granted. The learner may submit {key} {extra} more time{'s' if extra > 1 else ''}.")


def _participation(uuid: UUID) -> Participation:
    try:
        return Participation.objects.select_related("revision").get(uuid=uuid)
    except Participation.DoesNotExist as missing:
        raise click.ClickException(f"No participation has the reference {uuid}.") from missing


def _only_post_test(participation: Participation) -> str:
    tests = [step.key for step in document_of(participation.revision).steps if isinstance(step, PostTest)]
    if len(tests) != 1:
        raise click.ClickException(f"Name the post-test with --step: {', '.join(tests) or 'there is none'}.")
    return tests[0]
