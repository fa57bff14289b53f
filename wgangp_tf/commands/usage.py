"""The text of `--help`."""

import contextlib
import os
import textwrap

from wgangp_tf.commands.flags import Flag

EVERYWHERE = "every command"
_SPECIAL = (
    Flag("flagfile", str, EVERYWHERE, "a file with more flags, one a line", path=True),
    Flag("undefok", str, EVERYWHERE, "names, separated by commas, of flags that need not exist"),
    Flag("help", bool, EVERYWHERE, "show this"),
)
_WORDS = {str: "text", int: "integer", float: "number"}
_FIXED = "\N{NO-BREAK SPACE}"
_COLUMN = 30  # where the meaning of a flag begins, if the lines are long enough


def text(program, command, modules, common, width):
    """What a command takes, and for the first command the others as well.

    Args:
      program: str, what a user types before the command.
      command: str, the command that was asked about.
      modules: {command: its module}, the one that needs no name first.
      common: flags of every command.
      width: int, characters in a line.

    Returns:
      str without a newline at its end.
    """
    module = modules[command]
    if command == next(iter(modules)):
        head = [
            "Wasserstein GANs with gradient penalty in TensorFlow and Keras.",
            f"usage: {program} [command] [flags]",
            "commands:\n" + _rows([(name, other.SUMMARY) for name, other in modules.items()], width, column=13),
            f"`{program} <command> --help` shows the flags of a command; these are of {command}, the command where "
            "none is named.",
        ]
    else:
        head = [f"usage: {program} {command} [flags]", module.SUMMARY]
    head[-1] = " ".join([head[-1], *filter(None, [getattr(module, "NOTE", None)])])
    blocks = [block if "\n" in block else _wrapped(block, width) for block in head]
    for group, members in _groups((*module.FLAGS, *common, *_SPECIAL)).items():
        blocks.append(f"{group}:\n" + _rows([(_label(flag), _meaning(flag)) for flag in members], width))
    return "\n\n".join(blocks)


def width(otherwise=80):
    """Characters in a line of the terminal; another number where the output is none, or does not know."""
    with contextlib.suppress(OSError):  # of a terminal that was closed
        return (os.get_terminal_size(1).columns if os.isatty(1) else 0) or otherwise
    return otherwise


def _groups(flags):
    """{group: its flags}, both in order of appearance."""
    groups = {}
    for flag in flags:
        groups.setdefault(flag.group, []).append(flag)
    return groups


def _label(flag):
    if flag.kind is bool:
        return f"--{flag.name}" if flag.name == "help" else f"--[no]{flag.name}"
    return f"--{flag.name}=<{'path' if flag.path else _WORDS[flag.kind]}>"


def _meaning(flag):
    if flag.default is None:
        return flag.help
    default = f"{flag.default:g}" if flag.kind is float else str(flag.default)
    return f"{flag.help} (default:{_FIXED}{default.lower() if flag.kind is bool else default})"


def _rows(pairs, width, column=_COLUMN):
    """Pairs in two columns; a first entry that is too long for its own has a line of its own."""
    column = min(column, width // 3)
    lines = []
    for label, meaning in pairs:
        first, *rest = _wrapped(meaning, max(width - column, 10)).split("\n")
        head = f"  {label}"
        if len(head) + 2 > column:
            lines.append(head)
            head = ""
        lines += [f"{head:{column}}{first}", *(" " * column + line for line in rest)]
    return "\n".join(lines)


def _wrapped(sentence, width):
    return textwrap.fill(sentence, width, break_on_hyphens=False).replace(_FIXED, " ")
