"""Web server for pages. Sync workers measured fastest; the proxy buffers slow clients."""

import multiprocessing
import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * multiprocessing.cpu_count() + 1)
worker_class = "sync"
# A worker waits for the complete request, so a proxy has to buffer it (deploy/Caddyfile).
# Like core.server for uvicorn, 100 headers; the longest, a cookie, is 4 KB.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# The heartbeat is a file; on a disk its writes could block a worker.
worker_tmp_dir = "/dev/shm"
timeout = 30
# On SIGTERM a worker finishes its current request.
graceful_timeout = 25
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# Kith logs each request itself, with its trace id.
accesslog = None
errorlog = "-"
