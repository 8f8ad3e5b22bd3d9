from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_rights")]
    operations = [
        migrations.RemoveConstraint(model_name="standingapproval", name="standing_approval_once"),
        # One that was taken back may be given again the same day, with another last day.
        migrations.AddConstraint(
            model_name="standingapproval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_on", None)),
                fields=("agreement", "municipality", "approved_on"),
                name="standing_approval_once",
            ),
        ),
    ]
