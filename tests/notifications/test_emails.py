"""What a mail looks like, and that every kind's words are whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.mail import BadHeaderError
from django.test import Client

from accounts.models import User
from accounts.services import send_password_link
from notifications.emails import message_id, render
from notifications.models import Message
from tests.notifications.conftest import NewMessage

LINK = re.compile(rf"^{re.escape(settings.SITE_URL)}(/password/set/\S+)$", re.MULTILINE)
EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"


def parts_by_kind() -> dict[str, set[str]]:
    """The parts that lie in templates/emails/<app>, by kind."""
    parts: dict[str, set[str]] = {}
    for file in EMAILS.glob("*/*"):
        if not file.name.startswith("_"):
            name, _, part = file.name.partition(".")
            parts.setdefault(f"{file.parent.name}.{name}", set()).add(part)
    return parts


@pytest.mark.parametrize("kind", sorted(parts_by_kind()))
def test_every_kind_has_a_subject_a_text_and_a_page(kind: str) -> None:
    assert parts_by_kind()[kind] == {"subject.txt", "txt", "html"}


@pytest.mark.django_db
class TestRender:
    def test_the_parts_and_headers(self, new_message: NewMessage, settings: LazySettings) -> None:
        settings.SITE_URL = "https://audits.council.example"
        message = new_message()
        mail = render(message)
        assert (mail.subject, mail.to, mail.from_email) == (
            "Two audits",
            ["asha.auditor@council.example"],
            settings.DEFAULT_FROM_EMAIL,
        )
        text = "Dear Asha Auditor, you have two audits. https://audits.council.example/audits/"
        assert mail.body.strip() == text
        assert mail.alternatives[0].content == (
            "<p>Dear Asha Auditor, you have two audits. "
            '<a href="https://audits.council.example/audits/">here</a></p>'
        )
        assert mail.extra_headers == {
            "Message-ID": f"<{message.pk}@audits.council.example>",
            "Auto-Submitted": "auto-generated",
        }

    def test_the_message_id_is_the_same_at_each_attempt(self, new_message: NewMessage) -> None:
        message = new_message()
        first = render(message)
        second = render(Message.objects.get())
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"] == message_id(message)

    def test_a_date_to_keep_is_a_file_that_is_the_same_at_each_attempt(
        self, new_message: NewMessage, settings: LazySettings
    ) -> None:
        settings.SITE_URL = "https://audits.council.example"
        words = {"subject": "Two audits", "text": "you have two audits."}
        event = {"uid": "2026-11-7", "on": "2026-11-30", "summary": "Audits due: 2", "path": "/"}
        message = new_message(
            context={**words, "event": event}, queued_at=datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
        )
        first, second = render(message), render(Message.objects.get())
        assert first.attachments == second.attachments
        [attached] = first.attachments
        assert (attached.filename, attached.mimetype) == ("due.ics", "text/calendar")
        assert attached.content.splitlines() == [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Child Journey Audits//EN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            "SUMMARY:Audits due: 2",
            "DTSTART;VALUE=DATE:20261130",
            "DTSTAMP:20261001T093000Z",
            "UID:2026-11-7@audits.council.example",
            "TRANSP:TRANSPARENT",
            "URL:https://audits.council.example/",
            "END:VEVENT",
            "END:VCALENDAR",
        ]

    def test_a_message_without_a_date_has_no_file(self, new_message: NewMessage) -> None:
        assert render(new_message()).attachments == []

    def test_words_are_escaped_in_the_page_only(self, new_message: NewMessage, asha: User) -> None:
        asha.name = "Asha O'Neill & <b>Sons</b>"
        mail = render(new_message(recipient=asha, context={"subject": "R & D", "text": "<i>"}))
        assert mail.subject == "R & D"
        assert mail.body.startswith("Dear Asha O'Neill & <b>Sons</b>, <i> ")
        page = mail.alternatives[0].content
        assert page.startswith("<p>Dear Asha O&#x27;Neill &amp; &lt;b&gt;Sons&lt;/b&gt;, &lt;i&gt; ")

    @pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
    def test_a_line_break_in_the_subject_is_refused(self, new_message: NewMessage, line_break: str) -> None:
        subject = f"Hello{line_break}Bcc: everybody@council.example"
        with pytest.raises(BadHeaderError):
            render(new_message(context={"subject": subject, "text": ""}))

    def test_a_line_break_in_the_address_is_refused(self, new_message: NewMessage, asha: User) -> None:
        asha.email = "asha@council.example\nBcc: everybody@council.example"
        with pytest.raises(BadHeaderError):
            render(new_message(recipient=asha))

    @pytest.mark.parametrize(
        "link",
        [
            "https://elsewhere.example/audits/",
            "http://127.0.0.1:8000.elsewhere.example/",
            "http://127.0.0.1:8000@elsewhere.example/",
            "HTTPS://ELSEWHERE.EXAMPLE",
        ],
    )
    def test_a_link_that_leads_elsewhere_is_refused(self, new_message: NewMessage, link: str) -> None:
        with pytest.raises(ValueError, match="only link to this service"):
            render(new_message(context={"subject": "Hello", "text": f"open {link} now"}))

    def test_twin_a_link_to_this_service_is_not(self, new_message: NewMessage) -> None:
        mail = render(
            new_message(context={"subject": "Hello", "text": "open http://127.0.0.1:8000/audits/ now"})
        )
        assert "open http://127.0.0.1:8000/audits/ now" in mail.body


@pytest.mark.django_db
class TestPasswordLink:
    def test_the_key_is_made_when_the_mail_is_written_and_is_not_in_the_database(self, asha: User) -> None:
        send_password_link(asha)
        message = Message.objects.get()
        assert (message.kind, message.recipient, message.context) == ("accounts.password_link", asha, {})
        mail = render(message)
        assert mail.subject == "Set your password for Child Journey Audits"
        assert LINK.search(mail.body)

    def test_asking_twice_within_a_minute_sends_one_mail(self, asha: User, meera: User) -> None:
        for person in (asha, asha, meera):
            send_password_link(person)
        assert Message.objects.count() == 2

    def test_the_link_opens(self, asha: User, client: Client) -> None:
        send_password_link(asha)
        body = render(Message.objects.get()).body
        link = LINK.search(body)
        assert link
        page = client.get(link[1], follow=True)
        assert page.status_code == 200
        assert [field.name for field in page.context["form"]] == ["password1"]
