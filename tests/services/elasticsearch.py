"""A real Elasticsearch, downloaded with Maven (scripts/elasticsearch) and run with the machine's Java."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from tests.services.processes import (
    Server,
    Unavailable,
    free_port,
    give_to_servers,
    new_folder,
    readable_copy,
    spawn,
    wait_until,
)

ROOT = Path(__file__).resolve().parent.parent.parent


def start_elasticsearch() -> Server:
    """Start an empty single-node server without security."""
    home = _fetched()
    java_home = _java_home()
    folder = new_folder("elasticsearch")
    home = readable_copy(home, folder)
    config = folder / "config"
    config.mkdir()
    shutil.copy(home / "config" / "log4j2.properties", config)
    (config / "jvm.options").write_text(
        # Small and quick to start, not tuned for long runs.
        "-Xms512m\n-Xmx512m\n-XX:+UseSerialGC\n-XX:TieredStopAtLevel=1\n"
        "-Djava.io.tmpdir=${ES_TMPDIR}\n--add-modules=jdk.incubator.vector\n"
    )
    port, transport = free_port(), free_port()
    for name in ("data", "logs", "tmp"):
        (folder / name).mkdir()
    settings = {
        "discovery.type": "single-node",
        "xpack.security.enabled": "false",
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport,
        "path.data": folder / "data",
        "path.logs": folder / "logs",
        "cluster.name": "kith-tests",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "node.store.allow_mmap": "false",
    }
    (config / "elasticsearch.yml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    give_to_servers(folder)
    log = folder / "elasticsearch.log"
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "ES_JAVA_HOME": str(java_home),
        "ES_PATH_CONF": str(config),
        "ES_TMPDIR": str(folder / "tmp"),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    with log.open("wb") as out:
        process = spawn([home / "bin" / "elasticsearch"], log=out, env=environment, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _healthy(url), process=process, log=log, seconds=120, what="Elasticsearch")
    # Its data is temporary, so it needs no clean shutdown.
    return Server(url=url, process=process, folder=folder, log=log, stop_signal=signal.SIGKILL)


def _fetched() -> Path:
    done = subprocess.run(
        [ROOT / "scripts" / "elasticsearch"],
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unavailable(said[-1] if said else "scripts/elasticsearch failed")
    return Path(done.stdout.strip().splitlines()[-1])


def _java_home() -> Path:
    named = os.environ.get("ES_JAVA_HOME") or os.environ.get("JAVA_HOME")
    if named and (Path(named) / "bin" / "java").exists():
        return Path(named)
    java = shutil.which("java")
    if java is None:
        raise Unavailable("Elasticsearch needs a JDK of version 17 or later, and there is no java here")
    return Path(java).resolve().parent.parent


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:
            return json.load(answer)["status"] in ("green", "yellow")
    except urllib.error.HTTPError:
        return False
