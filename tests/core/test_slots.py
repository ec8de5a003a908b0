"""Slots limit how many threads and processes of a machine do something at once, even when one is killed."""

import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from core.refusals import TooMany
from core.slots import Slots

HOLDER = """
import fcntl, os, sys, time
files = [os.open(path, os.O_RDWR | os.O_CREAT, 0o600) for path in sys.argv[1:]]
for file in files:
    fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path


def test_threads_wait_for_a_slot() -> None:
    slots = Slots("test", 2)
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with slots.acquire(within=20):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 8
    assert max(most) == 2


def test_other_processes_count_and_a_killed_one_releases_its_slot(tmp_path: Any) -> None:
    slots = Slots("test", 2)
    with slots.acquire(within=1), slots.acquire(within=1):
        pass
    paths = [str(path) for path in sorted((tmp_path / "locks").iterdir())]
    assert len(paths) == 2
    with subprocess.Popen([sys.executable, "-c", HOLDER, *paths], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(TooMany), slots.acquire(within=0.2):
            pass
        holder.kill()
        holder.wait()
        with slots.acquire(within=5):
            pass


def test_a_slot_is_released_after_an_exception() -> None:
    slots = Slots("test", 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), slots.acquire(within=1):
            raise ZeroDivisionError


def test_without_a_folder_threads_still_wait(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("")
    slots = Slots("test", 1)
    with slots.acquire(within=1) as file:
        assert file is None
        with pytest.raises(TooMany), slots.acquire(within=0.1):
            pass
