"""`--json`: one document on stdout and nothing else, of a command that fails too."""

import json
import sys

import pytest
import typer

from celltrial.cli import main


def leaves(command, words=()):
    """Every command with its words."""
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from leaves(each, (*words, name))
    else:
        yield words, command


def arguments(command):
    """A value for each argument and required option; the study is a folder that is not there."""
    for each in command.params:
        value = {"study": "no-such-study", "words": "no-such-study"}.get(each.name, "1")
        if each.param_type_name == "argument" and each.required:
            yield value
        elif each.required:
            yield each.opts[0]
            yield "withdrawn" if each.name == "outcome" else value


COMMANDS = {
    words: [*words, *arguments(command), "--json"]
    for words, command in leaves(typer.main.get_command(main.app))
    if any("--json" in each.opts for each in command.params)
    and any(each.name in ("study", "words") and each.required for each in command.params)
}


def test_the_list_holds_commands_of_every_kind():
    """Those that read, that write, and that are words of a topic."""
    assert {("verify",), ("cut",), ("access",), ("query", "open"), ("lock", "unlock"), ("key", "create")} <= set(
        COMMANDS
    )
    assert len(COMMANDS) > 35


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_that_fails_prints_one_document(words, monkeypatch, capsys, tmp_path):
    """Findings with what to do next, exit code 2, and nothing on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["celltrial", *COMMANDS[words]])
    with pytest.raises(SystemExit) as ended:
        main.run()
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (ended.value.code, document["ok"], err) == (2, False, "")
    assert all(each["message"] for each in document["findings"])
    assert list(tmp_path.iterdir()) == []
