"""A file gets its name in one step, when it is whole; what is there is never overwritten."""

import errno
import os
import stat

import pytest

from celltrial.errors import InputError
from celltrial.record.durable_files import name_folder, name_new_file, scratch_folder


@pytest.fixture
def draft(tmp_path):
    path = tmp_path / "draft"
    path.write_text("whole")
    return path


def refuse_links(number):
    def link(*_):
        raise OSError(number, os.strerror(number))

    return link


def test_a_draft_gets_its_name(draft, tmp_path):
    """The draft's own name is gone."""
    name_new_file(draft, tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_name_that_is_taken_stays(draft, tmp_path):
    """The first file is what it was, and the draft is there still."""
    tmp_path.joinpath("kept").write_text("first")
    with pytest.raises(InputError, match="never overwritten"):
        name_new_file(draft, tmp_path / "kept")
    assert (tmp_path.joinpath("kept").read_text(), draft.read_text()) == ("first", "whole")


def test_a_file_system_without_links(draft, tmp_path, monkeypatch):
    """The file is renamed instead, where the name is free."""
    monkeypatch.setattr(os, "link", refuse_links(errno.EPERM))
    tmp_path.joinpath("taken").write_text("first")
    with pytest.raises(InputError, match="cannot be put there"):
        name_new_file(draft, tmp_path / "taken")
    name_new_file(draft, tmp_path / "kept")
    assert (tmp_path.joinpath("kept").read_text(), tmp_path.joinpath("taken").read_text()) == ("whole", "first")


def test_a_full_disk_is_a_finding(draft, tmp_path, monkeypatch):
    """No traceback, no half file."""
    monkeypatch.setattr(os, "link", refuse_links(errno.ENOSPC))
    with pytest.raises(InputError, match="cannot be put there"):
        name_new_file(draft, tmp_path / "kept")
    assert not tmp_path.joinpath("kept").exists()


def test_a_folder_gets_its_name_where_it_is_free_or_empty(tmp_path):
    """A folder with anything in it stays."""
    for name in ("one", "two", "three"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "file").write_text(name)
    tmp_path.joinpath("empty").mkdir()
    name_folder(tmp_path / "one", tmp_path / "new")
    name_folder(tmp_path / "two", tmp_path / "empty")
    assert [tmp_path.joinpath(name, "file").read_text() for name in ("new", "empty")] == ["one", "two"]
    with pytest.raises(InputError, match="cannot be put there"):
        name_folder(tmp_path / "three", tmp_path / "new")
    assert tmp_path.joinpath("new", "file").read_text() == "one"


def test_a_scratch_folder_is_private_and_goes_away(tmp_path):
    """Also when something goes wrong inside; a place that cannot be written to is a finding."""

    def fail():
        with scratch_folder(tmp_path) as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="cannot be written to"), scratch_folder(tmp_path / "absent"):
        pass
