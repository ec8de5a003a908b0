import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core.private_files import keep_private


class Command(BaseCommand):
    help = "What `make run` does: prepare the database, create a demo community the first time, and serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="Start with an empty community.")

    def handle(self, *args: Any, without_demo: bool, **options: Any) -> None:
        begun = time.monotonic()
        self._check_folder(settings.DATA_DIR)
        keep_private()
        self._check_port()
        try:
            if MigrationExecutor(connection).migration_plan(
                MigrationExecutor(connection).loader.graph.leaf_nodes()
            ):
                self.stdout.write("Preparing the database …")
                call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError as fault:
            raise CommandError(f"Can’t use the database: {fault}") from None
        member = apps.get_model(settings.AUTH_USER_MODEL)
        if not without_demo:
            made = member._default_manager.exists()
            call_command("demo", accounts=made, stdout=self.stdout)
        self.stdout.write(f"Ready after {time.monotonic() - begun:.1f} s.")
        call_command("serve", stdout=self.stdout)

    def _check_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.write_text("")
            probe.unlink()
        except OSError as fault:
            raise CommandError(
                f"Kith keeps its data in {folder}, which cannot be written ({fault.strerror}). "
                "Choose another folder: DATA_DIR=~/kith make run"
            ) from None

    def _check_port(self) -> None:
        """Check the port before minutes are spent on a demo community that can’t be served."""
        from core.management.commands.serve import Command as Serve

        Serve()._listen(settings.HOST, settings.PORT).close()
