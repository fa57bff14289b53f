"""The command line: flags → Config → one command. The only reader of flags, and the only place that turns an error
into an exit status."""

import os
import sys

from absl import flags

from wgangp_tf import config as configs
from wgangp_tf import settings, stopping
from wgangp_tf.console import finish, say
from wgangp_tf.errors import Diverged, Interrupted, UserError, unknown_name

_USAGE = """WGAN-GP in TensorFlow and Keras.

usage: python main.py [train | generate | export | list] [flags]

  train      train a generator and a critic (the default); exports a SavedModel at the end
  generate   draw samples from a SavedModel
  export     SavedModel of a run's checkpoint
  list       data sets, methods, networks, presets
"""


def _define():
    """Every flag, new and unparsed; the default None means "left out"."""
    flag_values = flags.FlagValues()
    help_of = {}
    for kind in (*configs.SECTIONS.values(), configs.Config, settings.Execution, settings.Cadence, settings.Storage):
        help_of |= _attributes(kind.__doc__)

    def define(function, group):
        for name in group.split():
            function(name, None, help_of.get(name) or _HELP[name], flag_values=flag_values)

    define(flags.DEFINE_string, "preset config run_dir name export_dir saved_model out")
    define(flags.DEFINE_boolean, "resume overwrite dry_run debug")
    define(flags.DEFINE_boolean, "deterministic flip dequantize download")
    define(flags.DEFINE_string, "dataset image_size crop resize labels data_dir manual_dir cache cache_dir")
    define(flags.DEFINE_string, "method network generator_normalization critic_normalization")
    define(flags.DEFINE_string, "optimizer learning_rate_decay strategy")
    define(flags.DEFINE_integer, "seed channels width latent_dim n_critic batch_size steps step")
    define(flags.DEFINE_integer, "log_every sample_every checkpoint_every keep_checkpoints num_images")
    define(flags.DEFINE_float, "gp_weight clip_value learning_rate critic_learning_rate beta_1 beta_2 ema_decay")
    define(flags.DEFINE_float, "max_bad_files max_minutes")
    return flag_values


_HELP = {
    "preset": "a named experiment (see `list`); any flag overrides it.",
    "config": "a JSON file as a run's config.json; any flag overrides it.",
    "run_dir": "the run directory, continued where it holds a run; a new runs/NNNN-<dataset>-<method> where left out.",
    "name": "of a new run: its directory is runs/NNNN-<name>.",
    "resume": "continue the run in --run_dir, or the newest unfinished run of the same config.",
    "export_dir": "of the SavedModel; saved_models/<name of the run directory> where left out.",
    "overwrite": "replace a SavedModel of another run.",
    "dry_run": "print the resolved config, both networks and the cost of a step; touch nothing.",
    "debug": "show the traceback of an error.",
    "saved_model": "generate: directory of the SavedModel; saved_models/digits where left out.",
    "num_images": "generate: how many; 64 where left out.",
    "out": "generate: a .png file (a grid), a .npy file, or a directory (one PNG each); generated.png where left out.",
    "step": "export: step of the checkpoint; the newest where left out.",
}


def _attributes(docstring):
    """{attribute: text} of a docstring's Attributes section, so that flags and config say the same."""
    found, name = {}, None
    for line in docstring.partition("Attributes:")[2].splitlines():
        if line.startswith("      ") and line[6:7] != " ":
            name, _, text = line.strip().partition(": ")
            found[name] = text
        elif name is not None and line.strip():
            found[name] += " " + line.strip()
    return found


_PATHS = ("config", "run_dir", "export_dir", "saved_model", "out", "data_dir", "manual_dir", "cache_dir")
_COMMANDS = ("train", "generate", "export", "list")
# flags of each command beside --debug; train takes all that no other command owns
_OWN = {
    "generate": {"saved_model", "num_images", "out", "seed"},
    "export": {"run_dir", "step", "export_dir", "overwrite", "network"},
    "list": set(),
}


def console():
    """The installed program; returns the exit status."""
    return finish(main(sys.argv))


def main(argv):
    """Runs the command that a command line asks for.

    Args:
      argv: list of strings, the program first.

    Returns:
      int, the exit status: 0 done, 2 input that cannot be used, 3 diverged, 128 + n after signal n.
    """
    debug = any(word.startswith("-") and word.lstrip("-") in ("debug", "debug=true", "debug=True") for word in argv[1:])
    with stopping.Stop() as stop:
        try:
            return _run(argv, stop)
        except (UserError, Diverged) as error:
            _complain(error, debug)
            return 2 if isinstance(error, UserError) else 3
        except Interrupted as interrupted:
            say(str(interrupted) or "stopped")
            return 128 + interrupted.signal_number
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader of our output left; nothing to say to it
            return 0
        except OSError as error:
            _complain(UserError(_os_error(error)), debug)
            return 2
        except Exception as error:
            if not _out_of_memory(error):
                raise
            _complain(
                UserError("out of memory; try a smaller --image_size, --width, --batch_size or --cache=disk"), debug
            )
            return 2


def _run(argv, stop):
    command, words = _split(argv)
    flag_values = _define()
    if any(
        word.startswith("-") and word.lstrip("-").split("=")[0] in ("help", "helpshort", "helpfull", "h")
        for word in words
    ):
        print(f"{_USAGE}\n{_flag_help(flag_values)}")
        return 0
    _parse(flag_values, argv[0], words)
    given = {name: flag_values[name].value for name in flag_values if flag_values[name].value is not None}
    _check_flags_of(command, given)
    for name in _PATHS:
        if given.get(name) == "":  # an unset variable of a shell, not the current directory
            raise UserError(f"flag --{name} expects a path. Received: ''")
    if command == "list":
        from wgangp_tf.commands import list as list_command

        list_command.run()
    elif command == "generate":
        from wgangp_tf.commands import generate

        keywords = {name: given[name] for name in ("num_images", "seed", "out") if name in given}
        generate.run(given.get("saved_model"), **keywords)
    elif command == "export":
        from wgangp_tf.commands import export

        keywords = {name: given[name] for name in ("step", "export_dir", "overwrite", "network") if name in given}
        export.run(given.get("run_dir"), **keywords)
    else:
        from wgangp_tf.commands import train

        train.run(given, stop)
    return 0


def _split(argv):
    """(command, the other words)."""
    words = argv[1:]
    if not words or words[0].startswith("-"):
        return "train", words
    if words[0] not in _COMMANDS:
        raise unknown_name("command", words[0], _COMMANDS)
    return words[0], words[1:]


def _parse(flag_values, program, words):
    try:
        rest = flag_values([program, *words])
    except flags.UnrecognizedFlagError as error:
        raise unknown_name("flag", f"--{error.flagname}", [f"--{name}" for name in flag_values]) from error
    except flags.IllegalFlagValueError as error:
        name, _, value = str(error).removeprefix("flag --").split(": ")[0].partition("=")
        kind = flag_values[name].flag_type() if name in flag_values else None
        raise UserError(f"flag --{name} expects {_EXPECTED.get(kind, 'another value')}. Received: {value!r}") from error
    except (flags.Error, OSError, UnicodeDecodeError) as error:
        raise UserError(" ".join(str(error).split())) from error
    if rest[1:]:
        raise UserError(f"expected flags after the command. Received: {rest[1]!r}")


_EXPECTED = {"int": "an integer", "float": "a number", "bool": "true or false"}


def _check_flags_of(command, given):
    """Raises a UserError for a flag that the command does not read."""
    others = set().union(*_OWN.values()) - {"run_dir", "export_dir", "overwrite", "seed", "network"}
    for name in given:
        foreign = name not in _OWN[command] if command in _OWN else name in others
        if foreign and name not in ("debug", "flagfile", "undefok"):
            raise UserError(f"command {command!r} takes no flag --{name}")


def _flag_help(flag_values):
    lines = [f"  --{name}: {flag_values[name].help}" for name in sorted(flag_values) if name != "undefok"]
    return "\n".join(["flags:", *lines])


def _complain(error, debug):
    if debug:
        import traceback

        traceback.print_exception(error)
    say("error: " + " ".join(str(error).split()))


def _out_of_memory(error):
    """Whether an error of Python, NumPy or TensorFlow (which may not be imported) says so."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _os_error(error):
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}"
