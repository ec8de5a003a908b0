"""The production settings, with one more page as a reference for the others."""

from config.settings.production import *

ROOT_URLCONF = "bench.urls"
