"""An upload leaves nothing behind and takes a bounded space while it is read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.test import Client, RequestFactory

from core import xlsx
from core.uploads import NamelessFileUploadHandler


@contextmanager
def upload(
    content: bytes, handler: type[FileUploadHandler] = NamelessFileUploadHandler
) -> Iterator[UploadedFile]:
    """The file of a request that posts this content, received by the handler."""
    request: HttpRequest = RequestFactory().post("/", {"workbook": BytesIO(content)})
    request.upload_handlers = [handler(request)]
    try:
        yield request.FILES["workbook"]
    finally:
        request.close()


def on_disk(received: UploadedFile) -> os.stat_result:
    return os.fstat(received.file.fileno())


def test_what_was_sent_is_read_from_its_start() -> None:
    content = os.urandom(300_000)
    with upload(content) as received:
        assert (received.size, received.read()) == (300_000, content)


def test_the_file_has_no_name_in_any_folder() -> None:
    with upload(b"PK") as received:
        assert on_disk(received).st_nlink == 0


def test_twin_djangos_own_lies_in_a_folder_until_it_is_closed() -> None:
    with upload(b"PK", TemporaryFileUploadHandler) as received:
        assert on_disk(received).st_nlink == 1


def test_beyond_the_limit_size_is_counted_and_nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_FILE_BYTES", xlsx.MEGABYTE)
    with upload(b"x" * 8 * xlsx.MEGABYTE) as received:
        assert (received.size, on_disk(received).st_size) == (8 * xlsx.MEGABYTE, 8 * xlsx.MEGABYTE)
        assert on_disk(received).st_blocks * 512 <= 2 * xlsx.MEGABYTE


@pytest.mark.django_db
def test_one_file_in_one_request(client: Client) -> None:
    assert client.post("/sign-in/", {"a": BytesIO(b"1"), "b": BytesIO(b"2")}).status_code == 413
