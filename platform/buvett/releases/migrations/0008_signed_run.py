from django.db import migrations, models


class Migration(migrations.Migration):
    """A run that was opened before has no signature: nothing more is sealed to its key."""

    dependencies = [("releases", "0007_said_by_the_database")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="signature",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="run",
            name="signed_with",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
    ]
