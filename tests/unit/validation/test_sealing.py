"""A report on disk: whole or not, signed or not, by whom; and a page that says what the document says."""

import base64
import json
import re

import pytest

from celltrial.errors import InputError, RefusedError
from celltrial.record.evidence.signing_keys import create_key, key_path
from celltrial.validation.report import write_validation
from celltrial.validation.sealing import check_report, read_key, read_public
from unit.validation.support import OCCASION, qualification, result

ONE = "tests/a.py::test_x[1]"


@pytest.fixture
def key_file(tmp_path):
    """A key as the program makes them."""
    key = create_key(tmp_path / "keys", "somebody")
    return key_path(tmp_path / "keys", key.verifier)


@pytest.fixture
def signed(tmp_path, key_file):
    """A signed report with a junit.xml beside it."""
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "junit.xml").write_text("<testsuites/>")
    write_validation(qualification(result(ONE, "failed", "x < 1")), OCCASION, folder, key=read_key(key_file))
    return folder


def test_a_signed_report_is_whole_and_names_its_key(signed, key_file):
    """Whoever has the key's text or file can check it."""
    checked = check_report(signed)
    assert checked.ok
    assert checked.seal["signed_by"] == "Sun <b>Li</b>"
    assert checked.public == read_public(key_file)
    text = signed.parent / "public.txt"
    text.write_text(f"{checked.public}\n")
    assert check_report(signed, expected=read_public(text)).ok


@pytest.mark.parametrize("name", ["validation.json", "validation-report.html", "junit.xml"])
@pytest.mark.parametrize("how", ["changed", "removed"])
def test_a_changed_file_is_named(signed, name, how):
    """Any byte of any of the three; or the file gone."""
    path = signed / name
    path.unlink() if how == "removed" else path.write_bytes(path.read_bytes() + b" ")
    (finding,) = check_report(signed).findings
    assert finding.where.endswith(name)


def test_a_manifest_written_anew_does_not_hold(signed):
    """The failure edited away and its hash mended: the signature no longer fits."""
    import hashlib

    page = signed / "validation.json"
    page.write_bytes(page.read_bytes().replace(b'"failed"', b'"passed"'))
    manifest = signed / "manifest.json"
    document = json.loads(manifest.read_text())
    document["files"]["validation.json"] = hashlib.sha256(page.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(document))
    assert [each.message for each in check_report(signed).findings] == ["the signature does not fit the manifest"]
    document["signature"] = base64.b64encode(bytes(64)).decode()
    manifest.write_text(json.dumps(document))
    assert not check_report(signed).ok


def test_another_key_and_none_are_told(signed, tmp_path):
    """Signed by somebody is not signed by the right one; unsigned is not signed."""
    other = create_key(tmp_path / "other", "other")
    finding = check_report(signed, expected=read_public(key_path(tmp_path / "other", other.verifier))).findings[0]
    assert finding.message == "not signed by this key"
    plain = tmp_path / "plain"
    write_validation(qualification(result(ONE)), OCCASION, plain)
    assert check_report(plain).ok
    assert check_report(plain).public is None
    assert check_report(plain, expected=other.verifier).findings[0].found == "unsigned"
    assert "Unsigned." in (plain / "validation-report.html").read_text()


def test_keys_that_cannot_be_used(tmp_path, key_file):
    """One that others can read, one that is none, a file that is not there, a folder without a report."""
    key_file.chmod(0o644)
    with pytest.raises(RefusedError, match="others can read"):
        read_key(key_file)
    key_file.chmod(0o600)
    key_file.write_text("not a key")
    with pytest.raises(InputError, match="cannot be used"):
        read_key(key_file)
    with pytest.raises(InputError, match="cannot be used"):
        read_public(tmp_path / "nothing")
    with pytest.raises(InputError, match="no report here"):
        check_report(tmp_path)


def test_the_page_says_what_the_document_says_and_needs_no_network(signed):
    """Result, failure with its message, open and procedural requirements, hash; typed text is text."""
    page = (signed / "validation-report.html").read_text()
    assert "<h1>celltrial" in page
    assert ": failed</h1>" in page
    assert "failed: x &lt; 1" in page
    assert "Sun &lt;b&gt;Li&lt;/b&gt;" in page
    assert "a person signs" in page
    assert "not built" in page
    assert json.loads((signed / "manifest.json").read_text())["files"]["validation.json"] in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#)', page) == []
