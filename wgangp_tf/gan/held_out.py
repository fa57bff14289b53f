"""What a critic says of real samples that nothing learns from."""

import tensorflow as tf

from wgangp_tf.gan import batches, logs, sampling
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.draws import Draws


class HeldOut:
    """A part of `model.GAN`; stands before `keras.Model` among its bases."""

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
