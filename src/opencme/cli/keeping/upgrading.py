"""Bring the database of an earlier release up to this program, so that it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError, connection

from opencme.core.append_only import AppendOnly, missing_triggers
from opencme.core.keeping.audit import AuditReport, verify_audit
from opencme.core.keeping.contents import Contents, contents_of
from opencme.core.keeping.migrations import applied, known
from opencme.core.keeping.snapshots import snapshot


@dataclass(frozen=True, slots=True)
class Steps:
    """What lies between the database and the program, as names of migrations."""

    to_apply: tuple[str, ...]
    unknown: tuple[str, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds and whether its chains hold, before or after an upgrade."""

    contents: Contents
    audit: AuditReport


def steps_to_here() -> Steps:
    """Compare the database's migrations with the program's."""
    ours, theirs = known(), applied()
    return Steps(tuple(sorted(ours - theirs)), tuple(sorted(theirs - ours)), is_empty=not theirs)


def state_of_database() -> State:
    """Count every table and walk every audit chain."""
    with snapshot():
        contents = contents_of()
    return State(contents, verify_audit())


def troubles_after(before: State, after: State) -> list[str]:
    """What an upgrade must not have done, in sentences; empty when all is well."""
    found = []
    if left := steps_to_here().to_apply:
        found.append(f"Steps were left out: {', '.join(left)}.")
    if missing := missing_triggers():
        found.append(f"Triggers that protect evidence are missing: {', '.join(missing)}.")
    for table in _evidence():
        was, now = before.contents.rows.get(table), after.contents.rows.get(table)
        if was is not None and now != was:
            found.append(f"{table} had {was} rows and has {now or 'none'}.")
    if before.contents.heads != after.contents.heads:
        found.append("Heads of audit chains changed.")
    if set(after.audit.broken) - set(before.audit.broken):
        found.append("Audit chains broke.")
    try:
        connection.check_constraints()
    except IntegrityError as trouble:
        found.append(f"Rows point at rows that are not there: {trouble}.")
    return found


def _evidence() -> tuple[str, ...]:
    """The tables of which an upgrade may lose no row."""
    models = apps.get_models()
    return tuple(
        model._meta.db_table
        for model in models
        if isinstance(getattr(model, "append_only", None), AppendOnly)
    )
