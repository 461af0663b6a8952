"""A kind of message with words of its own, and messages of that kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from accounts.models import User
from notifications.models import Message

NOTE_WORDS = {
    "emails/tests/note.subject.txt": "{{ subject }}\n",
    "emails/tests/note.txt": "Dear {{ recipient.name }}, {{ text }} {{ site_url }}/audits/\n",
    "emails/tests/note.html": '<p>Dear {{ recipient.name }}, {{ text }} <a href="{{ site_url }}/audits/">here</a></p>',
}
NewMessage = Callable[..., Message]


@pytest.fixture
def note(settings: LazySettings) -> str:
    """The kind "tests.note", whose words are its context's `subject` and `text`."""
    (engine,) = settings.TEMPLATES
    loaders = [
        ("django.template.loaders.locmem.Loader", NOTE_WORDS),
        ("django.template.loaders.filesystem.Loader", engine["DIRS"]),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [
        {**engine, "APP_DIRS": False, "OPTIONS": {**engine["OPTIONS"], "loaders": loaders}},
    ]
    return "tests.note"


@pytest.fixture
def new_message(note: str, asha: User) -> NewMessage:
    """Puts a note to Asha into the outbox; anything about it may be given."""

    def new(**fields: Any) -> Message:
        number = Message.objects.count() + 1
        defaults = {
            "kind": note,
            "recipient": asha,
            "subject_key": f"note {number}",
            "context": {"subject": "Two audits", "text": "you have two audits."},
        }
        return Message.objects.create(**(defaults | fields))

    return new
