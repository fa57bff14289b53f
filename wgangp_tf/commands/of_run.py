"""A checkpoint of a run, for commands that look at it and train nothing."""

import re

from wgangp_tf import quiet
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.networks import registry as networks
from wgangp_tf.training import run_directory, trained


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
        self.spec = trained.spec_of(self.directory, self.config)
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
            place = str(self.directory.checkpoints)
            raise UserError(f"no checkpoint of step {text} in {place!r}, which has: {have}. Received: --step={text}")
        return int(text)

    def _best(self):
        if not run_directory.checkpoint_steps(self.directory.checkpoints):
            raise UserError(f"run {self._named!r} has no checkpoint yet")
        best = trained.best(self.directory, self.spec, say)
        if best is None:
            raise UserError(
                f"--step=best expects a run that was trained with --evaluate_every. Received: {self._named!r}, whose "
                "checkpoints were not evaluated; give a step"
            )
        step, name, value = best
        say(f"the best step is {step}: {name} {value:.4g}")
        return step

    def model(self):
        """The `GAN` as it was at the checkpoint.

        Raises:
          UserError: there is none, or it cannot be read.
        """
        quiet.start()
        return trained.model_at(self.directory, self.config, self.spec, say, self._step)
