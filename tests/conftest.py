"""What every test gets, and what a complete run demands."""

import os

import pytest

REQUIRE_ALL = os.environ.get("OPENCME_REQUIRE_ALL") == "1"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With OPENCME_REQUIRE_ALL=1 a skipped test has failed, unless it needs the shared folder."""
    outcome = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail") and "shared" not in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and OPENCME_REQUIRE_ALL=1 allows no skips"
