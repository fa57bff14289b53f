"""Checkpoints: everything a run needs to continue, whole or not there, and checked when read."""

import hashlib
import json
import os
import shutil

import numpy as np
import tensorflow as tf

from wgangp_tf import files
from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.training.run_directory import checkpoint_steps

_MANIFEST = "manifest.json"
FORMAT = 2  # 1 had no values since the last log


class Checkpoints:
    """The checkpoints of a training model in a directory, the newest few of them.

    Each is a directory step-NNNNNNNN with a TensorFlow checkpoint of both networks, both optimizers, the averages and
    the step, and a manifest with the SHA-256 of its files. It is made under another name and renamed.
    """

    def __init__(self, directory, model, keep=3, also=None):
        """
        Args:
          directory: pathlib.Path, exists.
          model: compiled `GAN`.
          keep: how many to keep.
          also: {name: list of tf.Variable} to keep beside the model's state.

        Attributes:
          best: step of the checkpoint that is kept whatever its age, or None.
        """
        self.best = None
        self._directory = directory
        self._keep = keep
        self._model = model
        tree = {name: [variable.value for variable in variables] for name, variables in model.state().items()}
        self.variables = [variable for part in tree.values() for variable in part]
        self._checkpoint = tf.train.Checkpoint(**tree, **(also or {}))

    def save(self):
        """Saves the model at its step, if all of it is finite, and drops the oldest; returns the path.

        Raises:
          Diverged: a value is not finite; nothing is written.
        """
        check_finite(self._model)
        step = self._model.steps_done
        path = self._directory / f"step-{step:08d}"
        beside = self._directory / f".{path.name}.part"
        shutil.rmtree(beside, ignore_errors=True)  # of a process that was killed: only one writes
        try:
            beside.mkdir()
            self._checkpoint.write(str(beside / "weights"))
            sums = {file.name: _digest(file) for file in sorted(beside.iterdir())}
            manifest = {"format": FORMAT, "step": step, "sha256": sums}
            (beside / _MANIFEST).write_text(json.dumps(manifest, indent=2))
            files.sync_tree(beside)
            if path.exists():
                shutil.rmtree(path)
            os.rename(beside, path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        files.sync(self._directory)
        for old in checkpoint_steps(self._directory)[: -self._keep]:
            if old == self.best:
                continue
            shutil.rmtree(self._directory / f"step-{old:08d}")
        return path

    def restore(self, say, step=None, writer=True):
        """Restores the newest checkpoint that is whole, or that of `step`.

        A damaged one is said, and set aside as damaged-NNNNNNNN by the writer.

        Args:
          say: callable of one line.
          step: int, or None for the newest.
          writer: whether this process has claimed the run directory.

        Returns:
          int, the step, or None where there is no checkpoint.

        Raises:
          UserError: there are checkpoints, but none that can be used, or that of `step` is damaged.
        """
        steps = checkpoint_steps(self._directory)
        wanted = steps if step is None else [known for known in steps if known == step]
        if step is not None and not wanted:
            have = ", ".join(map(str, steps)) or "none"
            raise UserError(
                f"no checkpoint of step {step} in {str(self._directory)!r}, which has: {have}. Received: step={step}"
            )
        for known in reversed(wanted):
            path = self._directory / f"step-{known:08d}"
            fault = damage(path)
            if fault is None:
                self._read(path)
                return known
            if step is not None:
                raise UserError(f"checkpoint {str(path)!r} is damaged ({fault})")
            use = "the one before it is used" if known != wanted[0] else "there is none before it"
            say(f"checkpoint {path} is damaged ({fault}); {use}")
            if writer:
                _set_aside(path)
        if wanted or list(self._directory.glob("damaged-*")):
            raise UserError(f"no checkpoint in {str(self._directory)!r} is whole; remove the directory to begin anew")
        return None

    def _read(self, path):
        try:
            # what is missing here is refused; a reader of the model alone leaves the rest
            self._checkpoint.read(str(path / "weights")).assert_existing_objects_matched().expect_partial()
        except (AssertionError, ValueError, tf.errors.OpError) as error:
            raise UserError(f"checkpoint {str(path)!r} is of other networks or optimizers than this run's") from error


def damage(path):
    """What is wrong with the checkpoint at a path, in words; None if it is whole."""
    try:
        manifest = json.loads((path / _MANIFEST).read_text())
        if manifest["format"] != FORMAT:
            return f"{_MANIFEST} has format {manifest['format']}; this version reads {FORMAT}"
        sums = manifest["sha256"]
        for name, expected in sums.items():
            if _digest(path / name) != expected:
                return f"{name} does not have the SHA-256 it was written with"
        if not {"weights.index"} < set(sums):
            return f"{_MANIFEST} names no weights"
    except FileNotFoundError as error:
        return f"{os.path.basename(error.filename)} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{_MANIFEST} cannot be read"
    return None


_OWNERS = {
    "generator": "generator",
    "critic": "critic",
    "generator_optimizer": "generator's optimizer",
    "critic_optimizer": "critic's optimizer",
    "averages": "generator's averages",
    "step": "run",
}


def check_finite(model):
    """Raises `Diverged`, naming the network and the weight, if a value of the model is not finite."""
    for owner, variables in model.state().items():
        for variable in variables:
            value = tf.convert_to_tensor(variable.value).numpy()  # of the first replica
            if value.dtype.kind in "fV" and not np.all(np.isfinite(value.astype(np.float32))):
                raise Diverged(f"{variable.path} of the {_OWNERS[owner]} is not finite at step {model.steps_done}")


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _set_aside(path):
    aside = path.with_name(path.name.replace("step-", "damaged-"))
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(path, aside)
