"""Files lie under their hash: whole, once, never overwritten."""

import hashlib
import io
import threading
from datetime import timedelta

import pytest
from tests.factories.learning import AT

from opencme.media.files import keep_file, path_of
from opencme.media.models import MediaFile
from opencme.media.operations import store_media


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def kept(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_under_its_hash(folder):
    sha256 = keep_file(io.BytesIO(b"a talk"))
    assert sha256 == hashlib.sha256(b"a talk").hexdigest()
    assert path_of(sha256).read_bytes() == b"a talk"
    assert kept(folder) == [sha256]


def test_a_file_that_is_there_is_left_as_it_is():
    sha256 = keep_file(io.BytesIO(b"a talk"))
    before = path_of(sha256).stat()
    assert keep_file(io.BytesIO(b"a talk")) == sha256
    after = path_of(sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_half_a_file_is_never_kept(folder):
    class Broken(io.BytesIO):
        def read(self, _size=-1):
            if self.tell():
                raise OSError
            return super().read(3)

    with pytest.raises(OSError):
        keep_file(Broken(b"a talk"))
    assert kept(folder) == []


def test_the_same_file_at_once(folder):
    content = b"x" * 3_000_000
    threads = [threading.Thread(target=keep_file, args=(io.BytesIO(content),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (name,) = kept(folder)
    assert path_of(name).read_bytes() == content


@pytest.mark.django_db
def test_the_same_bytes_have_one_row():
    first = store_media(source=io.BytesIO(b"a talk"), media_type="video/mp4", at=AT)
    again = store_media(source=io.BytesIO(b"a talk"), media_type="video/mp4", at=AT + timedelta(days=1))
    assert again == first
    assert (first.length, first.media_type) == (6, "video/mp4")
    assert MediaFile.objects.get().stored_at == AT
