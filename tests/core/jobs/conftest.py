import pytest


@pytest.fixture
def notes(settings, tmp_path, monkeypatch):
    """The jobs of `tests.worker_app`, and what they have written: a function that reads the lines."""
    path = tmp_path / "notes"
    path.touch()
    monkeypatch.setenv("WORKER_APP_NOTES", str(path))
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.worker_app"]
    return lambda: path.read_text().split("\n")[:-1]
