"""The text of --help, as a person reads it."""

import os
import types

import pytest

from wgangp_tf import cli
from wgangp_tf.commands import usage
from wgangp_tf.commands.flags import Flag

_COMMON = (Flag("debug", bool, usage.EVERYWHERE, "show more"),)
_MODULES = {
    "make": types.SimpleNamespace(
        SUMMARY="make it",
        NOTE="It may take long.",
        FLAGS=(
            Flag("count", int, "some", "how many", 3),
            Flag("flip", bool, "other", "turn it over", False),
            Flag("rate", float, "some", "how fast", 1e-4),
            Flag("a_name_that_is_longer_than_most", str, "other", "what it is called", "x"),
            Flag("place", str, "other", "where it goes", path=True),
        ),
    ),
    "see": types.SimpleNamespace(SUMMARY="look at it", FLAGS=()),
}
_MAKE = """\
Wasserstein GANs with gradient penalty in TensorFlow and Keras.

usage: python main.py [command] [flags]

commands:
  make       make it
  see        look at it

`python main.py <command> --help` shows the flags of a command; these are of
make, the command where none is named. It may take long.

some:
  --count=<integer>       how many (default: 3)
  --rate=<number>         how fast (default: 0.0001)

other:
  --[no]flip              turn it over (default: false)
  --a_name_that_is_longer_than_most=<text>
                          what it is called (default: x)
  --place=<path>          where it goes

every command:
  --[no]debug             show more
  --flagfile=<path>       a file with more flags, one a line
  --undefok=<text>        names, separated by commas, of flags that need not
                          exist
  --help                  show this"""


def test_the_first_command_tells_of_the_others_and_its_flags_by_group():
    assert usage.text("python main.py", "make", _MODULES, _COMMON, 80) == _MAKE


def test_another_command_tells_of_itself():
    assert usage.text("main", "see", _MODULES, (), 80).split("\n")[:4] == [
        "usage: main see [flags]",
        "",
        "look at it",
        "",
    ]


@pytest.mark.parametrize("width", [60, 80, 133])
@pytest.mark.parametrize("name", cli.COMMANDS)
def test_no_line_is_longer_than_the_terminal(name, width):
    modules = {command: cli.module(command) for command in cli.COMMANDS}
    lines = usage.text("python main.py", name, modules, _COMMON, width).split("\n")
    assert max(map(len, lines)) <= width
    assert "\N{NO-BREAK SPACE}" not in "".join(lines)


def test_every_command_shows_its_own_flags_with_their_defaults(command):
    status, out, _ = command("generate", "--help")
    assert status == 0
    words = " ".join(out.split())
    assert "--seed=<integer> of the latents: sample k depends on (seed, k) alone (default: 0)" in words
    assert "--steps" not in words and "export_dir" not in words
    assert "\n\nflags:\n" in out and "\n\nevery command:\n" in out


def test_help_of_training_goes_by_group(command):
    for words in (["--help"], ["--helpshort"], ["train", "--helpfull"], ["--steps=x", "-h"]):
        status, out, _ = command(*words)
        assert status == 0
        groups = [line for line in out.split("\n") if line.endswith(":") and not line.startswith(" ")]
        assert groups == [
            f"{name}:"
            for name in ("commands", "run", "data", "model", "optimization", "execution", "cadence", "every command")
        ]
        assert "  --n_critic=<integer>    critic updates per generator update (default: 5)\n" in out


@pytest.mark.parametrize(
    "program, said",
    [("/a/main.py", "python main.py"), ("/b/wgangp-tf", "wgangp-tf"), ("/c/__main__.py", "python -m wgangp_tf")],
)
def test_the_program_is_named_as_it_was_called(capsys, program, said):
    assert cli.main([program, "list", "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: {said} list [flags]\n")


@pytest.mark.parametrize("columns, expected", [(57, 57), (0, 80)])
def test_the_width_is_the_terminals(monkeypatch, columns, expected):
    monkeypatch.setattr(os, "isatty", lambda descriptor: descriptor == 1)
    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((columns, 24)))
    assert usage.width() == expected


def test_without_a_terminal_lines_have_80_characters(monkeypatch):
    monkeypatch.setattr(os, "isatty", lambda descriptor: False)
    monkeypatch.setenv("COLUMNS", "30")
    assert usage.width() == 80
