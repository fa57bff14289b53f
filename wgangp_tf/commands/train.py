"""`train`: data → networks → run directory → training → SavedModel."""

import dataclasses
import json
import re
import shlex
import sys

from wgangp_tf import config as configs
from wgangp_tf import files, quiet, settings
from wgangp_tf.commands import environment, export
from wgangp_tf.commands.flags import Flag, of
from wgangp_tf.data import registry as data_sets
from wgangp_tf.data.progress import say
from wgangp_tf.errors import Interrupted, UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.serving import target
from wgangp_tf.training import resolve, run_directory

SUMMARY = "train a generator and a critic, and export a SavedModel at the end"
NOTE = (
    "A data set, a method and a preset have defaults of their own, which come before those shown here: --dry_run "
    "prints what holds."
)
FLAGS = (
    Flag("preset", str, "run", "a named experiment (see `list`); any flag overrides it"),
    Flag("config", str, "run", "a JSON file as a run's config.json; any flag overrides it", path=True),
    Flag(
        "run_dir",
        str,
        "run",
        "the run directory, continued where it holds a run; a new runs/NNNN-<dataset>-<method> where left out",
        path=True,
    ),
    Flag("name", str, "run", "of a new run: its directory is runs/NNNN-<name>"),
    Flag(
        "resume", bool, "run", "continue the run in --run_dir, or the newest unfinished run of the same config", False
    ),
    Flag(
        "export_dir",
        str,
        "run",
        "directory of the SavedModel; saved_models/<name of the run directory> where left out",
        path=True,
    ),
    Flag("overwrite", bool, "run", "replace a SavedModel of another run", False),
    Flag(
        "dry_run", bool, "run", "print the resolved config, both networks and the cost of a step; touch nothing", False
    ),
    *of(configs.Config),
    *of(configs.Data),
    *of(settings.Storage),
    *of(configs.Model),
    *of(configs.Optimization),
    *of(settings.Execution),
    *of(settings.Cadence),
)


def run(given, stop):
    """Trains what the flags say, in a new run directory or continuing one, and exports the generator.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError, Diverged, Interrupted: see `errors`.
    """
    if "name" in given:
        _check_name(given)
    config = resolve.resolve(given)
    execution, cadence, storage = (
        kind(**{name: given[name] for name in kind.__dataclass_fields__ if name in given})
        for kind in (settings.Execution, settings.Cadence, settings.Storage)
    )
    if given.get("dry_run"):
        from wgangp_tf.commands import dry_run

        dry_run.run(config, execution, cadence, storage)
        return
    keywords = {name: given[name] for name in ("run_dir", "resume", "export_dir", "overwrite") if name in given}
    _carry_out(config, execution, cadence, storage, stop=stop, **keywords)


def _check_name(given):
    """Raises a UserError if a new run's directory cannot have the name, or is to have another one."""
    name = given["name"]
    if not re.fullmatch(r"\w[\w.-]{0,99}", name):
        raise UserError(
            "--name expects at most 100 letters, digits, '_', '-' and '.', a letter, digit or '_' first. "
            f"Received: {name!r}"
        )
    if "run_dir" in given:
        raise UserError(f"--name names a new directory in 'runs'. Received: --run_dir={given['run_dir']} beside it")


def _carry_out(
    config, execution, cadence, storage, *, stop, run_dir=None, resume=False, export_dir=None, overwrite=False
):
    """Trains what a config says.

    Args:
      config: `config.Config`.
      execution: `settings.Execution`.
      cadence: `settings.Cadence`.
      storage: `settings.Storage`.
      stop: `stopping.Stop` in force.
      run_dir: path of the run directory, continued where it holds a run; None for a new one.
      resume: continue the newest unfinished run of the config.
      export_dir: of the SavedModel; None for where the run was to be exported when it began, by default
        saved_models/<name of the run directory>.
      overwrite: replace a SavedModel of another run.

    Raises:
      UserError, Diverged, Interrupted: see `errors`.
    """
    directory = _find(config, run_dir, resume)
    if directory is not None and directory.exists:
        where = _finished(directory, config, export_dir)
        if where is not None:
            say(f"run {directory.path} is finished: step {directory.last_step()}, exported to {where}")
            return
        directory.claim()  # a living run is refused at once
        export_dir = export_dir or directory.environment().get("export_dir")
    try:
        _check_export(directory, export_dir, overwrite)
        source = data_sets.load(config.data, storage)
        check_samples(config, source)
        # from here on a signal waits for the next safe point: imports and first traces do not stand an interruption
        with stop.deferred():
            model, devices = _build(config, execution, source)
            stop.check()
            directory = directory or _new(config, export_dir)
            directory.claim()
            _prepare(directory, config, execution, cadence, source, export_dir)
            for line in (f"run directory {directory.path}", *source.notes):  # which speak of the report in it
                say(line)
            _train(model, source, config, directory, cadence, stop, devices)
            exported = export.write(model, directory, config, export_dir, overwrite)
            files.replace(directory.export_file, json.dumps(exported) + "\n")
            say(f"samples {directory.samples}, curves: tensorboard --logdir={directory.path.parent}")
            if stop.requested is not None:
                raise Interrupted(stop.requested, f"run {directory.path} is finished and exported")
    except FileNotFoundError as error:
        if directory is None or directory.path.is_dir():
            raise
        raise UserError(f"run directory {str(directory.path)!r} was removed while the run was writing") from error
    finally:
        if directory is not None:
            directory.release()


def _build(config, execution, source):
    """(the model as at step 0, the strategy it is spread over)."""
    quiet.import_tensorflow()
    from wgangp_tf.training import build, strategy

    make_deterministic(execution, config)
    devices = strategy.make(execution.strategy)
    strategy.check_batch_size(devices, config.optimization.batch_size)
    with devices.scope():
        return build.build(config, source.sample_shape), devices


def _train(model, source, config, directory, cadence, stop, devices):
    """The steps that are left; what ends them early says how to go on."""
    from wgangp_tf.training import loop

    try:
        loop.train(model, source, config, directory, cadence, stop, say, devices.num_replicas_in_sync)
    except Interrupted as interrupted:
        message = f"{interrupted}\nresume with: {_resume_command(directory)}"
        raise Interrupted(interrupted.signal_number, message) from None


def check_samples(config, source):
    """Raises a UserError if the data cannot be trained on as the config says."""
    networks.check(config.model, source.sample_shape)
    if config.optimization.batch_size > len(source.train):
        raise UserError(
            f"batch_size must be at most the {len(source.train)} training samples of data set {source.name!r}. "
            f"Received: batch_size={config.optimization.batch_size}{_left_out(source)}"
        )


def _left_out(source):
    """In words, for what is refused before there is a data_report.json to look into."""
    if source.report is None:
        return ""
    first = source.report["files"][0]
    return (
        f"; {source.report['left_out']:,} of {source.report['pictures']:,} pictures were left out, "
        f"the first {first['file']!r} ({first['reason']})"
    )


def make_deterministic(execution, config):
    """Makes TensorFlow compute the same bits each time, where that is asked for."""
    import keras
    import tensorflow as tf

    if execution.deterministic:
        keras.utils.set_random_seed(config.seed)
        tf.config.experimental.enable_op_determinism()


def _find(config, run_dir, resume):
    """The run directory to continue or to make at a given path, or None for a new one."""
    if run_dir is None:
        return run_directory.newest_unfinished(config) if resume else None
    directory = run_directory.RunDirectory(run_dir)
    if directory.path.exists() and not directory.path.is_dir():
        raise UserError(f"--run_dir expects a directory. Received: {run_dir!r}, a file")
    if resume and not directory.exists:
        raise UserError(f"--resume expects a run in --run_dir. Received: {run_dir!r}, which holds none")
    if directory.exists:
        directory.check_config(config)
    else:
        directory.check_empty()
    return directory


def _check_export(directory, export_dir, overwrite):
    """Raises a UserError now rather than after the training if the export would be refused."""
    run_id = directory.environment().get("run_id") if directory is not None else None
    if export_dir is not None or directory is not None:
        target.check(export_dir or export.default_directory(directory), run_id, overwrite)


def _prepare(directory, config, execution, cadence, source, export_dir):
    """Writes what the run directory says of the run."""
    if directory.exists:
        directory.check_config(config)  # again, now that nobody else can write it
    before = directory.environment()
    _check_same_data(before, source)
    may_change = dataclasses.asdict(execution) | dataclasses.asdict(cadence)
    for name, value in may_change.items():
        old = before.get("settings", {}).get(name, value)
        if old != value:
            say(f"{name} is {value} from here on, it was {old}")
    data = {
        "name": source.name,
        "kind": source.kind,
        "sample_shape": source.sample_shape,
        "training_samples": len(source.train),
        "held_out_samples": len(source.validation),
        "licence": source.licence,
        "fingerprint": source.fingerprint,
        "class_names": source.class_names,
    }
    facts = {"settings": may_change, "export_dir": export_dir, "data": data}
    directory.prepare(config, environment.describe() | facts)
    if source.report is not None:
        files.replace(directory.report_file, json.dumps(source.report, indent=2) + "\n")


def _check_same_data(before, source):
    then = before.get("data", {}).get("fingerprint", source.fingerprint)
    if then != source.fingerprint:
        raise UserError(
            f"the samples of data set {source.name!r} are not those the run began with (fingerprint {then}). "
            f"Received: {source.fingerprint}; begin a new run"
        )


def _finished(directory, config, export_dir):
    """Where a run is exported that has nothing left to do, or None."""
    exported = directory.exported()
    where = exported.get("export_dir")
    if not directory.trained(config) or where is None or export_dir not in (None, where):
        return None
    card = target.read_card(where)
    same = card.get("run_id") == directory.environment().get("run_id") and card.get("step") == directory.last_step()
    return where if same else None


def _new(config, export_dir):
    """A new numbered run directory, whose export by default meets nothing."""

    def taken(path):
        return export_dir is None and export.default_directory(run_directory.RunDirectory(path)).exists()

    return run_directory.new(config, taken)


def _resume_command(directory):
    """The command of this process, continuing in its run directory."""
    kept, skip = [], False
    for word in sys.argv[1:]:
        name, equals, _ = word.lstrip("-").partition("=")
        if not skip and not (word.startswith("-") and name in ("run_dir", "resume", "noresume")):
            kept.append(word)
        skip = not skip and word.startswith("-") and name == "run_dir" and not equals
    program = [sys.orig_argv[0], sys.argv[0]] if sys.argv[0].endswith(".py") else [sys.argv[0]]
    return shlex.join([*program, *kept, f"--run_dir={directory.path}"])
