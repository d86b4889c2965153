"""Settings, read from the environment; every name begins with OPENCME_.

Safe by default: a start without OPENCME_SECRET_KEY fails unless OPENCME_DEBUG
is set, and `opencme serve` refuses every unsafe setting by name.
"""

import os
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured


class _Environment(environ.Env):  # type: ignore[misc]
    """Remembers every name that was asked for: `opencme doctor` finds those that nothing reads."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add(var)
        return super().get_value(var, *args, **kwargs)


env = _Environment()

PACKAGE_DIR = Path(__file__).resolve().parent.parent

# --- What the operator decides -------------------------------------------------

DEBUG = env.bool("OPENCME_DEBUG", default=False)
OPENCME_DEMONSTRATION = env.bool("OPENCME_DEMONSTRATION", default=False)
OPENCME_DATA_DIR = Path(env("OPENCME_DATA_DIR", default="var")).expanduser().resolve()
OPENCME_BASE_URL = env("OPENCME_BASE_URL", default="http://localhost:8000").rstrip("/")
OPENCME_BACKGROUND_WORK = env.bool("OPENCME_BACKGROUND_WORK", default=False)
OPENCME_BEHIND_PROXY = env.bool("OPENCME_BEHIND_PROXY", default=False)
# Who sends it may read /metrics from anywhere; without one, this machine alone may.
OPENCME_METRICS_TOKEN = env("OPENCME_METRICS_TOKEN", default="")
OPENCME_OFFICE_EMAIL = env("OPENCME_OFFICE_EMAIL", default="")
# Draws the public page that is kept with each revision; commands may not know the web.
OPENCME_PAGE_SNAPSHOT = "opencme.web.learner.snapshot.render_public_page"
OPENCME_SITE_NAME = env("OPENCME_SITE_NAME", default="OpenCME")
# Python runs one thread at a time; the others wait for the database, and share its waits for the disk.
OPENCME_WORK_AT_ONCE = env.int("OPENCME_WORK_AT_ONCE", default=min(16, 4 * (os.cpu_count() or 1)))
if not 1 <= OPENCME_WORK_AT_ONCE <= 64:
    raise ImproperlyConfigured(f"OPENCME_WORK_AT_ONCE is {OPENCME_WORK_AT_ONCE}; it may be 1 to 64.")

SECRET_KEY = env("OPENCME_SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        message = "OPENCME_SECRET_KEY is not set. Set it to 50 or more random characters."
        raise ImproperlyConfigured(message)
    SECRET_KEY = "insecure-key-for-development-only"  # noqa: S105  `opencme serve` refuses it
SECRET_KEY_FALLBACKS = env.list("OPENCME_OLD_SECRET_KEYS", default=[])

_base = urlsplit(OPENCME_BASE_URL)
_https = _base.scheme == "https"
ALLOWED_HOSTS = [_base.hostname or "localhost", *env.list("OPENCME_EXTRA_HOSTS", default=[])]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# --- Applications ----------------------------------------------------------------

INSTALLED_APPS = [
    "opencme.core",
    "opencme.people",
    "opencme.providers",
    "opencme.assessment",
    "opencme.media",
    "opencme.activities",
    "opencme.learning",
    "opencme.compliance",
    "opencme.credit",
    "opencme.interchange",
    "opencme.sample_content",
    "opencme.web",
    "allauth",
    "allauth.account",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "opencme.web.compression.CompressPages",
    "opencme.web.policy.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "opencme.web.second_try.SecondTry",
]

ROOT_URLCONF = "opencme.config.urls"
WSGI_APPLICATION = "opencme.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opencme.web.context.frame",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------

DATABASES = {
    "default": env.db_url(
        "OPENCME_DATABASE_URL",
        default=f"sqlite:///{OPENCME_DATA_DIR / 'opencme.sqlite3'}",
    ),
}
# One connection for each seat (web/overload.py), kept for good: opening one costs more than most pages.
DATABASES["default"] |= {"CONN_MAX_AGE": None, "ATOMIC_REQUESTS": False}
_is_sqlite = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if _is_sqlite:
    DATABASES["default"]["ENGINE"] = "opencme.core.databases.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that reads first and writes later would meet "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # NORMAL: a commit does not wait for the disk by itself; our connection waits before it returns,
        # together with others, so that what was acknowledged survives the loss of power. secure_delete:
        # an evaluation that was set free leaves no trace of its person in the file. No mmap: a disk that
        # fails to read would end the process. A log that once grew is cut back to 32 MiB.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
            " PRAGMA mmap_size=0; PRAGMA journal_size_limit=33554432; PRAGMA wal_autocheckpoint=0;"
        ),
    }
else:
    DATABASES["default"] |= {
        "ENGINE": "opencme.core.databases.postgresql",
        "CONN_HEALTH_CHECKS": True,
        # A database that has gone without a word is noticed within seconds; the address may say otherwise.
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            # What a connection asks again and again is planned once (docs/decisions/0008).
            "server_side_binding": True,
            "prepare_threshold": 5,
        }
        | DATABASES["default"].get("OPTIONS", {}),
    }
# What is played is merged in memory and written every few seconds, where one process serves alone.
OPENCME_MERGE_BEATS = _is_sqlite
# Threads that wait for each other's Python wait shorter on one processor (core/processors.py). PostgreSQL
# needs the processors for itself, and its processes wait for it.
OPENCME_ONE_PROCESSOR = env.bool("OPENCME_ONE_PROCESSOR", default=_is_sqlite)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

OPENCME_CACHE_TABLE = "opencme_cache"
CACHES = {
    # What processes must agree on: rate limits. On SQLite one process serves, and its memory will do; each
    # write to a table would wait for the disk.
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
    if _is_sqlite
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": OPENCME_CACHE_TABLE,
        # Beyond its most entries Django would delete a third, counts of limits among them, whatever asked it
        # to keep something. A job removes every hour what is over (web/counts.py).
        "OPTIONS": {"MAX_ENTRIES": sys.maxsize},
    },
    # What can never change, keyed by its digest.
    "immutable": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "immutable",
        "TIMEOUT": None,
    },
}

# --- Work beside the pages --------------------------------------------------------

TASKS = {"default": {"BACKEND": "opencme.core.jobs.JobBackend", "QUEUES": ["default", "mail"]}}

# --- Accounts --------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["opencme.people.backend.AccountBackend"]
PASSWORD_HASHERS = ["opencme.people.hashers.Argon2idHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "learning"
LOGOUT_REDIRECT_URL = "catalogue"

ACCOUNT_ADAPTER = "opencme.web.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "opencme.web.accounts.CodeRequestForm",
    "reset_password": "opencme.web.accounts.NewPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
# Ours count instead (web/limits.py): the library's let a stranger use up the tries of an account's owner.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ("login", "login_failed", "request_login_code", "reset_password", "reset_password_from_key", "signup")
) | {"confirm_email": "1/30s/key"}
# Networks whose addresses limits do not count, such as a congress's; limits of accounts count everywhere.
OPENCME_TRUSTED_NETWORKS = [
    ip_network(one.strip()) for one in env.list("OPENCME_TRUSTED_NETWORKS", default=[])
]

# --- Sessions, cookies, headers ---------------------------------------------------

SESSION_ENGINE = "opencme.people.sessions"
# Over https a name that browsers take from this host alone, encrypted, for all paths.
OPENCME_COOKIE_PREFIX = "__Host-" if _https else ""
SESSION_COOKIE_NAME = f"{OPENCME_COOKIE_PREFIX}opencme_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = f"{OPENCME_COOKIE_PREFIX}opencme_csrf"
CSRF_FAILURE_VIEW = "opencme.web.learner.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = env.int("OPENCME_HSTS_SECONDS", default=60 * 60 * 24 * 365 if _https else 0)
# Other names under ours, and the list that browsers carry, are for whoever owns the domain to decide.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("OPENCME_HSTS_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if OPENCME_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _https
# Limits count the visitor whom the proxy names, not the proxy.
_proxies = env.int("OPENCME_PROXY_COUNT", default=1)
ALLAUTH_TRUSTED_PROXY_COUNT = _proxies if OPENCME_BEHIND_PROXY else 0

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Files -----------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = OPENCME_DATA_DIR / "static"
MEDIA_ROOT = OPENCME_DATA_DIR / "media"
# A location of the web server in front that serves MEDIA_ROOT by X-Accel-Redirect; empty: we send the files.
OPENCME_MEDIA_ACCEL_PREFIX = env("OPENCME_MEDIA_ACCEL_PREFIX", default="")
FILE_UPLOAD_PERMISSIONS = 0o640
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "opencme.web.static_files.HashedStaticFiles",
    },
}

# --- Mail ------------------------------------------------------------------------

# Whoever sends mail writes a row; a job hands it to OPENCME_MAIL_BACKEND, so a mail
# server that is down breaks no page.
EMAIL_BACKEND = "opencme.core.mail.OutboxBackend"
_mail = env.email_url("OPENCME_MAIL_URL", default="dummymail://")
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
OPENCME_MAIL_BACKEND = _mail["EMAIL_BACKEND"]
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("OPENCME_MAIL_FROM", default="OpenCME <no-reply@localhost>")

# --- Languages, time ----------------------------------------------------------------

# One language, so nothing is asked of the visitor; a second one brings LocaleMiddleware back.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Logs --------------------------------------------------------------------------

_log_format = env("OPENCME_LOG_FORMAT", default="json")
if _log_format not in ("json", "text"):
    raise ImproperlyConfigured(f"OPENCME_LOG_FORMAT is {_log_format}; it may be json or text.")
_log_level = env("OPENCME_LOG_LEVEL", default="WARNING").upper()
if _log_level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise ImproperlyConfigured(f"OPENCME_LOG_LEVEL is {_log_level}; it may be INFO, WARNING or ERROR.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        # For machines, and without personal data; text is for whoever sits before it.
        "json": {"()": "opencme.config.logs.json_formatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": _log_format},
    },
    "root": {"handlers": ["stderr"], "level": _log_level},
    # A visitor who asks for a page that is not there is no event, nor is one who asks by a strange name.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

OPENCME_SETTINGS_READ = frozenset(env.asked)
