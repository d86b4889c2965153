from uuid import uuid4

from django.db import migrations, models
from django.utils import timezone


def ask_for_waiting_mail(apps, schema_editor):
    """Mail that an earlier version has not sent gets the job that sends it."""
    here = schema_editor.connection.alias
    row = apps.get_model("django_tasks_database", "DBTaskResult")
    waiting = apps.get_model("core", "OutboxMail").objects.using(here).filter(sent_at=None, gave_up_at=None)
    now = timezone.now()
    row.objects.using(here).bulk_create(
        row(
            id=uuid4(),
            args_kwargs={"args": [str(uuid)], "kwargs": {}},
            task_path="opencme.core.tasks.send_mail",
            queue_name="mail",
            backend_name="default",
            run_after=now,
        )
        for uuid in waiting.values_list("uuid", flat=True)
    )


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_released_streams'),
        ('django_tasks_database', '0021_conditional_partial_index_ordering'),
    ]

    operations = [
        migrations.RunPython(ask_for_waiting_mail, migrations.RunPython.noop),
        migrations.RemoveIndex(
            model_name='outboxmail',
            name='outbox_due',
        ),
        migrations.RemoveField(
            model_name='outboxmail',
            name='due_at',
        ),
        migrations.RemoveField(
            model_name='outboxmail',
            name='gave_up_at',
        ),
        migrations.RemoveField(
            model_name='outboxmail',
            name='last_error',
        ),
        migrations.RemoveField(
            model_name='outboxmail',
            name='tries',
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('started_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'worker',
            },
        ),
    ]
