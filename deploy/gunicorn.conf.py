"""Pages. Sync workers: each does one page at a time, which measured fastest; the proxy holds slow clients off."""

import multiprocessing
import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * multiprocessing.cpu_count() + 1)
worker_class = "sync"
# A worker waits for the whole of a request, so a proxy has to hold it until it is whole (deploy/Caddyfile).
# As core.server has it for uvicorn, 100 headers; a cookie, the longest of them, has 4 KB.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# The heartbeat is a file; on a disk its writes could stall a worker.
worker_tmp_dir = "/dev/shm"
timeout = 30
# On SIGTERM a worker finishes the page it is at.
graceful_timeout = 25
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# One line for each request comes from Kith itself, with its trace id.
accesslog = None
errorlog = "-"
