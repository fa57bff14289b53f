"""The networks as a step calls them, and the samples that it gives them."""

import keras
import tensorflow as tf

from wgangp_tf.gan import augmentation, batches, networks_check, ranges
from wgangp_tf.gan.batches import Batch


class AsCalled:
    """A part of `model.GAN`; stands before `keras.Model` among its bases."""

    def with_labels(self, x, labels):
        """What a network takes of latents or samples [batch, …] and labels [batch]: [x, labels], or x alone."""
        return x if self.class_shares is None else [x, labels]

    def _decoded(self, batch, draws, learnt=False):
        """What `fit` hands over, as a `Batch` of samples as the networks see them."""
        stored = batches.read(batch, self.codec.spec.stored_shape, self._stored_as, self.classes)
        noise = mirrored = None
        if stored.samples.dtype == tf.uint8 and self.codec.spec.encoding == "dequantized":
            noise = draws.uniform("dequantize", stored.count, self.sample_shape)
        if learnt and self.codec.flip:
            mirrored = draws.uniform("flip", stored.count) < 0.5
        samples = self.codec.decode(stored.samples, noise, mirrored)
        if learnt and stored.samples.dtype.is_floating:
            samples = ranges.checked_at(self.step, samples, self.sample_bounds)
        return Batch(samples, stored.labels)

    def clip(self):
        """Clips the critic's weights where the method does."""
        if not self.method.clips:
            return
        for variable in networks_check.clippable_weights(self.critic):
            variable.assign(tf.clip_by_value(variable, -self.clip_value, self.clip_value))

    def augmented(self, batch, what, draws):
        """A `Batch` as the critic is shown it.

        Its scores, gradient norms and penalties are all of such samples: the critic compares the distributions of
        changed real and changed generated samples, and must be Lipschitz where those are. Through the change, the
        gradient of a sample of low contrast would be a smaller one of the same critic.

        Args:
          batch: `Batch` of real or of generated samples.
          what: what the numbers are drawn for, a name of `draws`.
          draws: `draws.Draws`.
        """
        if not self.augment:
            return batch
        numbers = draws.uniform(what, batch.count, [augmentation.NUMBERS])
        return batch._replace(samples=augmentation.augment(batch.samples, numbers, self.augment))

    def training_critic(self, batch):
        """Scores of a `Batch`, as in an update of the critic."""
        return self.critic(self.with_labels(batch.samples, batch.labels), training=True)

    def frozen_critic(self, batch):
        """Scores of a `Batch`, as in training, that change nothing."""
        return self.frozen(self.critic, self.with_labels(batch.samples, batch.labels))

    def frozen(self, network, inputs):
        """The network as in training, the changes of its state dropped."""
        with keras.StatelessScope():  # not `stateless_call`, which needs a network whose `call` takes `training`
            return network(inputs, training=True)
