"""Exit 0 if the process in this container can serve and its database answers. Used by HEALTHCHECK."""

import os
import sys
import urllib.request

host = (
    os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
)
request = urllib.request.Request(
    f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/ready", headers={"Host": host or "localhost"}
)
try:
    with urllib.request.urlopen(request, timeout=4) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except OSError as why:
    sys.exit(f"not ready: {why}")
