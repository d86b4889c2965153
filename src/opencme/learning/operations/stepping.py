"""What the other operations share: the locked participation and the step that may be entered."""

from __future__ import annotations

from uuid import UUID

from django.db.models import UUIDField

from opencme.core.compiled import Compiled, Given
from opencme.core.verdicts import Verdict, refused
from opencme.learning.choices import StepState
from opencme.learning.models import Participation
from opencme.learning.queries import LearnerPath
from opencme.learning.rules import Lock, PathStep


class StepLocked(Exception):
    """The step is locked; `lock` says why and what opens it."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(lock.reason.message)
        self.lock = lock

    @property
    def verdict(self) -> Verdict:
        """The refusal with its reason."""
        return refused(self.lock.reason)


class NoSuchStep(Exception):
    """The path has no such step."""


_LOCKED = Compiled(
    lambda: (
        Participation.objects.select_for_update(of=("self",))
        .select_related("activity", "provider", "revision", "learner")
        .defer("revision__canonical", "revision__snapshot")
        .filter(uuid=Given("uuid", UUIDField()))
    )
)


def locked_participation(uuid: UUID) -> Participation:
    """The participation, locked for this transaction, with what its gate needs."""
    found = _LOCKED.one(uuid=uuid)
    if found is None:
        raise Participation.DoesNotExist
    return found


def open_step(path: LearnerPath, key: str) -> PathStep:
    """The step that holds `key`.

    Raises `NoSuchStep`, and `StepLocked` where the gate is closed.
    """
    step = path.step(key)
    if step is None:
        raise NoSuchStep(key)
    if step.state is StepState.LOCKED and step.lock is not None:
        raise StepLocked(step.lock)
    return step
