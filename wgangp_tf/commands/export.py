"""`export`: a checkpoint of a run → SavedModel."""

import json
import pathlib
import re

from wgangp_tf import quiet
from wgangp_tf.commands import environment
from wgangp_tf.commands.flags import Flag
from wgangp_tf.data.progress import say
from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.serving import target
from wgangp_tf.training import metrics_log, run_directory

_ROOT = pathlib.Path("saved_models")


def default_directory(directory):
    """saved_models/<name of the run directory>."""
    return _ROOT / directory.path.resolve().name


SUMMARY = "make the SavedModel of a checkpoint of a run"
FLAGS = (
    Flag("run_dir", str, "flags", "the directory of the run", path=True),
    Flag("step", str, "flags", "step of the checkpoint; the newest where left out"),
    Flag(
        "export_dir",
        str,
        "flags",
        "directory of the SavedModel; saved_models/<name of the run directory> where left out",
        path=True,
    ),
    Flag("overwrite", bool, "flags", "replace a SavedModel of another run", False),
    Flag("network", str, "flags", "the run's own module:function, needed where it has one"),
)


def run(given, stop):
    """Exports the generator of a run.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError: there is no such run or checkpoint, or the target is taken.
    """
    del stop  # a signal ends it at once: what is half written has another name
    if "run_dir" not in given:
        raise UserError("export expects --run_dir, the directory of a run")
    keywords = {name: given[name] for name in ("export_dir", "overwrite", "network") if name in given}
    _export(given["run_dir"], step=_step(given.get("step")), **keywords)


def _step(text):
    """The step that a checkpoint is asked for by, or None for the newest."""
    if text is None:
        return None
    if text == "best":
        raise UserError("--step=best needs evaluations of the run's checkpoints, and there are none; give a step")
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise UserError(f"--step expects the step of a checkpoint, or best. Received: {text!r}")
    return int(text)


def _export(run_dir, *, step=None, export_dir=None, overwrite=False, network=None):
    """Exports the generator of a run.

    Args:
      run_dir: path of the run directory.
      step: of the checkpoint; None for the newest.
      export_dir: of the SavedModel; None for saved_models/<name of the run directory>.
      overwrite: replace a SavedModel of another run.
      network: the run's own "module:function", needed where it has one.

    Raises:
      UserError: there is no such run or checkpoint, or the target is taken.
    """
    directory = run_directory.RunDirectory(run_dir)
    if not directory.exists:
        raise UserError(f"--run_dir expects the directory of a run. Received: {run_dir!r}")
    config = directory.read_config()
    networks.check_no_code(config.model.network, network, str(directory.config_file))
    if network not in (None, config.model.network):
        raise UserError(f"--network expects the run's {config.model.network!r}. Received: {network!r}")
    data = directory.environment().get("data")
    if data is None:
        raise UserError(f"{str(directory.environment_file)!r} expected to say which data the run has; it is missing")
    steps = run_directory.checkpoint_steps(directory.checkpoints)
    if step is not None and step not in steps:
        have = ", ".join(map(str, steps)) or "none"
        raise UserError(f"no checkpoint of step {step} in {str(directory.checkpoints)!r}. Received: {have}")
    directory.run_id = directory.environment()["run_id"]
    target.check(export_dir or default_directory(directory), directory.run_id, overwrite)

    quiet.import_tensorflow()
    from wgangp_tf.training import build
    from wgangp_tf.training.checkpoints import Checkpoints

    model = build.build(config, tuple(data["sample_shape"]))
    checkpoints = Checkpoints(directory.checkpoints, model)
    restored = checkpoints.restore(say, step, writer=False)
    if restored is None:
        raise UserError(f"run {run_dir!r} has no checkpoint yet")
    write(model, directory, config, export_dir, overwrite)


def write(model, directory, config, export_dir, overwrite):
    """Exports a model as it stands and prints where it is; returns that and the step."""
    from wgangp_tf.serving.export import export_generator

    where = pathlib.Path(export_dir or default_directory(directory))
    step = model.steps_done
    data = directory.environment()["data"]
    events = [event for event in metrics_log.read(directory.metrics_file) if event["step"] <= step]
    card = {
        "run_id": directory.run_id,
        "step": step,
        "command": directory.environment()["command_line"],
        "config": json.loads(config.to_json()),
        "data": data,
        "numbers": events[-1] if events else {},
        "versions": environment.versions(),
        "git_commit": environment.git_commit(),
    }
    export_generator(
        model, where, kind=data["kind"], card=card, dequantized=config.data.dequantize, overwrite=overwrite
    )
    print(f"SavedModel {where}")
    return {"export_dir": str(where), "step": step}
