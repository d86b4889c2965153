"""Settings of the tests: a database file and a data folder that go away afterwards."""

import os
import tempfile
from pathlib import Path

_folder = tempfile.TemporaryDirectory(prefix="opencme-test-", ignore_cleanup_errors=True)
os.environ["OPENCME_DEBUG"] = "false"
os.environ["OPENCME_SECRET_KEY"] = "a-key-for-tests-that-opens-nothing-anywhere-0123456789"
os.environ["OPENCME_BASE_URL"] = "http://testserver"
os.environ["OPENCME_DATA_DIR"] = _folder.name
os.environ["OPENCME_DATABASE_URL"] = os.environ.get(
    "OPENCME_TEST_DATABASE_URL",
    f"sqlite:///{_folder.name}/opencme.sqlite3",
)

from opencme.config.settings import *  # noqa: E402, F403  the lines above are read by it
from opencme.config.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "opencme.core.databases.sqlite3":
    # A file, not memory: concurrency tests open it from several threads.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder.name) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;"
    )

# Nothing runs beside the tests that would write them.
OPENCME_MERGE_BEATS = False

# Argon2 costs 20 ms by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
