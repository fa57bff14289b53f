"""Samples of a model: by latents, or by number."""

import numpy as np
import tensorflow as tf

from wgangp_tf.gan import arguments, classes, noise, sampling


class Sampled:
    """A part of `model.GAN`; stands before `keras.Model` among its bases."""

    def call(self, inputs, training=False):
        """Samples of latents or [latents, labels], by the averaged weights where there are some (not in `training`)."""
        if self.averages is None or training:
            return self.generator(inputs, training=training)
        return self.averages.call(inputs)

    def generate(self, n, seed=0, labels=None):
        """Samples by the averaged weights; sample k depends on (seed, k) and on its label alone.

        Args:
          n: int, how many, at least 1.
          seed: int.
          labels: for networks that take classes: int [n], or one int for all; -1 leaves a class open, None all of
            them: they are then drawn by (seed, k), as frequent as `class_frequencies` says.

        Returns:
          float32 array [n, *sample], as the generator gives them.

        Raises:
          ValueError: n or a label is out of range, labels are not n, or the networks take none.
        """
        made = self.generated_chunks(n, seed, labels)
        sampling.check_memory(n, self.sample_shape)
        return np.concatenate(list(made))

    def generated_chunks(self, n, seed=0, labels=None):
        """Yields what `generate` gives, some samples at a time: those of many would not fit into memory at once."""
        n = arguments.whole("n", n, most=sampling.MOST)
        seed = arguments.seed(seed, most=2**31 - 1)
        if labels is not None:
            labels = classes.asked(labels, n, self.classes)
        return sampling.chunks(self.sampler(), n, seed, self.latent_dim, self.class_shares, labels)

    def sampling_weights(self):
        """[(variable of the generator, the one samples are drawn with)]: its average where there is one."""
        averages = self.averages.weights if self.averages is not None else self.generator.weights
        averaged = {id(weight): average for weight, average in zip(self.generator.weights, averages, strict=True)}
        return [(variable, averaged.get(id(variable), variable)) for variable in self.generator.variables]

    def sampler(self):
        """The traced function behind `generate`, made once: what a chunk is made from -> samples, see `sampling`."""
        if getattr(self, "_traced_sampler", None) is None:

            def network(latents, labels=None, *, place):
                inputs = self.with_labels(latents, labels)
                return tf.cast(self._drawn(inputs, place), tf.float32)

            def sample(*inputs, place):
                seed, chunk, _ = place
                return sampling.of_chunk(network, inputs, self.sample_shape, seed, chunk)

            self._traced_sampler = tf.function(sample, autograph=False)
        return self._traced_sampler

    def _drawn(self, inputs, place):
        """What `call` gives, with the noise of the generator's own keyed by its place."""
        if self.averages is not None:
            return self.averages.call(inputs, place)
        with noise.Keyed(self.generator, place):
            return self.generator(inputs, training=False)
