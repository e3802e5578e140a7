"""`celltrial kinetics nca`: figures, a table, and doubts beside the file; the file is the same with or without."""

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import kinetics as kinetics_commands

HEAD = "subject,analyte,day,value,unit,lloq,blq\n"
ROWS = """S-1,car_transgene,0,,copies/ug,50,true
S-1,car_transgene,7,4000,copies/ug,50,false
S-1,car_transgene,14,900,copies/ug,50,false
S-1,car_transgene,28,,copies/ug,50,true
S-1,car_transgene,60,,copies/ug,50,true
S-2,car_transgene,-1,80,copies/ug,50,false
S-2,car_transgene,7,900000,copies/ug,50,false
S-2,car_transgene,14,30000,copies/ug,50,false
"""


@pytest.fixture
def run(tmp_path):
    """Runs the command on the file above; returns the result and the folder."""
    app = typer.Typer()
    kinetics_commands.register(app)
    (tmp_path / "in.csv").write_text(HEAD + ROWS, encoding="utf-8")

    def invoke(*more: str):
        out = tmp_path / f"out{len(more)}.csv"
        result = CliRunner().invoke(app, ["kinetics", "nca", str(tmp_path / "in.csv"), "-o", str(out), *more])
        assert result.exit_code == 0, result.output
        return result, out

    return invoke


def test_doubts_go_to_stderr_and_change_nothing(run):
    """Quantifiable before the infusion, and above the ceiling: told with subject and day, stdout stays empty."""
    result, _ = run()
    assert result.stdout == ""
    assert "2 result(s) to look into" in result.stderr
    assert "S-2 car_transgene, day -1" in result.stderr
    assert "S-2 car_transgene, day 7" in result.stderr


def test_a_table_is_printed_when_asked(run):
    """The main parameters of both, a dash where there is no number; the file is the same as without."""
    (result, with_table), (_, plain) = run("--table"), run()
    assert "4000 copies/ug" in result.stdout
    assert "–" in result.stdout
    assert with_table.read_bytes() == plain.read_bytes()


def test_figures_of_each_analyte(run, tmp_path):
    """All curves, one panel a subject, persistence; SVG and PNG."""
    run("--figures", str(tmp_path / "figures"))
    written = {path.name for path in (tmp_path / "figures").iterdir()}
    stems = ("car-transgene-together", "car-transgene-individual-1", "car-transgene-persistence")
    assert written == {f"{stem}.{kind}" for stem in stems for kind in ("svg", "png")}
    svg = (tmp_path / "figures" / "car-transgene-individual-1.svg").read_text(encoding="utf-8")
    assert ">S-1<" in svg
