"""A SavedModel → samples."""

import pathlib

import numpy as np
import tensorflow as tf

from wgangp_tf import paths
from wgangp_tf.errors import UserError
from wgangp_tf.gan import sampling
from wgangp_tf.gan.classes import ANY, shares
from wgangp_tf.samples import spec as specs
from wgangp_tf.serving.target import read_card


class Generator:
    """A generator from a SavedModel.

    Attributes:
      card: dict, what assets.extra/card.json says, or {}.
      spec: `samples.spec.Spec` of its samples, in the user's units.
    """

    def __init__(self, directory):
        """
        Args:
          directory: of the SavedModel.

        Raises:
          UserError: it is no SavedModel of a generator.
        """
        directory = self._directory = pathlib.Path(paths.checked(directory, "the directory of a SavedModel"))
        if not (directory / "saved_model.pb").is_file():
            raise UserError(f"--saved_model expects the directory of a SavedModel. Received: {str(directory)!r}")
        try:
            self._model = tf.saved_model.load(str(directory))
        except (OSError, ValueError, KeyError, IndexError, tf.errors.OpError) as error:
            first = str(error).strip().splitlines()[0]
            raise UserError(f"SavedModel {str(directory)!r} cannot be loaded ({first})") from error
        if "generate" not in self._model.signatures:
            have = ", ".join(sorted(self._model.signatures)) or "none"
            raise UserError(f"SavedModel {str(directory)!r} expected to have a signature 'generate'. Received: {have}")
        self.card = read_card(directory)
        self.spec = self._spec()

    def _spec(self):
        """What the card says a sample is; without it, what can be seen of the signature."""
        if "samples" in self.card:
            try:
                return specs.from_values(self.card["samples"])
            except ValueError as error:
                raise UserError(f"the card of SavedModel {str(self._directory)!r} cannot be read ({error})") from error
        (output,) = self._model.signatures["generate"].structured_outputs.values()
        return specs.of_shape(output.shape[1:])

    @property
    def conditional(self):
        """Whether it takes classes."""
        return "labels" in self._model.signatures["generate"].structured_input_signature[1]

    @property
    def classes(self):
        """Names of the classes that it takes: a tuple, () where it takes none.

        Raises:
          UserError: it takes some, and does not say which.
        """
        if self.conditional and not self.spec.classes:
            raise UserError(f"SavedModel {str(self._directory)!r} takes classes, and has no card that names them")
        return self.spec.classes if self.conditional else ()

    def generate(self, count, seed, labels=None):
        """Samples 0 … count − 1 of a seed: uint8 [count, h, w, c], or float32 for points and arrays.

        Args:
          count, seed: ints.
          labels: int32 [count] where it takes classes, -1 leaves one open; None leaves all open.
        """
        inputs = {"num_images": tf.constant(count), "seed": tf.constant(seed)}
        if self.conditional:
            inputs["labels"] = tf.fill([count], ANY) if labels is None else tf.constant(labels, tf.int32)
        outputs = self._model.signatures["generate"](**inputs)
        return np.asarray(next(iter(outputs.values())))

    def labels_of(self, count, seed):
        """The classes of samples 0 … count − 1 of a seed where they are left open: int32 array [count]."""
        return sampling.labels_of(count, seed, shares(self.spec.class_frequencies))

    @property
    def latent_dim(self):
        """Length of a latent vector.

        Raises:
          UserError: samples are not made from latents, and labels where it takes classes.
        """
        return int(self._latents().shape[1])

    def from_latents(self, latents, labels=None):
        """Samples of latents, float32 [n, latent_dim], as `generate` gives them.

        Args:
          latents: float32 [n, latent_dim].
          labels: int32 [n] where it takes classes, else None.
        """
        inputs = {self._latents().name: tf.constant(latents)}
        if labels is not None:
            inputs["labels"] = tf.constant(labels, tf.int32)
        outputs = self._model.signatures["serving_default"](**inputs)
        return np.asarray(next(iter(outputs.values())))

    def _latents(self):
        """tf.TensorSpec of the latents."""
        taken = []
        if "serving_default" in self._model.signatures:
            taken = list(self._model.signatures["serving_default"].structured_input_signature[1].values())
            taken.sort(key=lambda spec: spec.name)
        every, labelled = taken, "labels" in [spec.name for spec in taken]
        if self.conditional:
            taken = [spec for spec in taken if spec.name != "labels"]
        of_latents = len(taken) == 1 and taken[0].shape.rank == 2 and taken[0].shape[1] is not None
        if not of_latents or labelled != self.conditional:
            have = ", ".join(f"{spec.name} {spec.shape}" for spec in every) or "none"
            raise UserError(
                f"SavedModel {str(self._directory)!r} expected to have a signature 'serving_default' of latents, "
                f"(None, latent_dim), {'and labels' if self.conditional else 'alone'}. Received: {have}"
            )
        return taken[0]
