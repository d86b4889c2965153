"""What every test gets, and what a complete run demands."""

import os
import shutil

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import settings as property_settings

from opencme.core.append_only import triggers_for

# A busy machine is no failure of a property.
property_settings.register_profile("opencme", deadline=None, max_examples=60)
property_settings.load_profile("opencme")

REQUIRE_ALL = os.environ.get("OPENCME_REQUIRE_ALL") == "1"


def pytest_unconfigure():
    """Remove the data folder: a worker of pytest-xdist ends without doing so itself."""
    shutil.rmtree(settings.OPENCME_DATA_DIR, ignore_errors=True)


def pytest_collection_modifyitems(config, items):
    """Leave out tests of the other database: they are no part of this run, hence not skipped."""
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    other = {"sqlite3": "postgresql", "postgresql": "sqlite"}[vendor]
    out = [item for item in items if item.get_closest_marker(other)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With OPENCME_REQUIRE_ALL=1 a skipped test has failed, unless it needs the shared folder."""
    outcome = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail") and "shared" not in item.keywords:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, which OPENCME_REQUIRE_ALL=1 forbids: {call.excinfo.value}"
        )


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """The same for a module that skips itself."""
    outcome = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, which OPENCME_REQUIRE_ALL=1 forbids"


@pytest.fixture(autouse=True)
def _flushable_tables(request):
    """A test with threads cannot roll back; SQLite then empties tables by DELETE, which triggers refuse.

    They go for that moment alone: the flush ends with `post_migrate`, which puts them back.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        for trigger in triggers_for(connection):
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')
