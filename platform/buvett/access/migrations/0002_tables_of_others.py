from django.db import migrations

# What the web process needs of Django's own tables, and no more. Guardian's generic tables stay without rights: grants
# on cases have a table of their own, under row security. The reader has no right on any of them.
TABLES = {
    "django_content_type": "SELECT",
    "auth_permission": "SELECT",
    "auth_group": "SELECT",
    "auth_group_permissions": "SELECT",
    "accounts_user_groups": "SELECT",
    "accounts_user_user_permissions": "SELECT",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
}
FOR_THE_DUMP = [*TABLES, "guardian_userobjectpermission", "guardian_groupobjectpermission", "django_migrations"]
SEQUENCES = [
    "django_content_type_id_seq",
    "auth_permission_id_seq",
    "auth_group_id_seq",
    "auth_group_permissions_id_seq",
    "accounts_user_groups_id_seq",
    "accounts_user_user_permissions_id_seq",
    "guardian_userobjectpermission_id_seq",
    "guardian_groupobjectpermission_id_seq",
    "django_migrations_id_seq",
]


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sessions", "0001_initial"),
        ("guardian", "0001_initial"),
    ]
    operations = [
        *[migrations.RunSQL(f"GRANT {rights} ON {table} TO buvett_app") for table, rights in TABLES.items()],
        *[migrations.RunSQL(f"GRANT SELECT ON {table} TO buvett_backup") for table in FOR_THE_DUMP],
        *[migrations.RunSQL(f"GRANT SELECT ON SEQUENCE {sequence} TO buvett_backup") for sequence in SEQUENCES],
    ]
