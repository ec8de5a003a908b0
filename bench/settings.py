"""Production, and one more page to measure the others by."""

from config.settings.production import *

ROOT_URLCONF = "bench.urls"
