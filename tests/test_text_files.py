"""Files that are whole or not there, and salts."""

import os
import stat

import pytest

from sklearn_orn._io.text_files import write_text
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images._privacy import read_salt


def test_a_file_that_cannot_be_renamed_leaves_nothing(tmp_path):
    target = tmp_path / "report.html"
    target.mkdir()
    with pytest.raises(OSError):
        write_text(target, "text")
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_has_the_rights_that_the_user_gives(tmp_path):
    mask = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "text")
    finally:
        os.umask(mask)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_salt_that_is_no_text(tmp_path):
    (tmp_path / "salt").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(CohortError, match="is no text"):
        read_salt(tmp_path / "salt")


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_salt_is_for_its_owner_only(tmp_path):
    read_salt(tmp_path / "salt")
    assert stat.S_IMODE((tmp_path / "salt").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_salt_is_private_before_it_is_written(tmp_path, monkeypatch):
    seen = []

    def fdopen(handle, *arguments, **keywords):
        seen.append((stat.S_IMODE(os.fstat(handle).st_mode), os.fstat(handle).st_size))
        return open(handle, *arguments, **keywords)

    monkeypatch.setattr("sklearn_orn.images._privacy.os.fdopen", fdopen)
    mask = os.umask(0)
    try:
        salt = read_salt(tmp_path / "salt")
    finally:
        os.umask(mask)
    assert seen == [(0o600, 0)]
    assert read_salt(tmp_path / "salt") == salt
