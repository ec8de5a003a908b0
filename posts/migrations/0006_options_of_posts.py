from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0005_visibility_of_posts"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="content_warning",
            field=models.CharField(
                blank=True, db_default="", help_text="Shown instead of the post until opened.", max_length=100
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="language",
            field=models.CharField(
                blank=True, db_default="", help_text="A BCP 47 tag, or unknown.", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="quote_policy",
            field=models.CharField(
                choices=[("everyone", "Everyone"), ("followers", "Followers"), ("nobody", "Nobody")],
                db_default="everyone",
                default="everyone",
                help_text="Who may quote it.",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="reply_policy",
            field=models.CharField(
                choices=[
                    ("everyone", "Everyone"),
                    ("followers", "Followers"),
                    ("mentioned", "People you mention"),
                ],
                db_default="everyone",
                default="everyone",
                help_text="Who may reply, of those who can read it.",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="sensitive",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Pictures and videos are blurred until opened."
            ),
        ),
    ]
