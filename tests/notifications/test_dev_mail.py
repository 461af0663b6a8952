"""The page of mails on a machine without a mail server."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from notifications.dev_mail import FILE_BACKEND, mail_list, read_mails


def write(folder: Path, *subjects: str) -> None:
    connection = get_connection(FILE_BACKEND, file_path=str(folder))
    mails = []
    for subject in subjects:
        mail = EmailMultiAlternatives(subject, "Look: http://127.0.0.1:8000/\n", to=["zoë@council.example"])
        mail.attach_alternative("<p>Look</p>", "text/html")
        mails.append(mail)
    connection.send_messages(mails)
    connection.close()


def test_mails_are_read_newest_first(tmp_path: Path) -> None:
    write(tmp_path, "Erste ÄÖ", "Second")
    read = read_mails(tmp_path)
    assert [mail["subject"] for mail in read] == ["Second", "Erste ÄÖ"]
    assert read[0]["text"] == "Look: http://127.0.0.1:8000/\n"


def test_no_folder_is_no_mail(tmp_path: Path) -> None:
    assert read_mails(tmp_path / "none") == []


def test_the_page_shows_links_that_can_be_followed(
    tmp_path: Path, rf: RequestFactory, settings: LazySettings
) -> None:
    write(tmp_path, "<b>Hello</b>")
    settings.DEBUG, settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = True, FILE_BACKEND, tmp_path
    request = rf.get("/dev/mail/")
    request.user = AnonymousUser()
    page = mail_list(request).content.decode()
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page
    assert '<a href="http://127.0.0.1:8000/" rel="nofollow">http://127.0.0.1:8000/</a>' in page


@pytest.mark.parametrize(
    ("debug", "backend"),
    [("production", FILE_BACKEND), ("debug", "django.core.mail.backends.smtp.EmailBackend")],
)
def test_it_does_not_exist_elsewhere(
    tmp_path: Path, rf: RequestFactory, settings: LazySettings, debug: str, backend: str
) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = debug == "debug", backend, tmp_path
    with pytest.raises(Http404):
        mail_list(rf.get("/dev/mail/"))


def test_nor_has_it_an_address_there() -> None:
    with pytest.raises(Resolver404):
        resolve("/dev/mail/")
