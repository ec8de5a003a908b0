#!/bin/sh
# SeaweedFS with one pair of keys from the environment; only the media bucket can be read anonymously.
set -eu
umask 077
cat > /tmp/s3.json <<JSON
{
  "identities": [
    {
      "name": "kith",
      "credentials": [{"accessKey": "$S3_ACCESS_KEY_ID", "secretKey": "$S3_SECRET_ACCESS_KEY"}],
      "actions": ["Admin", "Read", "Write", "List", "Tagging"]
    },
    {"name": "anonymous", "actions": ["Read:$S3_BUCKET"]}
  ]
}
JSON
exec weed -logtostderr server -dir=/data -ip.bind=0.0.0.0 -ip=127.0.0.1 -master.telemetry=false \
    -master.volumeSizeLimitMB=1024 -volume.max=100 -filer -s3 -s3.port=8333 -s3.config=/tmp/s3.json -s3.iam=false \
    -s3.port.iceberg=0 -s3.port.lance=0
