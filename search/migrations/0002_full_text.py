"""Create the full-text indexes, which models can’t describe."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

# The words come analyzed from search.analysis: they are only split at spaces, and nothing is folded again.
TOKENIZE = "tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co Cn'\""

SQLITE_TABLES = {
    "search_post_fts": ("search_postdocument", "post_id", ["words", "author_words"]),
    "search_member_fts": ("search_memberdocument", "member_id", ["handle_words", "name_words", "bio_words"]),
}

# fastupdate would leave new rows in a list that each search reads through.
POSTGRES = """
CREATE FUNCTION search_vector(words text, weight "char") RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT setweight(
        coalesce(string_agg('''' || replace(replace(w, '\\', '\\\\'), '''', '''''') || ''':' || n, ' '), '')::tsvector,
        weight
    )
    FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS one(w, n)
    WHERE w <> ''
$$;
ALTER TABLE search_postdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (search_vector(words, 'A') || search_vector(author_words, 'B')) STORED;
CREATE INDEX search_post_vector ON search_postdocument USING gin (vector) WITH (fastupdate = off);
ALTER TABLE search_memberdocument ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (
        search_vector(handle_words, 'A') || search_vector(name_words, 'B') || search_vector(bio_words, 'C')
    ) STORED;
CREATE INDEX search_member_vector ON search_memberdocument USING gin (vector) WITH (fastupdate = off);
CREATE INDEX search_word_trigrams ON search_word USING gist (word gist_trgm_ops);
"""
POSTGRES_BACK = """
DROP INDEX search_word_trigrams;
ALTER TABLE search_memberdocument DROP COLUMN vector;
ALTER TABLE search_postdocument DROP COLUMN vector;
DROP FUNCTION search_vector(text, "char");
"""


def sqlite_table(name):
    """Return the statements that create an FTS5 table and keep it up to date."""
    table, key, columns = SQLITE_TABLES[name]
    listed = ", ".join(columns)
    new = ", ".join(f"new.{column}" for column in columns)
    old = ", ".join(f"old.{column}" for column in columns)
    changed = " OR ".join(f"old.{column} <> new.{column}" for column in columns)
    add = f"INSERT INTO {name}(rowid, {listed}) VALUES (new.{key}, {new});"  # noqa: S608
    take = f"INSERT INTO {name}({name}, rowid, {listed}) VALUES ('delete', old.{key}, {old});"  # noqa: S608
    return (
        f"CREATE VIRTUAL TABLE {name} USING fts5({listed}, content='{table}', content_rowid='{key}', "
        f"prefix='1 2 3', {TOKENIZE})",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN {take} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE ON {table} WHEN {changed} BEGIN {take} {add} END",
    )


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES, params=None)
        return
    for name in SQLITE_TABLES:
        for statement in sqlite_table(name):
            schema_editor.execute(statement, params=None)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_BACK, params=None)
        return
    for name in SQLITE_TABLES:
        for trigger in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER {name}_{trigger}", params=None)
        schema_editor.execute(f"DROP TABLE {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [TrigramExtension(), migrations.RunPython(make, unmake)]
