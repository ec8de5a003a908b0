from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0004_count_what_anyone_could_list")]

    operations = [
        # With a default in the database, processes of the version before go on writing posts, all of them public.
        migrations.AddField(
            model_name="post",
            name="visibility",
            field=models.CharField(
                choices=[
                    ("public", "Public"),
                    ("unlisted", "Unlisted"),
                    ("followers", "Followers"),
                    ("mentioned", "People you mention"),
                ],
                db_default="public",
                default="public",
                help_text="Who may read it, once published. Never changes.",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("visibility", "followers")), fields=["author"], name="post_for_followers"
            ),
        ),
    ]
