"""`export`: a checkpoint of a run → SavedModel."""

import re

from wgangp_tf import quiet
from wgangp_tf.commands import environment as environments
from wgangp_tf.commands.flags import Flag
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.serving import target
from wgangp_tf.training import metrics_log, run_directory

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
    config = directory.read_config(to_continue=False)
    networks.check_no_code(config.model.network, network, str(directory.config_file))
    if network not in (None, config.model.network):
        raise UserError(f"--network expects the run's {config.model.network!r}. Received: {network!r}")
    spec = _spec(directory, config)
    steps = run_directory.checkpoint_steps(directory.checkpoints)
    if step is not None and step not in steps:
        have = ", ".join(map(str, steps)) or "none"
        raise UserError(f"no checkpoint of step {step} in {str(directory.checkpoints)!r}. Received: {have}")
    where = export_dir or run_directory.default_export(directory.path)
    target.check(where, directory.environment().get("run_id"), overwrite)

    quiet.import_tensorflow()
    from wgangp_tf.training import build
    from wgangp_tf.training.checkpoints import Checkpoints

    model = build.build(config, spec)
    checkpoints = Checkpoints(directory.checkpoints, model)
    if checkpoints.restore(say, step, writer=False) is None:
        raise UserError(f"run {run_dir!r} has no checkpoint yet")
    _record(directory, *write(model, directory, config, where, overwrite))


def _record(directory, where, step):
    """Notes the export in the run, so that `generate` finds it; one of as late a step stays noted."""
    noted = directory.exported().get("step")
    if run_directory.exported_to(directory.path) is not None and isinstance(noted, int) and noted >= step:
        return
    try:
        run_directory.record_export(directory.path, where, step)
    except OSError as error:  # it may be somebody else's, who lets it be read
        say(f"the export is not noted in {directory.path} ({error.strerror}); --saved_model={where} draws from it")


def _spec(directory, config):
    """What a sample of the run is; runs of format 1 say it in words of their own."""
    if config.samples is not None:
        return config.samples
    data = directory.environment().get("data", {})
    if "sample_shape" not in data:
        raise UserError(f"{str(directory.config_file)!r} expected to say what a sample is; it does not")
    if data["kind"] == "images":
        return of_pictures(data["sample_shape"], data.get("class_names", ()), config.data.dequantize)
    return Spec(data["kind"], data["sample_shape"], data.get("class_names", ()))


def write(model, directory, config, where, overwrite):
    """Exports a model as it stands and prints where it is; returns that and the step."""
    from wgangp_tf.serving.export import export_generator

    step = model.steps_done
    environment = directory.environment()
    events = [event for event in metrics_log.read(directory.metrics_file) if event["step"] <= step]
    card = {
        "run_id": environment.get("run_id"),
        "step": step,
        "command": environment.get("command_line"),
        "config": config.to_tree(),
        "data": environment.get("data"),
        "numbers": events[-1] if events else {},
        "versions": environments.versions(),
        "git_commit": environments.git_commit(),
    }
    export_generator(model, where, card=card, overwrite=overwrite)
    print(f"SavedModel {where}")
    return where, step
