"""A checkpoint of a run, for commands that look at it and train nothing."""

import re

from wgangp_tf import quiet
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.networks import registry as networks
from wgangp_tf.samples.spec import Spec, of_pictures
from wgangp_tf.training import evaluation, run_directory


class OfRun:
    """A run, looked at.

    Attributes:
      directory: `run_directory.RunDirectory`.
      config: `config.Config`.
      spec: `samples.spec.Spec` of its samples.
    """

    def __init__(self, run_dir, step=None, network=None):
        """
        Args:
          run_dir: path of the run directory.
          step: text, the step of the checkpoint, or "best"; None for the newest.
          network: the run's own "module:function", needed where it has one.

        Raises:
          UserError: there is no such run or checkpoint, or code of the run would be run that was not named.
        """
        if step is not None and step != "best" and not re.fullmatch(r"[0-9]{1,10}", step):
            raise UserError(f"--step expects the step of a checkpoint, or best. Received: {step!r}")
        self._named = run_dir
        self.directory = run_directory.RunDirectory(run_dir)
        if not self.directory.exists:
            raise UserError(f"--run_dir expects the directory of a run. Received: {run_dir!r}")
        self.config = self.directory.read_config(to_continue=False)
        networks.check_no_code(self.config.model.network, network, str(self.directory.config_file))
        if network not in (None, self.config.model.network):
            raise UserError(f"--network expects the run's {self.config.model.network!r}. Received: {network!r}")
        self.spec = _spec(self.directory, self.config)
        self._step = self._checked(step)

    def _checked(self, text):
        """The step that a checkpoint is asked for by, or None for the newest."""
        if text is None:
            return None
        if text == "best":
            return self._best()
        steps = run_directory.checkpoint_steps(self.directory.checkpoints)
        if int(text) not in steps:
            have = ", ".join(map(str, steps)) or "none"
            raise UserError(f"no checkpoint of step {text} in {str(self.directory.checkpoints)!r}. Received: {have}")
        return int(text)

    def _best(self):
        value = metrics.judge(self.spec.kind)
        steps = run_directory.checkpoint_steps(self.directory.checkpoints)
        evaluation.read(self.directory.evaluations_file, say)
        best = evaluation.best(self.directory.evaluations_file, value, steps)
        if best is None:
            raise UserError(
                f"--step=best expects a run that was trained with --evaluate_every. Received: {self._named!r}, whose "
                "checkpoints were not evaluated; give a step"
            )
        say(f"the best step is {best['step']}: {value} {best[value]:.4g}")
        return best["step"]

    def model(self):
        """The `GAN` as it was at the checkpoint.

        Raises:
          UserError: there is none, or it cannot be read.
        """
        quiet.import_tensorflow()
        from wgangp_tf.training import build
        from wgangp_tf.training.checkpoints import Checkpoints

        model = build.build(self.config, self.spec)
        if Checkpoints(self.directory.checkpoints, model).restore(say, self._step, writer=False) is None:
            raise UserError(f"run {self._named!r} has no checkpoint yet")
        return model


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
