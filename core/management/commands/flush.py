"""flush: Django's own, for a database some of whose rows refuse to be deleted. Tests empty theirs with it."""

from typing import Any

from django.core.management.commands.flush import Command as FlushCommand

from core.guards import drop_guards, install_guards, registered_guards


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        guards, using = registered_guards(), options["database"]
        drop_guards(guards, using)
        try:
            super().handle(**options)
        finally:
            install_guards(guards, using)
