"""The commands on a record in PostgreSQL: made by its owner, chosen by the environment or by study.yaml."""

import json
import sys
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app
from celltrial.decisions import create_trial, open_trial, record_place
from celltrial.errors import CelltrialError
from celltrial.simulate import simulate_trial
from celltrial.study import check_study, load_study, new_study
from e2e.record.test_commands import EXAMPLE, WU, files_of_the_readme
from postgres import APP, OWNER


@pytest.fixture
def address(postgres):
    """A database whose tables `celltrial database create` has made."""
    schema = f"by_command_{next(postgres._numbers)}"
    code, out, _ = run("database", "create", postgres.url(OWNER, schema), "--app-role", APP)
    assert (code, f"schema={schema}: tables for one record" in out) == (0, True), out
    return postgres.url(APP, schema)


@pytest.fixture
def by_environment(address, monkeypatch):
    """The same, named by the environment."""
    monkeypatch.setenv("CELLTRIAL_DATABASE", address)
    return address


def run(*words):
    """A command's exit code, stdout, and what it said in its findings."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, CelltrialError):
        return result.exception.exit_code, result.stdout, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, ""


def name_in_study_file(folder, address):
    path = folder / "study.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8').rstrip()}\ndatabase: {address}\n", encoding="utf-8")


def test_the_example_in_a_database(by_environment, tmp_path):
    """New, import, verify, screen, next dose, export, cut: each works on the database, and no file is made."""
    folder = tmp_path / "study"
    assert run("new", folder)[0] == 0
    for name in files_of_the_readme():
        code, out, told = run("import", folder, EXAMPLE / name, "--person", "coordinator.chen")
        assert (code, told) == (0, ""), out
    assert not list(folder.glob("record.db*"))
    length = open_trial(folder, place=by_environment).record.length
    assert length > 30
    code, out, _ = run("verify", folder, "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["events"]) == (0, True, length)
    assert "01-901" in run("screen", folder)[1]
    assert run("dose", "next", folder, "--json")[0] in (0, 1)
    assert run("export", folder, "sdtm", "--out", tmp_path / "sdtm")[0] == 0
    code, out, _ = run("cut", folder, "--json")
    assert (code, json.loads(out)["events"]) == (0, length)
    assert not list(folder.glob("record.db*"))


def test_a_database_holds_one_record(by_environment, tmp_path):
    """A second study folder does not begin in it, and its files are taken back; a virtual trial never does."""
    assert run("new", tmp_path / "first")[0] == 0
    code, _, told = run("new", tmp_path / "second")
    assert (code, "there is a record already" in told) == (2, True)
    assert not (tmp_path / "second").exists()
    code, _, told = run("simulate", tmp_path / "first", "--seed", "1")
    assert (code, "not written into a database" in told) == (2, True)
    assert open_trial(tmp_path / "first", place=by_environment).record.length == 1


def test_the_study_file_names_the_database(address, tmp_path):
    """`database` in study.yaml chooses; it is no part of the study: hash and seal are as before."""
    folder = new_study(tmp_path / "study")
    before = load_study(folder).hash
    assert record_place(folder) == folder / "record.db"
    name_in_study_file(folder, address)
    assert (load_study(folder).hash, check_study(folder), load_study(folder).database) == (before, (), address)
    assert record_place(folder) == address
    assert record_place(folder, "postgresql:///another") == "postgresql:///another"
    create_trial(folder, author=WU, at=datetime.now(UTC)).record.close()
    assert not list(folder.glob("record.db*"))
    code, out, _ = run("verify", folder)
    assert (code, out.startswith("the record is whole: 1 events")) == (0, True)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://app:s3cret@db/trials",
        "postgresql://app@db/trials?password=s3cret",
        "mysql://app@db/trials",
        "record.db",
    ],
)
def test_an_address_that_may_not_stand_in_a_study_file(address, tmp_path):
    """No password in the study files, and nothing that is no address; found with its line."""
    folder = new_study(tmp_path / "study")
    name_in_study_file(folder, address)
    (finding,) = check_study(folder)
    assert (finding.where, finding.source.file) == ("database", "study.yaml")
    code, _, told = run("verify", folder)
    assert (code, "without a password" in told) == (2, True)


def test_a_virtual_trial_stays_in_its_folder(address, tmp_path):
    """Whatever study.yaml names, a simulation writes a file beside it: never where the real record is."""
    folder = new_study(tmp_path / "study")
    name_in_study_file(folder, address)
    trial = simulate_trial(folder, seed=3, until=date(2025, 7, 20))
    assert (folder / "record.db").is_file()
    assert trial.record.length > 1
    with pytest.raises(CelltrialError, match="not the record of this study"):
        open_trial(folder)


def test_create_prints_json_and_script(postgres, tmp_path):
    """For programs: one document without a password. For administrators: the statements."""
    schema = f"by_command_{next(postgres._numbers)}"
    url = postgres.url(f"{OWNER}:s3cret", schema)
    code, out, _ = run("database", "create", url, "--json")
    assert (code, json.loads(out)["app_role"], "s3cret" in out) == (0, APP, False)
    code, out, _ = run("database", "script", "--schema", "ct1192", "--app-role", "ward_app")
    assert (code, 'GRANT SELECT, INSERT ON event, opening, head, standing TO "ward_app";' in out) == (0, True)
    assert run("database", "script", "--schema", 'x"y')[0] == 2


def test_no_database_there(tmp_path, monkeypatch):
    """A wrong address: exit code 2, one finding with a next step, no traceback and no password."""
    folder = new_study(tmp_path / "study")
    monkeypatch.setenv("CELLTRIAL_DATABASE", f"postgresql://app:s3cret@/trials?host={tmp_path}")
    for words in (("verify", folder), ("screen", folder), ("import", folder, EXAMPLE / "labs.csv")):
        code, _, told = run(*words)
        assert (code, "cannot be reached" in told, "s3cret" in told) == (2, True, False)


def test_without_the_package(tmp_path, monkeypatch):
    """Where psycopg is not installed, the record in a database says what to install."""
    folder = new_study(tmp_path / "study")
    monkeypatch.setenv("CELLTRIAL_DATABASE", "postgresql:///trials")
    monkeypatch.setitem(sys.modules, "celltrial.record.store_postgres", None)
    code, _, told = run("verify", folder)
    assert (code, "install celltrial[postgres]" in told) == (2, True)
