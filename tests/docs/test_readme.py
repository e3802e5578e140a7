"""The README is true: its commands exist and its second example runs as printed; every document it names is there."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from celltrial.cli.main import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def example(first_line: str) -> list[str]:
    """The commands of the fenced block that begins so, with its `for` loop unrolled."""
    block = next(each for each in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if each.startswith(first_line))
    text = block.replace("\\\n", " ")
    loop = re.search(r"for form in (.*?); do\n(.*?)\ndone", text, re.DOTALL)
    assert loop is not None
    unrolled = "\n".join(loop[2].strip().replace("$form", form) for form in loop[1].split())
    return text.replace(loop[0], unrolled).strip().split("\n")


def test_the_second_example_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate's files are imported; the screening explains why nobody is eligible yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands = example("celltrial new my-trial")
    assert len(commands) > 10
    for command in commands[:-1]:
        result = CliRunner().invoke(app, command.split()[1:], catch_exceptions=False)
        assert result.exit_code == 0, (command, result.output)
    result = CliRunner().invoke(app, commands[-1].split()[1:], catch_exceptions=False)
    assert result.exit_code == 1
    assert "because: I04: question Q01" in result.output
    assert "NOT MET (recorded)" in result.output


def test_every_document_it_points_to_is_there() -> None:
    """Links within the repository lead somewhere."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^\s*celltrial ([a-z]+)", README, re.MULTILINE))))
def test_every_command_it_names_exists(command: str) -> None:
    """`celltrial COMMAND --help` answers."""
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
