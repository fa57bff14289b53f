"""`train`: data → networks → run directory → training → SavedModel."""

import contextlib
import dataclasses
import os
import re
import shlex

from wgangp_tf import config as configs
from wgangp_tf import program, settings
from wgangp_tf.commands import environment, export, local_workers
from wgangp_tf.commands.flags import Flag, of
from wgangp_tf.console import say
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import Interrupted, UserError
from wgangp_tf.metrics import features
from wgangp_tf.networks import registry as networks
from wgangp_tf.serving import target
from wgangp_tf.training import chosen, init_from, meeting, places, resolve, run_directory
from wgangp_tf.training import cluster as clusters
from wgangp_tf.training import runtime as runtimes
from wgangp_tf.training.run import followed, open_run, run_of_config

SUMMARY = "train a generator and a critic, and export a SavedModel at the end"
_NOTHING_BEGUN = "nothing is begun yet, and all that is being set up ends first"
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
        "resume",
        bool,
        "run",
        "continue the run in --run_dir, or the unfinished run of the same config that was last worked on",
        False,
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

    Returns:
      int, the exit status of the processes that it started; None without any.

    Raises:
      UserError, Diverged, Interrupted: see `errors`.
    """
    if "name" in given:
        _check_name(given)
    if "local_workers" in given:
        given = {"strategy": "multi_worker"} | given
        settings.Execution(strategy=given["strategy"], local_workers=given["local_workers"])
        _check_alone(given["local_workers"])
        if not os.environ.get("TF_CONFIG") and not given.get("dry_run"):
            return local_workers.run(given, stop)
    run, finished = _opened(given, stop)
    if finished is not None:
        say(finished)
    if given.get("dry_run"):
        from wgangp_tf.commands import dry_run

        dry_run.run(run)
        return None
    if finished is not None:
        return None
    try:
        if run.continued and clusters.alone():
            run.directory.claim()  # a living run is refused at once
        _train(run, given, stop)
    except FileNotFoundError as error:
        if run.directory is None or run.directory.path.is_dir():
            raise
        raise UserError(f"run directory {str(run.directory.path)!r} was removed while the run was writing") from error
    finally:
        if run.directory is not None:
            run.directory.release()
    return None


def _opened(given, stop):
    """The run that the flags mean, and where nothing is left to do, a line that says so, else None.

    Of several processes the chief opens it, and tells the others once all are there.
    """
    cluster = None if given.get("dry_run") else clusters.of_strategy(given.get("strategy", "auto"))
    if cluster is None:
        return _opened_by_chief(given)
    # what can be known before the training is looked at here, where all learn of it
    with meeting.Meeting(cluster, stop) as together:
        if not cluster.chief:
            told = together.listen()
            try:
                run, finished = followed(given, told["run"]), told["finished"]
                if finished is None:
                    _check_places(run, given, chief=False)
            except UserError as error:
                together.refuse(str(error))
                raise
            together.close()
            return run, finished
        run, finished = _opened_by_chief(given)
        if clusters.strategy_of(run.execution.strategy) != "multi_worker":
            raise UserError(
                f"the run was begun with --strategy={run.execution.strategy}, and several processes are here to train "
                "it; --strategy=multi_worker continues it with them, and without TF_CONFIG it goes on as it was"
            )
        if finished is None:
            _check_places(run, given)
        together.tell({"run": run.told(), "finished": finished})
        together.close()
        return run, finished


def _opened_by_chief(given):
    """See `_opened`."""
    run = open_run(given)
    if run.cadence.evaluate_every is None:  # evaluations keep what they know of the data there too
        data_sets.check_given(run.config.data, given)
    finished = _finished(run)
    if given.get("dry_run"):
        if finished is None:  # else nothing would be written
            _check_places(run, given)
        return run, finished
    begun = run_of_config(given)
    if begun is not None and not run.continued:
        say(f"a new run, of the config of {begun.path}; --run_dir={begun.path} goes on with that one")
    return run, finished


def _check_alone(count):
    """Raises a UserError if processes are to be started where TF_CONFIG already tells of others."""
    cluster = clusters.of_strategy("multi_worker") if os.environ.get("TF_CONFIG") else None
    if cluster is not None and cluster.count != count:
        raise UserError(
            f"--local_workers starts the processes itself, and TF_CONFIG tells of {cluster.count}: leave one of them "
            f"out. Received: --local_workers={count} beside TF_CONFIG"
        )


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


def _train(run, given, stop):
    overwrite = given.get("overwrite", False)
    if clusters.of_strategy(run.execution.strategy) is None:  # several have looked before they went on
        _check_places(run, given)
    with stop.deferred(_NOTHING_BEGUN):  # imports do not stand an interruption
        runtime = runtimes.start(run.execution, run.config.seed, networks.narrow(run.config.model))
        from wgangp_tf.training import agreement

        stop.renew()
        agreement.check(runtime.workers, stop)
    # one of several processes must not leave while the others wait for it
    with stop.deferred(_NOTHING_BEGUN) if runtime.workers.count > 1 else contextlib.nullcontext():
        source = _prepared(run, runtime)
        agreement.check(runtime.workers, stop)
    # from here on a signal waits for the next safe point
    with stop.deferred():
        model = _begin(run, source, runtime, stop)
        if _trained(run, model, source, runtime, stop):
            told = runtime.workers.of_chief(lambda: _export(run, model, overwrite))
            ended = "finished and exported"
            if runtime.chief:
                say(told)
        else:
            if runtime.chief:
                say(f"resume with: {_resume_command(run)}")
            ended = "saved"
        if stop.requested is not None:
            raise Interrupted(stop.requested, f"run {run.directory.path} is {ended}" if runtime.chief else "")


def _prepared(run, runtime):
    """The data of a run, once all processes have the same of all that it needs."""
    together = runtime.workers
    _decide(run, runtime)
    execution = {"deterministic": run.execution.deterministic}
    together.check_same({"versions": environment.versions(), **configs.to_values(run.config), **execution})
    runtime.check_batch_sizes(run.config.optimization)
    source = data_sets.load(run.config.data, run.storage)
    check_samples(run.config, source)
    together.of_chief(lambda: _check_weights(run, source))
    together.check_same({"data": source.fingerprint})
    return source


def _check_places(run, given, chief=True):
    """Raises a UserError now rather than after the training if a place cannot be written, or the data is not there."""
    if chief:  # it alone writes
        pictures = data_sets.find(run.config.data.dataset).folders
        path = None if run.directory is None else run.directory.path
        places.check_apart(path, run.export_path, run.storage, pictures)
        places.check_run(path, run.export_path)
        if run.export_path is not None:
            _check_export(run, given.get("overwrite", False))
        if run.config.optimization.init_from is not None and run.untrained:
            init_from.TrainedPair(run.config.optimization.init_from, run.config.model.network)
        if run.cadence.evaluate_every is not None:
            features.check_weights(run.storage.inception_weights, run.storage.download)
    data_sets.check(run.config.data, run.storage)
    if run.cadence.evaluate_every is None and "inception_weights" in given:
        raise UserError(
            "--inception_weights is for evaluations, and a training makes none without --evaluate_every. "
            f"Received: inception_weights={given['inception_weights']}"
        )


def _check_weights(run, source):
    """Raises a UserError if the evaluations to come cannot use the weights of Inception that are given."""
    if run.storage.inception_weights is None or run.cadence.evaluate_every is None:
        return
    from wgangp_tf.training import evaluation

    real = evaluation.real_of(source, run.config.model.conditional)
    features.named("inception", real, features.options_of(run.storage))


def _decide(run, runtime):
    """What the devices decide for a run, once for all its processes, and a resume keeps: the precision, and XLA."""
    run.execution = dataclasses.replace(run.execution, jit_compile="on" if runtime.jit_compile else "off")
    asked = run.config.optimization.precision
    name, reason = runtime.workers.of_chief(lambda: chosen.precision(asked))
    if asked == "auto":
        run.config = configs.with_precision(run.config, name)
    if reason and runtime.chief:
        say(f"precision {name}: {reason}")


def _export(run, model, overwrite):
    where, step = export.write(model, run.directory, run.config, run.export_path, overwrite)
    run.end(where, step)
    return f"samples {run.directory.samples}, curves: {_curves(run.directory)}"


def _begin(run, source, runtime, stop):
    """The model as at step 0; the run directory says what is trained in it."""
    from wgangp_tf.gan import networks_check
    from wgangp_tf.training import agreement, build, cost

    with runtime.strategy.scope():
        model = build.build(run.config, source.spec)
    agreement.check(runtime.workers, stop)

    lines = []

    def begin():
        taken = _taken(run, model, lines.append)
        apart = networks_check.sees_replicas_apart(model)
        run.begin(source, environment.describe(), say, runtime.replicas, apart, taken)

    runtime.workers.of_chief(begin)
    if runtime.chief:
        # the notes speak of a report in the run directory
        told = (
            f"run directory {run.directory.path}",
            runtime.devices,
            runtime.chosen,
            cost.memory_warning(model, run.config.optimization.batch_size, *clusters.sharing(run.execution)),
            networks_check.warning_of_parts(model),
            *resolve.warnings(run.config),
            *source.notes,
            *lines,
        )
        for line in filter(None, told):
            say(line)
    return model


def _taken(run, model, say):
    """What a model takes from the run that --init_from names, where nothing of its own is saved yet, or None."""
    path = run.config.optimization.init_from
    if path is None or not run.untrained:
        return None
    network = run.config.model.network
    return init_from.TrainedPair(path, network).give(model, network, say)


def _trained(run, model, source, runtime, stop):
    """Whether the steps that are left were done; what ends them early says how to go on."""
    from wgangp_tf.training import loop

    try:
        return loop.train(model, source, run, run.cadence, stop, say, runtime)
    except Interrupted as interrupted:
        if not runtime.chief:
            raise
        message = f"{interrupted}\nresume with: {_resume_command(run)}"
        raise Interrupted(interrupted.signal_number, message) from None


def check_samples(config, source):
    """Raises a UserError if the data cannot be trained on as the config says."""
    networks.check(config.model, source.spec)
    if config.model.conditional:
        networks.check_classes(source.spec)
    if config.optimization.batch_size > len(source.train):
        raise UserError(
            f"batch_size must be at most the {len(source.train)} training samples of data set {source.name!r}. "
            f"Received: batch_size={config.optimization.batch_size}{_left_out(source)}; try a smaller --batch_size"
        )


def _left_out(source):
    """In words, for what is refused before there is a data_report.json to look into."""
    if source.report is None or not source.report["files"]:
        return ""
    first = source.report["files"][0]
    return (
        f"; {source.report['left_out']:,} of {source.report['pictures']:,} pictures were left out, "
        f"the first {first['file']!r} ({first['reason']})"
    )


def _finished(run):
    """A line for a run that has nothing left to do, which says where it is exported; None for another one."""
    if not (run.continued and run.directory.trained(run.config)):
        return None
    where = run_directory.exported_to(run.directory.path)
    if where is None or os.path.realpath(run.export_dir or where) != os.path.realpath(where):
        return None
    card = target.read_card(where)
    own = run.directory.environment().get("run_id"), run.directory.last_step()
    if (card.get("run_id"), card.get("step")) != own:
        return None
    return f"run {run.directory.path} is finished: step {run.directory.last_step()}, exported to {where}"


def _check_export(run, overwrite):
    """Raises a UserError now rather than after the training if the export would be refused."""
    run_id = run.directory.environment().get("run_id") if run.directory is not None else None
    target.check(run.export_path, run_id, overwrite)


def _curves(directory):
    """The command that shows the run's curves beside those of its neighbours."""
    return shlex.join([program.tensorboard(), f"--logdir={directory.path.parent}"])


def _resume_command(run):
    """What continues a run: all else that it needs it knows itself, but for code of the user's own."""
    network = run.config.model.network
    own = [f"--network={network}"] if ":" in network else []
    count = run.execution.local_workers
    local = [] if count is None else [f"--local_workers={count}"]
    return shlex.join([*program.words(), *own, *local, f"--run_dir={run.directory.path}"])
