"""Settings of processes that have the jobs of the tests as well."""

from opencme.config.settings import *  # noqa: F403
from opencme.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.worker_app"]
