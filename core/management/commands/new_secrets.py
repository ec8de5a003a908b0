import os
import secrets
import stat
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.secret_key import new_rsa_key

ENV = """\
# Settings of this site (docs/configuration.md). In a shell: set -a; . ./.env; set +a
# It holds secrets: whoever has them has the site. Keep a copy where the backups are kept.
DJANGO_SETTINGS_MODULE=config.settings.production
SITE_URL=https://{name}
ALLOWED_HOSTS={name}
SECRET_KEY={secret_key}
JWT_PRIVATE_KEY='{jwt_private_key}'

# DATABASE_URL=postgres://kith:password@127.0.0.1:5432/kith
# REDIS_URL=redis://127.0.0.1:6379/0
# Without EMAIL_URL every mail, links to reset a password too, goes to the log and not to people.
# EMAIL_URL=smtp+tls://user:password@host:587
# DEFAULT_FROM_EMAIL='Kith <kith@{name}>'
# The address of the proxy, as the site sees it. Without it every visitor seems to come from the proxy.
TRUSTED_PROXIES=127.0.0.1
"""


class Command(BaseCommand):
    help = "Print an env file with fresh secrets for production: new_secrets kith.example > .env"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="kith.example", help="the domain of the site")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        key = new_rsa_key().strip().replace("\n", "\\n")
        self.stdout.write(
            ENV.format(name=name, secret_key=secrets.token_urlsafe(64), jwt_private_key=key), ending=""
        )
        if _others_may_read(sys.stdout):
            self.stderr.write("Other users on this machine can read this file. Run chmod 600 on it.")


def _others_may_read(file: Any) -> bool:
    try:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError):
        return False
    return bool(mode & 0o077)
