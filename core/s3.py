"""Files in S3. A separate module, because boto3 takes long to import and few processes need it."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

# A hanging storage must not block a web process for longer than people wait.
TIMES = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})


class BoundedS3Storage(S3Storage):
    client_config: Config

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(TIMES)
