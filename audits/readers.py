"""Who else reads an audit, as upper apps say: the moderators of a panel, for example (docs/access.md).

An app registers a function when it is ready. It only ever adds people to audits that were submitted: nothing that is
registered opens a draft, and where nothing is registered, or the function answers None, nobody is added.
"""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User

Readers = Callable[[User | AnonymousUser], Q | None]

Closed = Callable[[User | AnonymousUser], Q]

_registered: list[Readers] = []
_closed: list[Closed] = []


def register_readers(readers: Readers) -> Readers:
    """Let `Audit.objects.visible_to(user)` ask `readers(user)`, a condition on audits, or None for nobody more.

    It takes a fixed number of queries, at best none, and the condition must not double rows: for facts that lie behind
    a row of many write `Q(pk__in=Table.objects.filter(...).values("audit"))`, which the database answers by index.
    Registering twice is once.
    """
    if readers not in _registered:
        _registered.append(readers)
    return readers


def also_read_by(user: User | AnonymousUser) -> Q:
    """The audits that the registered functions open to this person; false where there is none."""
    opened = Q(pk__in=[])
    for readers in _registered:
        if (condition := readers(user)) is not None:
            opened |= condition
    return opened


def close_to(closed: Closed) -> Closed:
    """Keep from `Audit.objects.visible_to(user)` what `closed(user)` says, whatever else would open it.

    The same is asked of the condition as of those that open. Registering twice is once.
    """
    if closed not in _closed:
        _closed.append(closed)
    return closed


def kept_from(user: User | AnonymousUser) -> Q:
    """The audits that the registered functions close to this person; none where there is none."""
    kept = Q(pk__in=[])
    for closed in _closed:
        kept |= closed(user)
    return kept
