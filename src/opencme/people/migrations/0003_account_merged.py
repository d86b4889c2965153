from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_account_closing'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='account_merged'),
        ),
    ]
