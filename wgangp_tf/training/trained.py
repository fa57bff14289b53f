"""A run that is looked at, not trained on: what its samples are, which checkpoint is its best, the model at one."""

from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.training import evaluation, run_directory


def spec_of(directory, config):
    """What a sample of the run in a `RunDirectory` is; runs of format 1 say it in words of their own.

    Raises:
      UserError: nothing says it.
    """
    if config.samples is not None:
        return config.samples
    data = directory.environment().get("data", {})
    if "sample_shape" not in data:
        raise UserError(f"{str(directory.config_file)!r} expected to say what a sample is; it does not")
    if data["kind"] == "images":
        return of_pictures(data["sample_shape"], data.get("class_names", ()), config.data.dequantize)
    return Spec(data["kind"], data["sample_shape"], data.get("class_names", ()))


def best(directory, spec, say):
    """The best checkpoint of a run whose checkpoints were evaluated.

    Returns:
      (step, name of the value that says so, the value), or None.
    """
    value = metrics.judge(spec.kind)
    if value is None:
        return None
    evaluation.read(directory.evaluations_file, say)
    steps = run_directory.checkpoint_steps(directory.checkpoints)
    found = evaluation.best(directory.evaluations_file, value, steps)
    return None if found is None else (found["step"], value, found[value])


def model_at(directory, config, spec, say, step=None):
    """The `GAN` of a run as it was at a checkpoint, the newest where no step is given; nothing is written.

    Raises:
      UserError: there is none, or it cannot be read.
    """
    from wgangp_tf.training import build
    from wgangp_tf.training.checkpoints import Checkpoints

    model = build.build(config, spec)
    if Checkpoints(directory.checkpoints, model).restore(say, step, writer=False) is None:
        raise UserError(f"run {str(directory.path)!r} has no checkpoint yet")
    return model
