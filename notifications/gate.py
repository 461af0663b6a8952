"""Whether this database may send mail from here: a restored copy may not, until somebody says so."""

from django.conf import settings
from django.db import connection

from notifications.models import MailGate


def installation() -> str:
    """What tells this installation from a copy of it: the site's address and, on PostgreSQL, the very database.

    A dump keeps its rows, but restored it is another database (another oid), mostly of another server.
    """
    if connection.vendor != "postgresql":
        return settings.SITE_URL
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())"
            " FROM pg_control_system()"
        )
        system, database = cursor.fetchone()
    return f"{settings.SITE_URL} {system} {database}"


def gate_is_open() -> bool:
    """Whether mail may leave. The first installation opens its own gate by asking."""
    here = installation()
    gate, _ = MailGate.objects.get_or_create(pk=1, defaults={"installation": here})
    return gate.installation == here


def open_gate() -> None:
    """Make this the installation that sends the mail."""
    MailGate.objects.update_or_create(pk=1, defaults={"installation": installation()})
