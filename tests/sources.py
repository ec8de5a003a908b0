"""Paths for the tests that read the source files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "accounts", "core", "demo", "feed", "media", "messaging", "moderation", "notifications", "posts", "search",
    "social",
)  # fmt: skip
