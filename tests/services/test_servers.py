"""Tests of the test services themselves."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Member
from tests.services import s3


def test_the_database_is_the_one_asked_for(db, request):
    asked = request.config.getoption("--db")

    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[asked]


@pytest.mark.postgres
def test_postgresql_is_recent_and_knows_trigrams(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        trigrams = cursor.fetchone()

    assert version >= 160000
    assert trigrams


@pytest.mark.django_db(transaction=True)
def test_threads_that_write_at_once_wait_for_each_other(alice):
    faults = []

    def add() -> None:
        try:
            with transaction.atomic():
                member = Member.objects.select_for_update().get(pk=alice.pk)
                member.bio = f"{member.bio}x"
                member.save(update_fields=["bio"])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alice.refresh_from_db()
    assert not faults
    assert alice.bio == "x" * 8


@pytest.mark.parametrize("turn", ["first", "second"])
def test_redis_is_empty_at_the_start_of_each_test(redis_url, turn):
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("*") == []
        client.set("left by", turn)


def test_s3_gives_an_object_back_only_to_who_knows_the_keys(s3_bucket):
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    def client(secret: str):
        return boto3.client(
            "s3",
            endpoint_url=s3_bucket["S3_ENDPOINT_URL"],
            aws_access_key_id=s3.ACCESS_KEY,
            aws_secret_access_key=secret,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}),
        )

    where = {"Bucket": s3_bucket["S3_BUCKET"], "Key": "a/b.txt"}
    client(s3.SECRET_KEY).put_object(Body=b"hello", **where)

    assert client(s3.SECRET_KEY).get_object(**where)["Body"].read() == b"hello"
    with pytest.raises(ClientError):
        client("wrong").get_object(**where)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{s3_bucket['S3_ENDPOINT_URL']}/{where['Bucket']}/{where['Key']}")


def test_elasticsearch_finds_a_word_with_a_typo(elasticsearch_url):
    def ask(path: str, body: dict[str, object]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{elasticsearch_url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    ask("servers-test/_doc?refresh=true", {"text": "a lantern in the window"})
    found = ask(
        "servers-test/_search", {"query": {"match": {"text": {"query": "lantren", "fuzziness": "AUTO"}}}}
    )

    assert found["hits"]["total"]["value"] == 1


def test_chromium_runs_a_script(browser):
    page = browser.new_page()
    page.set_content("<p id=p>before</p><script>p.textContent = 'after'</script>")
    text = page.inner_text("#p")
    page.close()

    assert text == "after"


async def test_an_async_test_runs_beside_the_browser_tests_of_its_worker():
    await asyncio.sleep(0)


def test_the_site_is_ready_when_the_test_begins(live_site):
    with urllib.request.urlopen(f"{live_site.url}/health/ready", timeout=5) as answer:
        assert json.load(answer)["parts"]["database"] == "ok"
