"""Rows that the database itself refuses to change: history, final grades, published questions.

An app declares its guards and registers them when it is ready; they become triggers of SQLite or PostgreSQL. They are
taken away before migrations run, so that tables can be rebuilt and data be migrated, and put back after them; `lifted`
takes them away for what has to delete: emptying a database, and disposal. docs/adr/0012-guards.md says why.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS

ALWAYS = "1 = 1"
EVENT_BITS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}
ROW_AND_BEFORE = 3
"""How pg_trigger.tgtype says it."""


@dataclass(frozen=True)
class Guard:
    """One refusal.

    Attributes:
        name: unique among all apps, lower case and underscores. table: the database's name of the table.
        operations: of "UPDATE", "DELETE" and "INSERT".
        sentence: what the refusal says; it arrives as an IntegrityError.
        condition: SQL that is true for what is refused, the same for both engines, over the columns of OLD and NEW;
            a guard of several operations may name only the one that each of them has.

    """

    name: str
    table: str
    operations: tuple[str, ...]
    sentence: str
    condition: str = ALWAYS


def changed(*columns: str) -> str:
    """SQL that is true where an update changes one of the columns. Older SQLite has no IS DISTINCT FROM."""
    stayed = (f"COALESCE(NEW.{c} = OLD.{c}, NEW.{c} IS NULL AND OLD.{c} IS NULL)" for c in columns)
    return f"NOT ({' AND '.join(stayed)})"


_registered: dict[str, tuple[Guard, ...]] = {}


def register_guards(app_label: str, guards: Sequence[Guard]) -> None:
    """Let the database hold these guards from the next migration on. Call it when the app is ready."""
    _registered[app_label] = tuple(guards)


def registered_guards() -> tuple[Guard, ...]:
    return tuple(guard for guards in _registered.values() for guard in guards)


def install_guards(guards: Sequence[Guard], using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the guards in force whose tables are there; each replaces what is left of an older one."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        in_force = _in_force(connection, cursor)
        for guard in guards:
            if guard.table in tables and in_force.get(guard.name) != _expected(connection, guard):
                for statement in (*_drop(connection, guard), *_create(connection, guard)):
                    cursor.execute(statement)


def drop_guards(guards: Sequence[Guard], using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the guards out of force, whichever of them are."""
    connection = connections[using]
    with connection.cursor() as cursor:
        in_force = _in_force(connection, cursor)
        dropped = [guard for guard in guards if guard.name in in_force]
        if dropped and connection.vendor == "postgresql" and connection.in_atomic_block:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending events cannot be altered
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for guard in dropped:
            for statement in _drop(connection, guard):
                cursor.execute(statement)


def guards_not_in_force(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The names of the registered guards that the database does not hold as they are declared."""
    connection = connections[using]
    with connection.cursor() as cursor:
        in_force = _in_force(connection, cursor)
    return [
        guard.name
        for guard in registered_guards()
        if in_force.get(guard.name) != _expected(connection, guard)
    ]


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Without any guard, in one transaction: for everybody else they stay in force until it ends."""
    guards = registered_guards()
    with transaction.atomic(using=using):
        drop_guards(guards, using)
        yield
        install_guards(guards, using)


def drop_before_migrating(sender: AppConfig, using: str, **_: Any) -> None:
    """Before migrations run: the guards of this app are dropped."""
    drop_guards(_registered.get(sender.label, ()), using)


def install_after_migrating(sender: AppConfig, using: str, **_: Any) -> None:
    """After migrations ran: the guards of this app are in force."""
    install_guards(_registered.get(sender.label, ()), using)


Shape = tuple[tuple[str, ...], ...]
"""What the database holds of one guard, for comparing."""


def _expected(connection: BaseDatabaseWrapper, guard: Guard) -> Shape:
    if connection.vendor == "postgresql":
        events = ROW_AND_BEFORE + sum(EVENT_BITS[operation] for operation in guard.operations)
        return ((guard.table, str(events), "O", _body(guard)),)
    return tuple(sorted((guard.table, statement) for statement in _create(connection, guard)))


def _in_force(connection: BaseDatabaseWrapper, cursor: Any) -> dict[str, Shape]:
    """What the database holds, by the name of the guard."""
    found: dict[str, list[tuple[str, ...]]] = {}
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgtype::text, t.tgenabled::text, p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgname LIKE 'guard\\_%' AND pg_table_is_visible(c.oid)"
        )
        for trigger, *shape in cursor.fetchall():
            found.setdefault(trigger.removeprefix("guard_"), []).append(tuple(shape))
    else:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        for trigger, table, sql in cursor.fetchall():
            if trigger.startswith("guard_"):
                name = trigger.removeprefix("guard_").rpartition("_")[0]
                found.setdefault(name, []).append((table, sql))
    return {name: tuple(sorted(shapes)) for name, shapes in found.items()}


def _create(connection: BaseDatabaseWrapper, guard: Guard) -> list[str]:
    if connection.vendor == "postgresql":
        function = f"guard_{guard.name}()"
        events = " OR ".join(guard.operations)
        return [
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $guard${_body(guard)}$guard$",
            (
                f"CREATE TRIGGER guard_{guard.name} BEFORE {events} ON {guard.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {function}"
            ),
        ]
    return [
        f"CREATE TRIGGER guard_{guard.name}_{operation.lower()} BEFORE {operation} ON {guard.table} "
        f"FOR EACH ROW WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, {_quoted(guard.sentence)}); END"
        for operation in guard.operations
    ]


def _drop(connection: BaseDatabaseWrapper, guard: Guard) -> list[str]:
    if connection.vendor == "postgresql":
        return [
            f"DROP TRIGGER IF EXISTS guard_{guard.name} ON {guard.table}",
            f"DROP FUNCTION IF EXISTS guard_{guard.name}()",
        ]
    return [f"DROP TRIGGER IF EXISTS guard_{guard.name}_{operation.lower()}" for operation in EVENT_BITS]


def _body(guard: Guard) -> str:
    """The function of PostgreSQL, whose triggers' own conditions may not look into other tables."""
    return (
        f" BEGIN IF {guard.condition} THEN "
        f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.sentence)}, ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END "
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
