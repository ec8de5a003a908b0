"""Pages and API under gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from core.private_files import keep_private
from core.requests import Utf8WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()
keep_private()
application.request_class = Utf8WSGIRequest
