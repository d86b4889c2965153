"""`opencme demo`: a complete installation on SQLite with content of its own."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import click

from opencme.cli.ready import ready_django

# Marks a folder as ours, so that --reset never removes another one.
MARK = ".opencme-demonstration"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data",
    default="demo-data",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that keeps its database, files and keys.",
)
@click.option("--reset", is_flag=True, help="Remove the folder and what was done in it, then stop.")
def command(host: str, port: int, data: Path, *, reset: bool) -> None:
    """Serve a demonstration; what is done in it is kept until --reset."""
    data = data.resolve()
    if reset:
        remove_data(data)
        return
    claim_folder(data)
    set_environment(data, host, port)
    ready_django()
    from opencme.cli import demonstration  # noqa: PLC0415  the settings are made just above

    demonstration.start(host=host, port=port, data=data)


def remove_data(data: Path) -> None:
    """Remove the demonstration's folder; refuse any other."""
    if not data.exists():
        click.echo(f"There is no demonstration in {data}.")
        return
    if not (data / MARK).is_file():
        raise click.ClickException(f"{data} does not belong to a demonstration; nothing was removed.")
    shutil.rmtree(data)
    click.echo(f"Removed {data}. The next start begins afresh.")


def claim_folder(data: Path) -> None:
    """Make the folder, or take one that is empty or ours already."""
    if data.is_dir() and any(data.iterdir()) and not (data / MARK).is_file():
        raise click.ClickException(f"{data} holds other files. Choose another folder with --data.")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / MARK).touch()


def set_environment(data: Path, host: str, port: int) -> None:
    """Settings of the demonstration; those of a real installation around it are not used."""
    for name in [name for name in os.environ if name.startswith("OPENCME_")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "opencme.config.settings",
        "OPENCME_DEMONSTRATION": "true",
        "OPENCME_BACKGROUND_WORK": "true",
        "OPENCME_SECRET_KEY": _secret_key(data / "secret-key"),
        "OPENCME_BASE_URL": f"http://localhost:{port}",
        # Whoever opens it to a network reaches it by names that we cannot know.
        "OPENCME_EXTRA_HOSTS": "127.0.0.1,[::1]" if host == "127.0.0.1" else "*",
        "OPENCME_DATA_DIR": str(data),
        "OPENCME_DATABASE_URL": f"sqlite:///{data / 'opencme.sqlite3'}",
        "OPENCME_LOG_FORMAT": "text",
        "OPENCME_MAIL_URL": "dummymail://",
        "OPENCME_MAIL_FROM": "OpenCME demonstration <cme@example.org>",
        "OPENCME_OFFICE_EMAIL": "office@example.org",
    }


def _secret_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()
