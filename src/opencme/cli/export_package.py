"""`opencme export`: write an activity or a series as a package."""

from __future__ import annotations

import uuid
from pathlib import Path

import click

from opencme.activities.models import Activity, Draft, Revision, Series
from opencme.interchange.operations import export_activity, export_series
from opencme.interchange.package.write import FolderNotEmpty, NameTakenTwice


@click.command()
@click.argument("identifier", metavar="UUID", type=click.UUID)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--revision", "number", type=click.IntRange(1), help="A published revision, not the draft.")
def command(identifier: uuid.UUID, folder: Path | None, number: int | None) -> None:
    """Write the activity or series UUID as a package into FOLDER, named after it if left out."""
    activity = Activity.objects.filter(uuid=identifier).select_related("provider").first()
    series = Series.objects.filter(uuid=identifier).select_related("provider").first()
    made = activity or series
    if made is None:
        raise click.ClickException(f"There is no activity and no series {identifier}.")
    folder = folder or Path(made.slug)
    try:
        if activity is not None:
            export_activity(activity=activity, folder=folder, number=number)
        elif series is not None:
            export_series(series=series, folder=folder)
    except (Draft.DoesNotExist, Revision.DoesNotExist) as error:
        raise click.ClickException("The activity has no such revision.") from error
    except FolderNotEmpty as error:
        raise click.ClickException(f"{folder} is there already and not empty.") from error
    except NameTakenTwice as error:
        raise click.ClickException(f"Two different files are called {error}; rename one first.") from error
    click.echo(f"Written to {folder}.")
