"""Files in S3. A separate module, because boto3 takes long to import and few processes need it."""

from typing import IO, Any, cast

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

# A hanging storage must not block a web process for longer than people wait.
TIMES = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})


class BoundedS3Storage(S3Storage):
    client_config: Config

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(TIMES)

    def get_default_settings(self) -> dict[str, Any]:
        # By default, ten parts of 8 MB are in memory while a file is sent.
        return {**super().get_default_settings(), "transfer_config": TransferConfig(max_concurrency=2)}

    def open_at(self, name: str, start: int, end: int) -> IO[bytes]:
        """Open a file for reading from the byte `start` up to and including `end`, without the rest. Raises OSError."""
        try:
            part = self.bucket.Object(self._normalize_name(clean_name(name))).get(
                Range=f"bytes={start}-{end}"
            )
        except ClientError as fault:
            raise OSError(str(fault)) from fault
        return cast("IO[bytes]", part["Body"])
