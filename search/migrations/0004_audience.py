"""Give each document an audience, and those that not everyone may find an index of their own."""
# ruff: noqa: S608

from importlib import import_module

from django.db import migrations, models

before = import_module("search.migrations.0002_full_text")

FIELDS = ["words", "author_words"]

# Counted as search.engines.base.brevity counts.
FILL = """
DELETE FROM search_postdocument WHERE NOT EXISTS (
    SELECT 1 FROM posts_post p JOIN accounts_member m ON m.id = p.author_id
    WHERE p.id = search_postdocument.post_id AND p.state = 'published' AND m.is_active
);
DELETE FROM search_memberdocument WHERE NOT EXISTS (
    SELECT 1 FROM accounts_member m WHERE m.id = search_memberdocument.member_id AND m.is_active
);
UPDATE search_postdocument SET
    audience = (
        SELECT m.id FROM posts_post p JOIN accounts_member m ON m.id = p.author_id
        WHERE p.id = search_postdocument.post_id AND m.is_private
    ),
    brevity = round(2.2 / (1.3 + 0.045 * (
        length(words) - length(replace(words, ' ', '')) + CASE WHEN words = '' THEN 0 ELSE 1 END
    )), 4);
UPDATE search_word SET
    head = substr(word, 1, 2), tail = substr(word, CASE WHEN length(word) > 3 THEN length(word) - 2 ELSE 1 END);
"""
POSTGRES = """
ALTER TABLE search_postdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (
        search_vector(words, 'A') || search_vector(author_words, 'B')
        || coalesce(search_vector('=' || audience::text, 'D'), ''::tsvector)
    ) STORED;
CREATE INDEX search_post_vector ON search_postdocument USING gin (vector) WITH (fastupdate = off)
    WHERE audience IS NULL;
CREATE INDEX search_private_post_vector ON search_postdocument USING gin (vector) WITH (fastupdate = off)
    WHERE audience IS NOT NULL;
DROP INDEX search_word_trigrams;
"""
POSTGRES_BACK = """
CREATE INDEX search_word_trigrams ON search_word USING gist (word gist_trgm_ops);
ALTER TABLE search_postdocument DROP COLUMN vector;
"""
POSTGRES_BEFORE = """
ALTER TABLE search_postdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (search_vector(words, 'A') || search_vector(author_words, 'B')) STORED;
CREATE INDEX search_post_vector ON search_postdocument USING gin (vector) WITH (fastupdate = off);
"""


def make_sqlite_table(schema_editor, name, columns, whose):
    """Create an FTS5 table of the documents for which `whose` is true."""
    listed = ", ".join(columns)
    new = ", ".join(f"new.{column}" for column in columns)
    old = ", ".join(f"old.{column}" for column in columns)
    changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in [*FIELDS, "audience"])
    # Selected from nothing, so that there can be a condition.
    add = f"INSERT INTO {name}(rowid, {listed}) SELECT new.post_id, {new} WHERE {whose.replace('doc.', 'new.')};"
    take = (
        f"INSERT INTO {name}({name}, rowid, {listed})"
        f" SELECT 'delete', old.post_id, {old} WHERE {whose.replace('doc.', 'old.')};"
    )
    for statement in (
        f"CREATE VIRTUAL TABLE {name} USING fts5({listed}, content='search_postdocument',"
        f" content_rowid='post_id', prefix='1 2 3', {before.TOKENIZE})",
        f"INSERT INTO {name}(rowid, {listed}) SELECT post_id, {listed} FROM search_postdocument AS doc"
        f" WHERE {whose} ORDER BY post_id",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON search_postdocument BEGIN {add} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON search_postdocument BEGIN {take} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE ON search_postdocument WHEN {changed} BEGIN {take} {add} END",
    ):
        schema_editor.execute(statement, params=None)


def drop_sqlite_table(schema_editor, name):
    for trigger in ("insert", "delete", "update"):
        schema_editor.execute(f"DROP TRIGGER {name}_{trigger}", params=None)
    schema_editor.execute(f"DROP TABLE {name}", params=None)


def unmake_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_postdocument DROP COLUMN vector", params=None)
    else:
        drop_sqlite_table(schema_editor, "search_post_fts")


def make_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_BEFORE, params=None)
        return
    for statement in before.sqlite_table("search_post_fts"):
        schema_editor.execute(statement, params=None)
    schema_editor.execute("INSERT INTO search_post_fts(search_post_fts) VALUES ('rebuild')", params=None)


def make(apps, schema_editor):
    for statement in FILL.split(";\n"):
        if statement.strip():
            schema_editor.execute(statement, params=None)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES, params=None)
        return
    make_sqlite_table(schema_editor, "search_post_fts", FIELDS, "doc.audience IS NULL")
    private = [*FIELDS, "audience"]
    make_sqlite_table(schema_editor, "search_private_post_fts", private, "doc.audience IS NOT NULL")


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_BACK, params=None)
        return
    for name in ("search_post_fts", "search_private_post_fts"):
        drop_sqlite_table(schema_editor, name)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_renewal"),
        ("accounts", "0002_privacy_and_joining"),
        ("posts", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(unmake_before, make_before),
        migrations.AddField(
            model_name="postdocument",
            name="audience",
            field=models.BigIntegerField(
                help_text="Private account whose followers can find it. Empty: everyone.", null=True
            ),
        ),
        migrations.AddField(
            model_name="postdocument",
            name="brevity",
            field=models.FloatField(default=1.0, help_text="Weight for short texts."),
        ),
        migrations.RemoveIndex(model_name="word", name="search_word_by_size"),
        migrations.AddField(model_name="word", name="head", field=models.CharField(default="", max_length=2)),
        migrations.AddField(model_name="word", name="tail", field=models.CharField(default="", max_length=3)),
        migrations.AddIndex(
            model_name="word", index=models.Index(fields=["head", "size"], name="search_word_by_head")
        ),
        migrations.AddIndex(
            model_name="word", index=models.Index(fields=["tail", "size"], name="search_word_by_tail")
        ),
        migrations.RunPython(make, unmake),
    ]
