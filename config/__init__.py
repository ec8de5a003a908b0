"""The composition root: settings, and the tables where the apps meet. Nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
