"""Compares what learners were told with what is in the database. Prints JSON; settings from the environment.

python bench/faulting/compare.py log.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opencme.cli.ready import ready_django

ready_django()

from django.db import connection

from opencme.assessment.models import AnonymousResponse
from opencme.core.append_only import missing_triggers
from opencme.core.keeping.audit import verify_audit
from opencme.core.models import AuditEntry
from opencme.credit.models import Certificate, CertificateFile, CreditClaim
from opencme.learning.models import Attempt, HeldEvaluation, Participation, Playback


def problems_of(log: dict[str, Any]) -> Iterator[str]:
    """Everything that was acknowledged and is not there once; everything that contradicts itself."""
    for entry in log["entries"]:
        problem = _CHECKS[entry["kind"]](entry, log)
        if problem:
            yield f"{problem}: {json.dumps(entry)}"
    yield from _twice()
    yield from _broken_chains()
    yield from _broken_database()


def _started(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    rows = Participation.objects.filter(learner__email=entry["learner"], superseded_by=None)
    return (
        "" if [str(row.uuid) for row in rows] == [entry["participation"]] else "participation lost or twice"
    )


def _answer(entry: dict[str, Any], log: dict[str, Any]) -> str:
    row = Attempt.objects.filter(uuid=entry["attempt"]).first()
    kept = row.answers.get(entry["item"]) if row else None
    if kept is None or kept["n"] < entry["n"]:
        return f"answer lost, kept is {kept}"
    sent = log["sent"].get(f"{entry['attempt']} {entry['item']}", [])
    allowed = [value for n, value in sent if n >= entry["n"]]
    return "" if kept["value"][0] in allowed else f"another answer kept: {kept}"


def _submitted(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    row = Attempt.objects.filter(uuid=entry["attempt"]).first()
    if row is None or row.submitted_at is None:
        return "submission lost"
    kept = {item: one["value"][0] for item, one in row.answers.items()}
    return "" if kept == entry["answers"] else f"submission changed, kept is {kept}"


def _played(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    rows = Playback.objects.filter(participation__uuid=entry["participation"])
    kept = {ms for row in rows for start, end in row.intervals for ms in range(start, end, 1000)}
    told = {ms for start, end in entry["played"] for ms in range(start, end, 1000)}
    return "" if told <= kept else "played seconds lost"


def _evaluated(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    row = Participation.objects.filter(uuid=entry["participation"]).first()
    return "" if row and row.evaluated_at else "evaluation lost"


def _claimed(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    claims = CreditClaim.objects.filter(participation__uuid=entry["participation"])
    rows = Certificate.objects.filter(participation__uuid=entry["participation"])
    if claims.count() != 1:
        return f"{claims.count()} claims"
    found = [str(row.uuid) for row in rows]
    return "" if found == [entry["certificate"]] else f"certificates {found}"


def _pdf(entry: dict[str, Any], _log: dict[str, Any]) -> str:
    row = CertificateFile.objects.filter(certificate__uuid=entry["certificate"]).first()
    return "" if row and row.sha256 == entry["sha256"] else "another PDF, or none"


_CHECKS = {
    "started": _started,
    "answer": _answer,
    "submitted": _submitted,
    "played": _played,
    "evaluated": _evaluated,
    "claimed": _claimed,
    "certificate": _claimed,
    "pdf": _pdf,
}


def _twice() -> Iterator[str]:
    """What must be unique, counted without trusting a constraint."""
    for what, model, fields in (
        ("participation", Participation, ("learner", "activity", "period", "is_preview", "superseded_by")),
        ("claim", CreditClaim, ("participation", "designation", "seq")),
        ("certificate number", Certificate, ("number", "version")),
        ("certificate code", Certificate, ("code", "version")),
        ("audit entry", AuditEntry, ("stream_kind", "stream_uuid", "number")),
    ):
        counted = Counter(model.objects.values_list(*fields))
        yield from (f"{what} {key} is there {times} times" for key, times in counted.items() if times > 1)
    evaluated = Participation.objects.exclude(evaluated_at=None).filter(is_preview=False).count()
    kept = HeldEvaluation.objects.count() + AnonymousResponse.objects.count()
    if evaluated != kept:
        yield f"{evaluated} evaluations were completed, {kept} are kept"
    waiting = CreditClaim.objects.filter(certificates=None).count()
    if waiting:
        yield f"{waiting} claims have no certificate"


def _broken_chains() -> Iterator[str]:
    for place in verify_audit().broken:
        which = f"{place.kind} {place.uuid}, entries {place.first} to {place.last}"
        yield f"audit chain of {which}: {place.fault}"


def _broken_database() -> Iterator[str]:
    yield from (f"trigger {name} is missing" for name in missing_triggers())
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            found = [row[0] for row in cursor.execute("PRAGMA integrity_check").fetchall()]
            if found != ["ok"]:
                yield f"integrity_check: {found[:3]}"
            if cursor.execute("PRAGMA foreign_key_check").fetchall():
                yield "foreign_key_check finds rows without their parents"


def main() -> None:
    log = json.loads(Path(sys.argv[1]).read_text())
    found = list(problems_of(log))
    print(
        json.dumps(
            {
                "compared": dict(Counter(entry["kind"] for entry in log["entries"])),
                "audit_entries": AuditEntry.objects.count(),
                "problems": found,
            }
        )
    )


if __name__ == "__main__":
    main()
