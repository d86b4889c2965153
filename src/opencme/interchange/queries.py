"""Reads of interchange: what stands against a package, by itself and in this installation."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from opencme.activities.models import Activity, CreditDesignation, Series
from opencme.activities.series_document import SeriesDocument
from opencme.compliance.rules import findings
from opencme.core.verdicts import Reason
from opencme.providers.choices import Standing
from opencme.providers.models import Provider
from opencme.providers.record import ProviderRecord

from .package.problems import Problem, ProblemKind
from .package.read import PROVIDER_FILE, Package


@dataclass(frozen=True, slots=True)
class Checked:
    """A package that could be read, with everything that is to be said of it."""

    package: Package
    problems: tuple[Problem, ...]
    findings: tuple[Reason, ...]

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """The findings that stand against publication."""
        return tuple(reason for reason in self.findings if reason.is_blocking)


def check_alone(package: Package, *, at: datetime) -> Checked:
    """Judge a package with the provider it brings, as if no installation were there."""
    return Checked(package, package.notes, _findings(package, package.provider, at))


def check_against_installation(package: Package, *, at: datetime, may_create_provider: bool) -> Checked:
    """Judge a package where it is to be taken in: the installation's own record of the provider rules."""
    provider = Provider.objects.filter(key=package.provider.key).first()
    if provider is None:
        problems = [] if may_create_provider else [_unknown(package.provider)]
        record = package.provider
    else:
        record = provider.record
        problems = [*_differences(record, package), *_taken(package, provider)]
    return Checked(package, (*package.notes, *problems), _findings(package, record, at))


def _findings(package: Package, record: ProviderRecord, at: datetime) -> tuple[Reason, ...]:
    if isinstance(package.made, SeriesDocument):
        return ()
    return findings(package.made, record, on=local_date(record, at))


def local_date(record: ProviderRecord, at: datetime) -> date:
    """Return the date where the provider is."""
    return at.astimezone(ZoneInfo(record.time_zone)).date()


def _unknown(record: ProviderRecord) -> Problem:
    sentence = _(
        "This installation has no provider “%(key)s”. If it should have one, import with --create-provider."
    )
    return Problem(ProblemKind.PROVIDER_UNKNOWN, PROVIDER_FILE, sentence % {"key": record.key}, key="key")


def _differences(installed: ProviderRecord, package: Package) -> list[Problem]:
    brought = package.provider
    """Return what the package says of its provider and this installation does not."""
    return [
        _difference(field.name, getattr(installed, field.name), getattr(brought, field.name), package)
        for field in dataclasses.fields(ProviderRecord)
        if f"provider.{field.name}" in package.places
        and getattr(installed, field.name) != getattr(brought, field.name)
    ]


def _difference(name: str, installed: object, brought: object, package: Package) -> Problem:
    file, line = package.place_of(f"provider.{name}")
    if name == "standing" and Standing.DEMONSTRATION in (installed, brought):
        sentence = _(
            "The provider's standing here is “%(installed)s”, the package says “%(brought)s”. The standing "
            "“demonstration” is for good: it is neither given nor taken away later."
        )
        kind = ProblemKind.STANDING_FIXED
    else:
        sentence = _("This installation has %(installed)s; the package says %(brought)s. The former counts.")
        kind = ProblemKind.PROVIDER_DIFFERS
    words = {"installed": _shown(installed), "brought": _shown(brought)}
    return Problem(kind, file, sentence % words, key=name, line=line)


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else repr(value)
    text = text if len(text) <= 80 else f"{text[:80]}…"
    return text or _("nothing")


def _taken(package: Package, provider: Provider) -> list[Problem]:
    """Return the uuids of the package that already belong to something else."""
    made = package.made
    if isinstance(made, SeriesDocument):
        return [*_owned_elsewhere(Series, package, provider), *_not_here(made, package, provider)]
    taken = CreditDesignation.objects.exclude(activity__uuid=made.uuid).values_list("uuid", flat=True)
    ours = {one.uuid: index for index, one in enumerate(made.designations)}
    sentence = _("This uuid belongs to a designation of another activity.")
    return [
        *_owned_elsewhere(Activity, package, provider),
        *(
            _not_ours(package, f"designations[{ours[one]}].uuid", sentence)
            for one in taken.filter(uuid__in=ours)
        ),
    ]


def _owned_elsewhere(kind: type[Activity | Series], package: Package, provider: Provider) -> list[Problem]:
    if not kind._default_manager.filter(uuid=package.made.uuid).exclude(provider=provider).exists():
        return []
    return [_not_ours(package, "uuid", _("This uuid belongs to another provider."))]


def _not_here(made: SeriesDocument, package: Package, provider: Provider) -> list[Problem]:
    here = set(Activity.objects.filter(provider=provider).values_list("uuid", flat=True))
    sentence = _("This provider has no activity with this uuid here. Import the activity first.")
    return [
        _not_ours(package, f"activities[{index}]", sentence)
        for index, member in enumerate(made.activities)
        if member not in here
    ]


def _not_ours(package: Package, path: str, sentence: str) -> Problem:
    file, line = package.place_of(path)
    return Problem(ProblemKind.NOT_OURS, file, sentence, key=path, line=line)
