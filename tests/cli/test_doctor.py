"""`opencme doctor` as an operator runs it, and how it judges what it finds."""

import json
import shutil
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from smtplib import SMTPAuthenticationError, SMTPNotSupportedError, SMTPRecipientsRefused
from socket import gaierror

import pytest
from django.core import mail as django_mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from tests.cli.serving import environment_for, run
from tests.factories.credit import certified

from opencme.cli.doctor import (
    address,
    as_text,
    backups,
    certificates,
    clock,
    database,
    disk,
    jobs,
    mail,
    media,
    people,
)
from opencme.cli.doctor import environment as environment_check
from opencme.cli.doctor.examination import Extent, examine
from opencme.cli.doctor.findings import State, fine, trouble, warning
from opencme.core.append_only import triggers_for
from opencme.core.audit import record
from opencme.core.jobs import enqueue
from opencme.core.jobs.transitions import discard, fail, take_next
from opencme.core.keeping.last_backup import LastBackup, remember_last_backup
from opencme.core.models import Worker
from opencme.core.operations import queue_mail
from opencme.core.tasks import QueueState, send_mail
from opencme.credit.operations import certificate_pdf_of
from opencme.credit.render.pdf import certificate_pdf
from opencme.credit.render.signing import ensure_signing_key
from opencme.media.files import path_of
from opencme.media.models import MediaFile

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def states(findings):
    return [finding.state.value for finding in findings]


def only(findings):
    (finding,) = findings
    return finding


# --- The command ------------------------------------------------------------------------


@pytest.mark.sqlite
def test_from_nothing_to_a_sound_installation(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    before = run(environment, "doctor", "--no-network")
    assert before.returncode == 1
    assert "There is no database at" in before.stdout
    assert not (tmp_path / "opencme.sqlite3").exists()

    run(environment, "migrate")
    after = run(environment | {"OPENCME_OFICE_EMAIL": "x@example.org"}, "doctor", "--no-network", "--json")
    said = json.loads(after.stdout)
    assert (after.returncode, said["trouble"]) == (0, False)
    subjects = {finding["subject"] for finding in said["findings"]}
    assert subjects >= {
        "settings",
        "database",
        "migrations",
        "triggers",
        "disk",
        "mail",
        "clock",
        "fonts",
        "keys",
        "backups",
    }
    unknown = [finding for finding in said["findings"] if "OPENCME_OFICE_EMAIL" in finding["message"]]
    assert unknown[0]["remedy"] == "Did you mean OPENCME_OFFICE_EMAIL?"
    assert all(finding["remedy"] for finding in said["findings"] if finding["state"] != "fine")


def test_a_report_that_cannot_be_sent_is_said(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)  # whose mail server is not there
    result = run(environment, "doctor", "--no-network", "--report-to", "it@example.org")
    assert result.returncode == 1
    assert "No report was sent: Connection refused." in result.stderr


def test_a_report_to_nobody_is_said(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    told = "--report-to names no address: trouble is mailed to nobody."
    for options, expected in ((("--report-to", ""), True), ((), False)):
        result = run(environment, "doctor", "--no-network", *options)
        assert (result.returncode, told in result.stderr) == (1, expected)


def test_settings_that_cannot_be_read_are_said_with_the_others(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath) | {"OPENCME_DEBUG": "perhaps"}
    result = run(environment, "doctor")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr + result.stdout


# --- How each subject is judged ---------------------------------------------------------


def test_what_serve_refuses_is_trouble_here():
    found = list(environment_check.examine_values({"OPENCME_DEBUG": "true"}))
    assert set(states(found)) == {"trouble"}
    assert found[0].message == "OPENCME_DEBUG is on."


@pytest.mark.django_db
def test_the_database_of_the_tests_is_sound():
    assert database.can_be_used() is None
    assert "trouble" not in states(database.examine_migrations())
    assert states(database.examine_triggers()) == ["fine"]


@pytest.mark.django_db
def test_a_missing_trigger_is_trouble(django_db_blocker):
    from django.db import connection

    trigger = next(triggers_for(connection))
    on = "" if connection.vendor == "sqlite" else f' ON "{trigger.table}"'
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger.name}"{on}')
    finding = only(database.examine_triggers())
    assert (finding.state, trigger.name in finding.message) == (State.TROUBLE, True)


@pytest.mark.django_db
def test_a_database_from_a_newer_program_is_trouble():
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder(connection).record_applied("core", "9999_from_the_future")
    finding = only(database.examine_migrations())
    assert finding.message == "The database is newer than the program: it has core 9999_from_the_future."


@pytest.mark.django_db
def test_a_database_older_than_the_program_is_trouble():
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder(connection).migration_qs.filter(app="credit").delete()
    finding = only(database.examine_migrations())
    assert "older than the program" in finding.message


def test_a_share_is_told_from_a_disk(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n")
    assert database.kind_of_disk(tmp_path, mounts=mounts) == "ext4"
    assert database.kind_of_disk(tmp_path.__class__("/srv/data/opencme.sqlite3"), mounts=mounts) == "nfs4"


def test_connections_that_run_out():
    assert database.connections(open_now=70, most=100).state == State.FINE
    assert database.connections(open_now=90, most=100).state == State.WARNING


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_is_looked_at():
    found = list(database.examine_database(thorough=False))
    assert found[0].message.startswith("PostgreSQL 1")
    assert any("connections are open" in finding.message for finding in found)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_looked_at():
    found = [finding.message for finding in database.examine_database(thorough=True)]
    assert found[0].startswith("SQLite 3")
    assert found[-1] == "Every page of it is sound."


@pytest.mark.parametrize(
    ("free", "files", "state"),
    [
        (100 * 1024**3, 10**6, "fine"),
        (100 * 1024**3, None, "fine"),
        (1024**3, 10**6, "warning"),
        (100 * 1024**2, 10**6, "trouble"),
        (100 * 1024**3, 50, "trouble"),
    ],
)
def test_room_on_the_disk(tmp_path, free, files, state):
    assert disk.room(tmp_path, free=free, files=files).state == state


def test_a_folder_that_cannot_be_written_to_is_trouble():
    assert "trouble" in states(disk.examine_disk([Path("/proc/self")]))


@pytest.mark.parametrize(
    ("workers", "due_for_seconds", "failed_for_good", "failing", "expected"),
    [
        (1, 0, 0, {}, ["fine"]),
        (0, 0, 0, {}, ["warning"]),
        (1, 3600, 0, {}, ["trouble"]),
        (1, 0, 2, {}, ["fine", "warning"]),
        (1, 0, 0, {"credit.purge_due": 1}, ["fine", "warning"]),
    ],
)
def test_jobs(workers, due_for_seconds, failed_for_good, failing, expected):
    state = QueueState(
        waiting=3,
        due_for_seconds=due_for_seconds,
        running=0,
        failed_for_good=failed_for_good,
        workers=workers,
    )
    assert states(jobs.judged(state, failing=failing, on_sqlite=True)) == expected


@pytest.mark.django_db
def test_what_recurs_and_fails_each_time_is_named():
    enqueue("credit.purge_due", at=NOW)
    at = NOW
    for _ in range(3):
        at = fail(take_next("default", worker="one", at=at), ValueError("no"), at=at)
    found = list(jobs.examine_jobs(at=NOW))
    assert found[-1].message == "Jobs that failed 3 times in a row or more: credit.purge_due (1)."


@pytest.mark.django_db
def test_a_check_that_takes_minutes_spoils_none_after_it(django_user_model):
    at, said = NOW, []
    worker = Worker.objects.create(name="one", started_at=at, beat_at=at)
    person = django_user_model.objects.create_user(email="ana@example.org")

    def now():
        return at

    for finding in examine({}, extent=Extent(network=False), now=now):
        said.append(finding.message)
        if finding.subject == "database":  # the server goes on while it is looked through
            at += timedelta(minutes=2)
            Worker.objects.filter(pk=worker.pk).update(beat_at=at)
            record(person, "did something", at=at)
    assert f"It is {at:%Y-%m-%d %H:%M:%S} UTC, after everything that was recorded." in said
    assert "1 at work, 0 jobs waiting, none of them late." in said


@pytest.mark.django_db
def test_mail_that_an_operator_gave_up_is_late_no_longer():
    given_up, waits = (
        queue_mail(key=key, to="x@example.org", subject="s", text="t", at=NOW) for key in ("a", "b")
    )
    jobs_of_mail = DBTaskResult.objects.filter(task_path=send_mail.module_path)
    job = next(one for one in jobs_of_mail if one.args_kwargs["args"] == [str(given_up.uuid)])
    jobs_of_mail.filter(pk=job.pk).update(status="FAILED", finished_at=NOW)
    at = NOW + timedelta(hours=1)
    assert only(mail.examine_outbox(at=at)).message.startswith("2 messages")
    discard(job.pk)
    assert only(mail.examine_outbox(at=at)).message.startswith("1 message has")
    send_mail.func(str(waits.uuid), at=at)
    send_mail.at_rest()  # or its connection would serve the next test, too
    assert states(mail.examine_outbox(at=at)) == ["fine"]


@pytest.mark.django_db
def test_mail_that_waits():
    assert states(mail.examine_outbox(at=timezone.now())) == ["fine"]
    queue_mail(key="late", to="x@example.org", subject="s", text="t", at=NOW)
    assert states(mail.examine_outbox(at=NOW + timedelta(minutes=5))) == ["fine"]
    assert states(mail.examine_outbox(at=NOW + timedelta(hours=1))) == ["warning"]


def test_a_mail_server_that_is_not_there(settings):
    settings.OPENCME_MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    finding = only(mail.examine_mail_server())
    assert finding.message == "127.0.0.1:9 does not take mail: Connection refused."


def test_a_report_has_what_needs_somebody_and_the_worst_first(settings):
    settings.OPENCME_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    late, gone = warning("mail", "Late.", "Wait."), trouble("keys", "Gone.", "Restore it.")
    mail.send_report(as_text([fine("disk", "Room."), late, gone]), to="it@example.org")
    (sent,) = django_mail.outbox
    assert sent.to == ["it@example.org"]
    assert "TROUBLE: Gone.\n> Restore it.\n\nWARNING: Late.\n> Wait.\n" in sent.body
    assert "Room." not in sent.body


def test_a_report_that_nobody_takes(settings):
    settings.OPENCME_MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(mail.NotSent, match="Connection refused"):
        mail.send_report("text", to="it@example.org")


@pytest.mark.parametrize(
    ("error", "said", "remedy"),
    [
        (SMTPAuthenticationError(535, b"5.7.8 bad\n credentials"), "535 5.7.8 bad credentials", "password"),
        (SMTPRecipientsRefused({"a@b.c": (554, b"relay denied")}), "554 relay denied", "refuses"),
        (SMTPNotSupportedError("STARTTLS is unknown here."), "STARTTLS is unknown here", "Encryption"),
        (gaierror(-2, "Name or service not known"), "Name or service not known", "No machine"),
        (TimeoutError("timed out"), "timed out", "Nobody answers"),
    ],
)
def test_what_a_mail_server_refuses_with(error, said, remedy):
    assert mail.said_by(error) == said
    assert remedy in mail.remedy_for(error)


def test_a_clock_that_went_back():
    assert states(clock.against_record(at=NOW, newest=NOW + timedelta(minutes=2))) == ["trouble"]
    assert states(clock.against_record(at=NOW, newest=NOW - timedelta(minutes=2))) == ["fine"]
    assert states(clock.against_record(at=NOW, newest=None)) == ["fine"]


@pytest.mark.django_db
def test_the_key_that_signs(tmp_path):
    drawn = certificate_pdf(certificates._specimen(), name="Jordan Example", at=NOW)
    assert states(certificates.examine_key(tmp_path, drawn=drawn, at=NOW)) == ["fine"]
    path = ensure_signing_key(tmp_path, at=NOW)
    assert states(certificates.examine_key(tmp_path, drawn=drawn, at=NOW)) == ["fine"]
    assert states(certificates.examine_key(tmp_path, drawn=drawn, at=NOW + timedelta(days=365 * 20))) == [
        "warning"
    ]
    path.chmod(0o644)
    assert "chmod 600" in only(certificates.examine_key(tmp_path, drawn=drawn, at=NOW)).remedy
    path.chmod(0o600)
    other = ensure_signing_key(tmp_path / "other", at=NOW).read_text()
    key, begin, rest = path.read_text().partition("-----BEGIN CERTIFICATE")
    own = begin + rest
    strange = other[other.index("-----BEGIN CERTIFICATE") :]
    for after in ("", own):  # signing takes the first certificate, wherever the right one is
        path.write_text(key + strange + after)
        finding = only(certificates.examine_key(tmp_path, drawn=drawn, at=NOW))
        assert "first certificate belongs to another key" in finding.message
        assert "safe place where certificate-signer.pem is kept" in finding.remedy


@pytest.mark.parametrize(
    ("hours", "state"), [(2, "fine"), (40, "warning"), (24 * 8, "trouble"), (None, "warning")]
)
def test_the_age_of_the_last_backup(tmp_path, hours, state):
    if hours is not None:
        note_a_backup(tmp_path, made_at=NOW - timedelta(hours=hours))
    assert states(backups.examine_backups(tmp_path, at=NOW)) == [state]


def note_a_backup(data, *, made_at):
    folder = data / "backups" / "one"
    folder.mkdir(parents=True)
    (folder / "manifest.json").touch()
    remember_last_backup(data, LastBackup(made_at, folder, 10))
    return folder


def test_a_backup_that_is_gone_is_none(tmp_path):
    shutil.rmtree(note_a_backup(tmp_path, made_at=NOW))
    finding = only(backups.examine_backups(tmp_path, at=NOW))
    assert (finding.state, "cannot be found" in finding.message) == (State.TROUBLE, True)


def test_a_backup_of_the_future_was_made_by_a_wrong_clock(tmp_path):
    note_a_backup(tmp_path, made_at=NOW + timedelta(days=365))
    finding = only(backups.examine_backups(tmp_path, at=NOW))
    assert (finding.state, "2027-11-22 10:00 UTC, which is yet to come" in finding.message) == (
        State.WARNING,
        True,
    )


def test_a_note_of_a_backup_that_makes_no_sense(tmp_path):
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "last.json").write_text("{}")
    assert states(backups.examine_backups(tmp_path, at=NOW)) == ["warning"]


@pytest.mark.django_db
def test_media_that_are_gone_or_changed(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sha256 = "ab" * 32
    MediaFile.objects.create(sha256=sha256, media_type="video/mp4", length=5, stored_at=NOW)
    assert states(media.examine_media(thorough=False)) == ["trouble"]
    path_of(sha256).parent.mkdir()
    path_of(sha256).write_bytes(b"12345")
    assert states(media.examine_media(thorough=False)) == ["fine"]
    assert states(media.examine_media(thorough=True)) == ["trouble"]


@pytest.mark.django_db
def test_nobody_operates(django_user_model):
    assert states(people.examine_operators()) == ["warning"]
    django_user_model.objects.create_user(email="op@example.org", is_staff=True)
    assert states(people.examine_operators()) == ["fine"]


# --- The public address -------------------------------------------------------------------


class Answering(BaseHTTPRequestHandler):
    said = {}

    def do_GET(self):
        status, body = self.said.get(self.path, (404, b""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def a_server(said):
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (Answering,), {"said": said})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        ((200, b"ok\n"), "fine", "answers."),
        ((200, b"<h1>It works!</h1>"), "trouble", "Something else answers"),
        ((502, b""), "warning", "answers 502"),
    ],
)
def test_who_answers_at_the_public_address(said, state, words):
    with a_server({"/healthz": said}) as url:
        finding = only(address.examine_address(url, behind_proxy=True, at=NOW))
    assert (finding.state, words in finding.message) == (state, True)


def test_a_proxy_that_names_nobody():
    with a_server({"/healthz": (200, b"ok\n"), "/metrics": (200, b"")}) as url:
        assert states(address.examine_address(url, behind_proxy=True, at=NOW)) == ["fine", "trouble"]
        assert states(address.examine_address(url, behind_proxy=False, at=NOW)) == ["fine"]


def test_nobody_answers_at_the_public_address():
    finding = only(address.examine_address("http://127.0.0.1:9", behind_proxy=True, at=NOW))
    assert "is not reached from this machine: Connection refused." in finding.message


def test_a_file_of_settings_that_everybody_can_read(tmp_path):
    path = tmp_path / "opencme.env"
    path.touch(0o640)
    assert list(environment_check.examine_file(path)) == []
    path.chmod(0o644)
    assert states(environment_check.examine_file(path)) == ["trouble"]


@pytest.mark.django_db
def test_a_key_that_is_missing_although_it_signed(tmp_path):
    certificate_pdf_of(certificate=certified(), folder=tmp_path, at=NOW)
    (tmp_path / "certificate-signer.pem").unlink()
    finding = only(certificates.examine_key(tmp_path, drawn=b"", at=NOW))
    assert finding.state is State.TROUBLE
    assert "no server starts" in finding.message
    assert "rotate-signing-key --lost" in finding.remedy
