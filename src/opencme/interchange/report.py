"""What is to be said of a package, in one list: problems of its files and findings of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from opencme.core.phrasing import phrased
from opencme.core.verdicts import Severity

from .package.problems import Problem
from .queries import Checked


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of a report: the code, how much it weighs, where, what, and what it rests on."""

    code: str
    severity: Severity
    file: str
    line: int | None
    key: str
    sentence: str
    source: str

    @property
    def place(self) -> str:
        """Return file and line as editors and terminals read them."""
        return f"{self.file}:{self.line}" if self.line else self.file


def remarks_on(checked: Checked) -> tuple[Remark, ...]:
    """Return problems and findings, what blocks first."""
    remarks = [*remarks_of_problems(checked.problems)]
    for reason in checked.findings:
        file, line = checked.package.place_of(reason.place)
        remarks.append(
            Remark(
                reason.code, reason.severity, file, line, reason.place, phrased(reason.message), reason.source
            )
        )
    order = list(Severity)
    return tuple(sorted(remarks, key=lambda remark: order.index(remark.severity)))


def remarks_of_problems(problems: Iterable[Problem]) -> tuple[Remark, ...]:
    """Return the problems of a package, which may be all that can be said of it."""
    return tuple(
        Remark(
            problem.code,
            Severity.BLOCKS if problem.stops_import else Severity.NOTE,
            problem.file,
            problem.line,
            problem.key,
            problem.sentence,
            problem.source,
        )
        for problem in problems
    )


def as_json(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return the remarks for machines."""
    return [asdict(remark) for remark in remarks]
