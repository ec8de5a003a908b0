"""Kith as production runs it: gunicorn, uvicorn, a Celery worker and beat, on PostgreSQL and Redis."""

from __future__ import annotations

import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.services.postgres import start_postgres
from tests.services.processes import Server, free_port, new_folder, spawn, wait_until
from tests.services.redis import start_redis
from tests.services.site import ROOT, inherited_environment, run_manage

HOST = "kith.example"


@dataclass
class Stack:
    """The processes by name (web, live, worker, beat), their services, and the addresses of pages and sockets."""

    pages: str
    sockets: str
    environment: dict[str, str]
    postgres: Server
    redis: Server
    folder: Path
    commands: dict[str, list[str]]
    processes: dict[str, Server] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one process, or start it again after `kill`."""
        log = self.folder / f"{name}.log"
        environment = dict(self.environment)
        ready: Callable[[], bool]
        if name in ("web", "live"):
            url = self.pages if name == "web" else self.sockets
            environment["PORT"] = url.rsplit(":", 1)[1]

            def ready() -> bool:
                return get(f"{url}/health/ready")[0] == 200
        elif name.startswith("worker"):

            def ready() -> bool:
                return b" ready." in log.read_bytes()
        else:

            def ready() -> bool:
                return b"beat: Starting" in log.read_bytes()

        with log.open("wb") as out:
            process = spawn(self.commands[name], log=out, env=environment, cwd=ROOT, as_server=False)
        wait_until(ready, process=process, log=log, seconds=60, what=name)
        self.processes[name] = Server(url="", process=process, folder=self.folder / f"{name}-none", log=log)

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Return what `manage.py` printed in this stack's environment."""
        return run_manage(self.environment, *arguments, stdin=stdin)

    def shell(self, code: str) -> str:
        """Return what Python code printed in `manage.py shell`."""
        return self.manage("shell", "--no-imports", "-c", code)

    def logs(self) -> str:
        """Return the logs of all processes."""
        return "\n".join(
            f"--- {log.stem}\n{log.read_text(errors='replace')}" for log in sorted(self.folder.glob("*.log"))
        )

    def stop(self) -> None:
        """Stop everything, the processes before the services they use."""
        for server in (*reversed(self.processes.values()), self.redis, self.postgres):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_stack(
    names: Sequence[str] = ("web", "live", "worker", "beat"), *, durable: bool = False, **more: str
) -> Stack:
    """Start the services, migrate, and start the named processes with the production settings.

    `durable`: PostgreSQL flushes commits to disk, as in production. `more`: environment variables.
    """
    folder = new_folder("stack")
    postgres, redis = start_postgres(durable=durable), start_redis()
    web_port, live_port = free_port(), free_port()
    environment = {
        **inherited_environment(),
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "only-for-tests-Zq3vXw8LrT5nB1yKcM7hJd0pGsAf2e9u4i6oQ-only-for-tests",
        "JWT_PRIVATE_KEY": new_private_key(),
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        "SITE_URL": f"https://{HOST}",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"),
        "WEB_CONCURRENCY": "2",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    (folder / "data").mkdir()
    binaries = Path(sys.executable).parent
    celery = [str(binaries / "celery"), "-A", "config.celery"]
    stack = Stack(
        pages=f"http://127.0.0.1:{web_port}",
        sockets=f"http://127.0.0.1:{live_port}",
        environment=environment,
        postgres=postgres,
        redis=redis,
        folder=folder,
        # As in docker-compose.yml.
        commands={
            "web": [
                str(binaries / "gunicorn"),
                "--config=deploy/gunicorn.conf.py",
                f"--bind=127.0.0.1:{web_port}",
                "config.wsgi:application",
            ],
            "live": [
                str(binaries / "uvicorn"),
                "config.asgi:application",
                "--host=127.0.0.1",
                f"--port={live_port}",
                "--workers=1",
                "--http=core.server:BoundedHttpProtocol",
                "--ws=core.websocket:BoundedWebSocketProtocol",
                "--ws-per-message-deflate=false",
                "--ws-max-size=65536",
                "--backlog=128",
                "--no-server-header",
                "--no-proxy-headers",
                "--no-access-log",
                "--lifespan=off",
                "--timeout-graceful-shutdown=25",
            ],
            # One worker for all queues is cheaper; in production each queue has its own.
            "worker": [*celery, "worker", "--loglevel=INFO", "--concurrency=2"],
            "worker-live": [
                *celery,
                "worker",
                "-Q",
                "live",
                "-n",
                "live@%h",
                "--loglevel=INFO",
                "--concurrency=1",
            ],
            "worker-default": [
                *celery,
                "worker",
                "-Q",
                "default",
                "-n",
                "default@%h",
                "--loglevel=INFO",
                "--concurrency=1",
            ],
            "worker-outside": [
                *celery,
                "worker",
                "-Q",
                "outside",
                "-n",
                "outside@%h",
                "--loglevel=INFO",
                "--pool=threads",
                "--concurrency=8",
            ],
            "beat": [*celery, "beat", "--loglevel=INFO"],
        },
    )
    try:
        stack.manage("migrate", "--no-input", "-v", "0")
        stack.manage("collectstatic", "--no-input", "-v", "0")
        for name in names:
            stack.start(name)
    except BaseException:
        stack.stop()
        raise
    return stack


def new_private_key() -> str:
    """Return an RSA key as PEM, for JWT_PRIVATE_KEY."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """Return status and body, as behind a proxy that terminates TLS; redirects aren't followed."""
    request = urllib.request.Request(url, headers={"Host": HOST, "X-Forwarded-Proto": "https", **headers})
    opener = urllib.request.build_opener(_StayHere)
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def get_json(url: str, **headers: str) -> object:
    """Return the JSON of a response."""
    return json.loads(get(url, **headers)[1])


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None
