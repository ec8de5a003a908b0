import io

import pytest
from PIL import Image


def picture(kind="JPEG", size=(640, 480), colour=(200, 30, 30), mode="RGB", **options) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    file.seek(0)
    file.name = f"picture.{kind.lower()}"
    return file


@pytest.fixture
def private_on_s3(settings, s3_bucket):
    """Keep private files in a bucket, as with S3_BUCKET."""
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "core.s3.BoundedS3Storage",
            "OPTIONS": {
                "bucket_name": s3_bucket["S3_BUCKET"],
                "endpoint_url": s3_bucket["S3_ENDPOINT_URL"],
                "access_key": s3_bucket["S3_ACCESS_KEY_ID"],
                "secret_key": s3_bucket["S3_SECRET_ACCESS_KEY"],
                "region_name": s3_bucket["S3_REGION"],
                "addressing_style": "path",
                "location": "private",
                "default_acl": "private",
                "querystring_auth": True,
                "file_overwrite": True,
                "max_memory_size": 5_000_000,
            },
        }
    }
    return s3_bucket
