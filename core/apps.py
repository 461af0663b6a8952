from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import guards, receivers  # noqa: F401, PLC0415 - receivers connect once the apps are loaded

        pre_migrate.connect(guards.drop_before_migrating)
        post_migrate.connect(guards.install_after_migrating)
