"""`export`: a checkpoint of a run → SavedModel."""

from wgangp_tf.commands import environment as environments
from wgangp_tf.commands.flags import Flag
from wgangp_tf.commands.of_run import OfRun
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.serving import target
from wgangp_tf.training import metrics_log, places, run_directory

SUMMARY = "make the SavedModel of a checkpoint of a run"
FLAGS = (
    Flag("run_dir", str, "flags", "the directory of the run", path=True),
    Flag(
        "step",
        str,
        "flags",
        "step of the checkpoint, or best (of a run with --evaluate_every); the newest where left out",
    ),
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
    asked = OfRun(given["run_dir"], given.get("step"), given.get("network"))
    directory, overwrite = asked.directory, given.get("overwrite", False)
    where = given.get("export_dir") or run_directory.default_export(directory.path)
    places.check_apart(directory.path, where)
    target.check(where, directory.environment().get("run_id"), overwrite)
    _record(directory, *write(asked.model(), directory, asked.config, where, overwrite))


def _record(directory, where, step):
    """Notes the export in the run, so that `generate` finds it; one of as late a step stays noted."""
    noted = directory.exported().get("step")
    if run_directory.exported_to(directory.path) is not None and isinstance(noted, int) and noted >= step:
        return
    try:
        run_directory.record_export(directory.path, where, step)
    except OSError as error:  # it may be somebody else's, who lets it be read
        say(f"the export is not noted in {directory.path} ({error.strerror}); --saved_model={where} draws from it")


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
