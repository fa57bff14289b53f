"""The flags of a command as values; what parses and prints them is elsewhere.

A command is a module of this folder that declares `SUMMARY` (one line), `FLAGS` (a tuple of `Flag`) and
`run(given, stop)`, where `given` is {name: value} of the flags on the command line and nothing else, and which returns
None or an exit status. It may declare `NOTE`, a sentence for its help, and `WORDS`, the name of a flag, of names
with commas between them or of several paths, that words after it are added to. To import it must cost nothing.
"""

import dataclasses
import types
import typing


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag of a command.

    Attributes:
      name: without dashes.
      kind: type of the value: str, int, float or bool.
      group: the part of the help that it stands in.
      help: what the value means.
      default: what holds where the flag is left out; None where `help` says it or nothing does.
      path: whether it names a file or a directory of this machine, or may.
      several: whether it takes several paths, with commas between them; its value is a list.
      any_bytes: whether its path need not be UTF-8.
    """

    name: str
    kind: type
    group: str
    help: str
    default: str | int | float | bool | None = None
    path: bool = False
    several: bool = False
    any_bytes: bool = False


def of(kind):
    """The flags of a dataclass, in the order of its fields: one for each that `config.described` made.

    Args:
      kind: the dataclass.

    Returns:
      tuple of `Flag`.
    """
    hints = typing.get_type_hints(kind)
    return tuple(
        Flag(field.name, _kind(hints[field.name]), default=field.default, **field.metadata)
        for field in dataclasses.fields(kind)
        if "help" in field.metadata
    )


def _kind(hint):
    """The type that a flag has for a field: a size such as 48x80 is text."""
    if isinstance(hint, types.UnionType):
        hint = typing.get_args(hint)[0]
    return hint if hint in (str, int, float, bool) else str
