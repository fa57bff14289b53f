"""The command line: flags → one command. The only reader of flags, and the only place that turns an error into an exit
status."""

import importlib
import os
import sys

from wgangp_tf import paths, program, stopping, streams, surroundings
from wgangp_tf.commands import usage
from wgangp_tf.commands.flags import Flag
from wgangp_tf.console import finish, say, show
from wgangp_tf.errors import Diverged, Interrupted, UserError, unknown_name

# modules of wgangp_tf.commands; the first is the command where none is named
COMMANDS = ("train", "generate", "evaluate", "report", "export", "reproduce", "benchmark", "list")
_COMMON = (Flag("debug", bool, usage.EVERYWHERE, "show the traceback of an error", False),)
_HELP = ("help", "helpshort", "helpfull", "h")
_EXPECTED = {"int": "an integer", "float": "a number", "bool": "true or false"}


def console():
    """The installed program; returns the exit status. The process is its own, and is made sound first."""
    surroundings.settle()
    return finish(main(sys.argv))


def main(argv):
    """Runs the command that a command line asks for.

    Args:
      argv: list of strings, the program first. Of several in threads of one process, each may be told of output that
        another one lost: they share the standard streams.

    Returns:
      int, the exit status: 0 done, 2 input that cannot be used, or output that was asked for and is lost; 3 diverged,
      128 + n after signal n.
    """
    with streams.all_steady() as output:
        status = _status(argv)
        if status == 0 and output.needed and output.lost is not None and not isinstance(output.lost, BrokenPipeError):
            say(f"error: cannot write to standard output ({getattr(output.lost, 'strerror', None) or output.lost})")
            status = 2
    return status


def _status(argv):
    """See `main`: the exit status of a command by itself."""
    asked = {"debug": any(word in ("-debug", "--debug") for word in argv[1:])}  # until the flags are parsed
    with stopping.Stop() as stop:
        try:
            return _run(argv, stop, asked)
        except Interrupted as interrupted:
            say(str(interrupted) or "stopped")
            return 128 + interrupted.signal_number
        except Exception as error:
            if stop.raised:  # and a library that was imported made an error of its own of it
                if asked["debug"]:
                    _show_traceback(error)
                say("stopped")
                return 128 + stop.requested
            return _failed(error, asked["debug"])


def _failed(error, debug):
    """Says an error that ended a command; returns the exit status. One that is no user's is raised again."""
    if isinstance(error, (UserError, Diverged)):
        _complain(error, debug)
        return 2 if isinstance(error, UserError) else 3
    if isinstance(error, OSError):
        told = UserError(_os_error(error))
    elif isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] != "wgangp_tf":
        told = program.lacks(error)
    elif _out_of_memory(error):
        told = UserError("out of memory; try a smaller --image_size, --width, --batch_size or --cache=disk")
    else:
        raise error
    _complain(told, debug, error)
    return 2


def _run(argv, stop, common):
    command, words = _split(argv)
    if any(word.startswith("-") and word.lstrip("-").split("=")[0] in _HELP for word in words):
        modules = {name: module(name) for name in COMMANDS}
        show(usage.text(_program(argv[0]), command, modules, _COMMON, usage.width()))
        return 0
    asked = module(command)
    parsed = _parse(command, asked, argv[0], words)
    common["debug"] = bool(parsed["debug"].value)
    given = {}
    for flag in asked.FLAGS:
        value = parsed[flag.name].value
        if value is not None:
            given[flag.name] = _several(flag, value) if flag.several else _checked(flag, value)
    if asked.FLAGS:
        _check_current_directory()
    return asked.run(given, stop) or 0


def _check_current_directory():
    """Raises a UserError where no path can be found from it, a default one at the end of a training among them."""
    try:
        here = os.getcwd()
    except OSError as error:
        told = f"one that is not ({error.strerror})"
        raise UserError(f"expected a current directory that is there. Received: {told}") from error
    if not paths.in_utf_8(here):
        raise UserError(f"expected a current directory whose path is {paths.UTF_8}. Received: {here!r}")


def _checked(flag, value):
    """The value of a flag; of one that takes a path, as `paths.checked` gives it."""
    return paths.checked(value, f"flag --{flag.name}", flag.any_bytes) if flag.path else value


def _several(flag, value):
    """The paths of a flag that takes several: a list of str, without the empty words of a comma too many."""
    words = value if isinstance(value, list) else [value]
    parts = [part for word in words for part in (paths.parted(word) if word else [word])]
    return [_checked(flag, part) for part in parts]


def module(command):
    """The module of a command."""
    return importlib.import_module(f"wgangp_tf.commands.{command}")


def _program(path):
    """What a user types for the program at `path`."""
    name = os.path.basename(path)
    if name == "__main__.py":
        return "python -m wgangp_tf"
    return f"python {name}" if name.endswith(".py") else name


def _split(argv):
    """(command, the other words)."""
    words = argv[1:]
    if not words or words[0].startswith("-"):
        return COMMANDS[0], words
    if words[0] not in COMMANDS:
        raise unknown_name("command", words[0], COMMANDS)
    return words[0], words[1:]


def _parse(command, asked, path, words):
    """absl's FlagValues with what `words` say of the flags of the module `asked`; None is left out."""
    from absl import flags  # inside: where it is missing, `main` says so

    kinds = {str: flags.DEFINE_string, int: flags.DEFINE_integer, float: flags.DEFINE_float, bool: flags.DEFINE_boolean}
    values = flags.FlagValues()
    more = getattr(asked, "WORDS", None)
    for flag in (*asked.FLAGS, *_COMMON):
        kinds[flag.kind](flag.name, None, flag.help, flag_values=values)
    try:
        rest = values([path, *words])
    except flags.UnrecognizedFlagError as error:
        raise _unknown_flag(command, error.flagname, values) from error
    except flags.IllegalFlagValueError as error:
        name, _, value = str(error).removeprefix("flag --").split(": ")[0].partition("=")
        kind = values[name].flag_type() if name in values else None
        raise UserError(f"flag --{name} expects {_EXPECTED.get(kind, 'another value')}. Received: {value!r}") from error
    except flags.CantOpenFlagFileError as error:
        reason = _os_error(error.__context__) if isinstance(error.__context__, OSError) else str(error)
        raise UserError(f"flag --flagfile expects a file that can be read. Received: {reason}") from error
    except (flags.Error, OSError, ValueError) as error:
        raise UserError(" ".join(str(error).split())) from error
    if rest[1:] and more and values[more].value is not None:
        several = next(flag.several for flag in asked.FLAGS if flag.name == more)
        given = [values[more].value, *rest[1:]]
        values[more].value = given if several else ",".join(given)
        return values
    if rest[1:] and rest[1] in COMMANDS:
        raise UserError(f"expected the command before its flags. Received: {rest[1]!r} after them")
    if rest[1:]:
        raise UserError(f"expected flags after the command. Received: {rest[1]!r}")
    return values


def _unknown_flag(command, name, own):
    """A UserError for a flag that the command does not have: whose it is, or the nearest of its own."""
    owners = [
        other
        for other in COMMANDS
        if any(name == flag.name or (flag.kind is bool and name == f"no{flag.name}") for flag in module(other).FLAGS)
    ]
    if owners:
        return UserError(f"command {command!r} takes no flag --{name}; it belongs to {' and '.join(owners)}")
    return unknown_name("flag", f"--{name}", [f"--{flag}" for flag in own])


def _complain(error, debug, cause=None):
    """Says an error in a line; above it, where wanted, the traceback of its cause or its own."""
    if debug:
        _show_traceback(cause or error)
    say("error: " + " ".join(str(error).split()))


def _show_traceback(error):
    import traceback

    traceback.print_exception(error)


def _out_of_memory(error):
    """Whether an error of Python, NumPy or TensorFlow (which may not be imported) says so."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _os_error(error):
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}"
