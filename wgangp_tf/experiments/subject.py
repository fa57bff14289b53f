"""The generator that figure `samples` is of: of a run, of a SavedModel, or of any model that was trained."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from wgangp_tf import quiet
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Spec
from wgangp_tf.training import run_directory


@dataclasses.dataclass(frozen=True)
class Subject:
    """A generator to look at.

    Attributes:
      name: whose it is, for the caption.
      spec: of its samples.
      latent_dim: length of a latent vector.
      make: callable, latents float32 [n, latent_dim], and with `shares` labels int32 [n] -> samples in user's units.
      pictures: directory with the pictures of its training, or None.
      shares: float64 [classes], how frequent each is, where it takes classes; else None.
      real: array [n, *sample], real arrays to draw generated ones over; None of other samples, or where there are none.
    """

    name: str
    spec: Spec
    latent_dim: int
    make: Callable[..., Any]
    pictures: pathlib.Path | None
    shares: np.ndarray | None = None
    real: np.ndarray | None = None


def of_run(run_dir, say):
    """The generator of a run at its newest checkpoint, by its averaged weights.

    Args:
      run_dir: path.
      say: callable of one line.

    Raises:
      UserError: there is no such run, or its generator cannot be had.
    """
    directory = run_directory.RunDirectory(run_dir)
    if not directory.exists:
        raise UserError(f"--run_dir expects the directory of a run. Received: {run_dir!r}")
    config = directory.read_config(to_continue=False)
    if ":" in config.model.network:  # reading a file must run no code of its choice
        raise UserError(
            f"figure 'samples' runs no code that a run names. Received: run {run_dir!r} with network="
            f"{config.model.network!r}; give its export as --saved_model"
        )
    if config.samples is None:
        raise UserError(f"{str(directory.config_file)!r} expected to say what a sample is; it does not")
    quiet.start()
    from wgangp_tf.training import build
    from wgangp_tf.training.checkpoints import Checkpoints

    model = build.build(config, config.samples)
    if Checkpoints(directory.checkpoints, model).restore(say, writer=False) is None:
        raise UserError(f"run {run_dir!r} has no checkpoint yet")
    name = f"run {directory.path.resolve().name} ({config.data.dataset}, {config.model.method})"
    real = _real(directory, config, say) if config.samples.kind == "arrays" else None
    return of_model(model, name, directory.samples, real)


def of_model(model, name, pictures, real=None):
    """A `GAN`, by its averaged weights; see `Subject`."""

    def make(latents, labels=None):
        return np.asarray(model.codec.encode(model(model.with_labels(latents, labels))))

    name = f"{name}, step {model.steps_done:,}"
    return Subject(name, model.codec.spec, model.latent_dim, make, pictures, model.class_shares, real)


def of_saved_model(directory):
    """The generator of a SavedModel.

    Raises:
      UserError: it is none, or does not say what it needs to.
    """
    quiet.start()
    from wgangp_tf.gan import classes
    from wgangp_tf.serving.load import Generator

    generator = Generator(directory)
    names = generator.classes
    shares = classes.shares(generator.spec.class_frequencies or [1.0] * len(names)) if names else None
    name = f"SavedModel {pathlib.Path(directory).resolve().name}"
    return Subject(name, generator.spec, generator.latent_dim, generator.from_latents, None, shares)


def _real(directory, config, say):
    """Some of the real samples of a run, those of its own pictures; None where they are not at hand any more."""
    from wgangp_tf.data import registry as data_sets
    from wgangp_tf.training.run import storage_of

    try:
        source = data_sets.load(config.data, storage_of(directory))
    except UserError as error:
        say(f"without real samples, which cannot be read: {error}")
        return None
    then = directory.environment().get("data", {}).get("fingerprint", source.fingerprint)
    if then != source.fingerprint:
        say(f"without real samples: those of data set {source.name!r} are not those that the run was trained on")
        return None
    rows = np.random.default_rng(config.seed).permutation(len(source.train))[: source.spec.drawn]
    return np.asarray(source.train.samples[rows])
