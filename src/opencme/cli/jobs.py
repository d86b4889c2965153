"""`opencme jobs`: how the work beside the pages stands, and what to do about what failed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click
from django.utils import timezone

from opencme.core.jobs import standing
from opencme.core.jobs.living import living_workers
from opencme.core.jobs.transitions import discard, try_all_now, try_now


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show jobs; try those again that failed, or give them up."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@command.command("list")
def show() -> None:
    """Who works, what waits, what comes again and again."""
    at = timezone.now()
    state = standing.queue_state(at=at)
    click.echo(
        f"{state.workers} at work, {state.waiting} waiting, {state.running} running,"
        f" {state.failed_for_good} failed for good."
    )
    if state.due_for_seconds > 1:
        click.echo(f"The oldest that is due has waited for {state.due_for_seconds:.0f} s.")
    for worker in living_workers(at=at):
        click.echo(f"\nWorker {worker.name}, since {moment(worker.started_at)}")
    for running in standing.running_jobs():
        click.echo(f"Running: {named(running)}, since {moment(running.started_at)}")
    for waiting in standing.waiting_jobs():
        click.echo(f"Waiting: {waiting.count} of {waiting.name}, the first for {moment(waiting.due_at)}")
    for troubled in standing.troubled_jobs():
        click.echo(f"\nTo be tried again: {named(troubled)}, {troubled.tries} times tried")
        click.echo(f"  at {moment(troubled.due_at)}; it failed with: {troubled.error}")
    recurring = standing.recurring_rows()
    click.echo("\nAgain and again:" if recurring else "\nThe first worker plans what comes again and again.")
    for one in recurring:
        result = f" ({one.result})" if one.result else ""
        last = f"last done {moment(one.ended_at)}{result}" if one.ended_at else "not done yet"
        click.echo(f"  {one.name}, every {one.every}: {last}, next {moment(one.due_at)}")


@command.command()
@click.option("--trace", is_flag=True, help="Where in the program each failed, too.")
def failed(*, trace: bool) -> None:
    """What has failed for good, and why. Exits with 1 where anything has."""
    found = standing.failed_jobs()
    for one in found:
        click.echo(f"{one.id}  {named(one)}")
        click.echo(f"  {one.tries} times tried, last {moment(one.ended_at)}: {one.error}")
        if trace:
            click.echo(one.traceback)
    if not found:
        click.echo("Nothing has failed for good.")
        return
    more = standing.queue_state(at=timezone.now()).failed_for_good - len(found)
    if more > 0:
        click.echo(f"And {more:,} that failed before these.")
    click.echo(
        "\nMend the cause, then: opencme jobs retry ID, or --all. To give up: opencme jobs discard ID."
    )
    raise SystemExit(1)


@command.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All that failed for good, or waits after a failure.")
def retry(ids: tuple[UUID, ...], *, everything: bool) -> None:
    """Try jobs that failed again at once."""
    at = timezone.now()
    if everything:
        click.echo(f"To be done at once: {try_all_now(at=at)}.")
        return
    if not ids:
        raise click.UsageError("Name the jobs that `opencme jobs failed` shows, or say --all.")
    _for_each(ids, [try_now(one, at=at) for one in ids], "will be done at once")


@command.command("discard")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
def give_up(ids: tuple[UUID, ...]) -> None:
    """Give up jobs that failed for good: what they should have done stays undone."""
    _for_each(ids, [discard(one) for one in ids], "given up")


def _for_each(ids: tuple[UUID, ...], done: list[bool], words: str) -> None:
    for one, is_done in zip(ids, done, strict=True):
        click.echo(f"{one}: {words if is_done else 'has not failed, or is gone'}.")
    if not all(done):
        raise SystemExit(1)


def named(one: standing.JobView) -> str:
    """The job and what it is about."""
    return " ".join((one.name, *one.arguments))


def moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "never"
