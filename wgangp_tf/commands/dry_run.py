"""`--dry_run`: what would be trained, without training it."""

import dataclasses
import json

from wgangp_tf import config as configs
from wgangp_tf import console, quiet
from wgangp_tf.commands import usage
from wgangp_tf.console import show
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.quantities import duration
from wgangp_tf.training import cluster


def run(run):
    """Prints the resolved config, both networks and the cost of a step, measured on this machine; writes nothing.

    Args:
      run: `training.run.Run`.

    Raises:
      UserError: the networks cannot be built, or the training would be refused over several replicas.
    """
    quiet.start()
    from wgangp_tf.gan import networks_check
    from wgangp_tf.training import chosen, runtime

    precision, why_precision = chosen.precision(run.config.optimization.precision)
    config = configs.with_precision(run.config, precision)
    why_threads = runtime.set_threads(run.execution, networks.narrow(run.config.model))
    several = runtime.several(run.execution)
    if several:
        runtime.check_several(run.execution)
    jit_compile, why_xla = chosen.xla(run.execution.jit_compile, several)
    _, why_steps = chosen.steps_in_a_call(run.execution.steps_per_execution, several)
    model = _model(run, config)
    show(config.to_json().rstrip())
    for settings in (run.execution, run.cadence, run.storage):
        show(f"{type(settings).__name__.lower()}: {json.dumps(dataclasses.asdict(settings))}")
    if why_precision:
        show(f"precision {precision}: {why_precision}")
    if told := chosen.in_words(why_xla, why_threads, why_steps):
        show(told)
    if unknown := _no_cluster(run.execution):
        show(unknown)
    if of_parts := networks_check.warning_of_parts(model):
        show(of_parts)
    for network in (model.generator, model.critic):
        show()
        network.summary(line_length=min(100, usage.width(100)))
    _show_cost(run, config, model, jit_compile)


def _no_cluster(execution):
    """What a training over several processes lacks here, where nothing names them: they may be named elsewhere."""
    if execution.strategy != "multi_worker" or execution.local_workers is not None:
        return None
    try:
        cluster.found()
    except UserError as error:
        return f"a training would be refused here: {error}"
    return None


def _model(run, config):
    """The model as at step 0, of the run with its config resolved."""
    from wgangp_tf.training import build, init_from

    spec = config.samples
    if config.model.conditional:
        spec = dataclasses.replace(spec, classes=data_sets.class_names(config.data, run.storage))
    model = build.build(config, spec)
    if config.optimization.init_from is not None and run.untrained:
        pair = init_from.TrainedPair(config.optimization.init_from, config.model.network)
        pair.give(model, config.model.network, console.say)
    return model


def _show_cost(run, config, model, jit_compile):
    """Prints what a step and the run take: operations, and time and memory as measured, where a step fits."""
    from wgangp_tf.training import cost, memory, progress

    optimization = config.optimization
    images, of_pictures = optimization.n_critic * optimization.batch_size, config.samples.kind == "images"
    too_large = cost.memory_warning(model, optimization.batch_size, *cluster.sharing(run.execution))
    too_large = too_large or cost.memory_warning(model, optimization.batch_size)  # one process is timed, on all samples
    if not too_large:
        seconds = cost.step_seconds(model, optimization.batch_size, jit_compile)
    peaks = memory.peak(), memory.device_peak()  # before the count below, which takes memory that a training does not
    operations = cost.step_operations(model, optimization.batch_size)
    show(
        f"\na step: {optimization.n_critic} critic updates on {optimization.batch_size} real samples each "
        f"and 1 generator update; {images} images, {operations / 1e9:.3g} GFLOP"
    )
    show(f"the run: {optimization.steps} steps, {optimization.steps * images} images")
    if too_large:
        show(f"here: not measured; {too_large}")
        return
    if cluster.sharing(run.execution)[0] > 1:
        show(
            "what follows is of one process on the whole batch; each of several has its share, and exchanges take time"
        )
    show(
        f"here: {seconds:.3g} s a step while the machine is as busy as now, "
        f"{duration(seconds * optimization.steps)} in all, without pictures and numbers; "
        f"{progress.shorter(of_pictures)} take less"
    )
    for peak, of in zip(peaks, ("memory", "memory of the GPU"), strict=True):
        if peak is not None:
            show(f"{of}: {memory.in_words(peak)} at its peak; a smaller --batch_size, or --accumulate, takes less")
