from django.db import migrations, models


class Migration(migrations.Migration):
    """Rename words to terms in Python; tables and columns keep their names, and nothing is written."""

    dependencies = [("search", "0004_audience")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("PostDocument", "words", "terms"),
                migrations.AlterField(
                    "PostDocument", "terms", models.TextField(db_column="words", help_text="Of the text.")
                ),
                migrations.RenameField("PostDocument", "author_words", "author_terms"),
                migrations.AlterField(
                    "PostDocument",
                    "author_terms",
                    models.TextField(
                        db_column="author_words", help_text="Of the author’s name and username."
                    ),
                ),
                migrations.RenameField("MemberDocument", "handle_words", "username_terms"),
                migrations.AlterField(
                    "MemberDocument", "username_terms", models.TextField(db_column="handle_words")
                ),
                migrations.RenameField("MemberDocument", "name_words", "name_terms"),
                migrations.AlterField(
                    "MemberDocument", "name_terms", models.TextField(db_column="name_words")
                ),
                migrations.RenameField("MemberDocument", "bio_words", "bio_terms"),
                migrations.AlterField("MemberDocument", "bio_terms", models.TextField(db_column="bio_words")),
                migrations.RenameModel("Word", "VocabularyTerm"),
                migrations.AlterModelTable("VocabularyTerm", "search_word"),
                migrations.RenameField("VocabularyTerm", "word", "term"),
                migrations.AlterField(
                    "VocabularyTerm",
                    "term",
                    models.CharField(db_column="word", max_length=64, primary_key=True, serialize=False),
                ),
            ]
        )
    ]
