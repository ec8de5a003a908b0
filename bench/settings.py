"""The production settings plus a minimal page as a reference."""

from config.settings.production import *

ROOT_URLCONF = "bench.urls"
