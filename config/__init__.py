"""The project: settings, addresses, the beat table and the commands that concern all apps."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
