"""Receives an uploaded file in bounded space, under no name."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from core import xlsx


class NamelessFileUploadHandler(FileUploadHandler):
    """Keeps an upload in a file without a name: it is gone with the request, even with a process that is killed.

    An upload larger than any workbook that is read takes no more space than one that is: the file has the full
    size, so that the reader can say what is wrong, and is hollow from the limit on.
    """

    file: IO[bytes]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start < xlsx.MAX_FILE_BYTES:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        self.file.truncate(file_size)
        self.file.seek(0)
        return UploadedFile(
            self.file, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
