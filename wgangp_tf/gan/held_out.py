"""What a critic says of real samples that nothing learns from."""

import numpy as np
import tensorflow as tf

from wgangp_tf.gan import batches, logs, sampling
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.draws import Draws

_NO_SAMPLES = (bool, int, float, complex, str, bytes)


class HeldOut:
    """A part of `model.GAN`; stands before `keras.Model` among its bases."""

    def check_held_out(self, data):
        """Raises a ValueError for `validation_data` that `evaluate` would refuse once an epoch is over.

        Args:
          data: what `fit` took. Of arrays and data sets the shapes and types are known; others are left to `evaluate`.
        """
        if data is None:
            return
        expected = "validation_data must be held-out real samples, in a form that fit takes."
        if isinstance(data, tf.data.Dataset):
            specs, empty = data.element_spec, int(data.cardinality()) == 0
        else:
            # as Keras reads it: (samples,) or (samples, labels), and a list no otherwise
            specs = tf.nest.map_structure(_spec, tuple(data) if isinstance(data, list) else data)
            empty = _known(specs) and 0 in [each.shape[0] for each in tf.nest.flatten(data) if np.ndim(each)]
        plain = [each for each in tf.nest.flatten(specs) if isinstance(each, _NO_SAMPLES)]
        if plain or empty or isinstance(specs, tuple) and len(specs) > 3:
            found = "no samples" if empty else type(plain[0] if plain else data).__name__
            raise ValueError(f"{expected} Received: {found}")
        if not _known(specs):
            return
        with tf.Graph().as_default():  # the step's own check, of the shapes alone
            batch = tf.nest.map_structure(_placeholder, specs)
            try:
                batches.read(batch, self.codec.spec.stored_shape, self._stored_as, self.classes)
            except (ValueError, TypeError) as error:
                reason = str(error).strip().partition("\n")[0]
                raise ValueError(f"{expected} {reason}") from error

    def test_step(self, batch):
        """Values of the critic on real samples it does not learn from, as means over all samples seen."""
        # the samples seen so far tell the batches of an evaluation apart
        part = tf.cast(self._held_out_means["critic_loss"].count, tf.int32)
        for name, values in self.held_out_values(batch, part).items():
            self._held_out_means[name].update_state(values)
        return {name: mean.result() for name, mean in self._held_out_means.items()}

    def held_out_values(self, batch, part=0, fakes=sampling.CHUNK):
        """What the critic says of real samples it does not learn from; changes nothing.

        The networks run as they do in training, so that only the real samples differ.

        Args:
          batch: n real samples, as `fit` takes them.
          part: int, other latents and interpolates for each.
          fakes: int, least number of fakes made at a time: batch statistics of fewer would be rough.

        Returns:
          {name: float32 [n]}: `wasserstein_estimate`, `critic_loss`, `gradient_penalty`, `classification_loss` where
          the critic guesses classes, `gradient_norm` and the norms of other places that the method penalises.
        """
        draws = Draws(self.seed, part, held_out=True)
        real = self._decoded(batch, draws)
        count = tf.maximum(real.count, fakes)
        latents = draws.normal("latents", count, [self.latent_dim])
        inputs = self.with_labels(latents, batches.labelled_like(real, count))
        fake = Batch(self.frozen(self.generator, inputs)[: real.count], real.labels)
        real, fake = self.augmented(real, "augment_real", draws), self.augmented(fake, "augment_fake", draws)
        terms = self.objective.critic_terms(self.frozen_critic, real, fake, draws)
        norms = terms.norms | self.objective.watched(self.frozen_critic, real, fake, draws)
        penalties = tf.zeros_like(terms.losses) if terms.penalties is None else terms.penalties
        return {
            "wasserstein_estimate": terms.estimates,
            "critic_loss": terms.losses + self.gp_weight * penalties,
            "gradient_penalty": penalties,
            **logs.of_guesses(terms.guesses),
        } | {logs.norm_name(place): values for place, values in norms.items()}

    @property
    def held_out_names(self):
        """Names of the values that `evaluate` returns."""
        return logs.held_out_names(self.objective)

    @property
    def metrics(self):
        return list(self._held_out_means.values())


def _spec(value):
    """What is known of a batch of an array; other values as they are."""
    if not isinstance(value, (np.ndarray, np.generic, tf.Tensor)):
        return value
    return tf.TensorSpec([None, *value.shape[1:]] if len(value.shape) else [], value.dtype)


def _known(specs):
    return all(each is None or isinstance(each, tf.TensorSpec) for each in tf.nest.flatten(specs))


def _placeholder(spec):
    return None if spec is None else tf.compat.v1.placeholder(spec.dtype, spec.shape)
