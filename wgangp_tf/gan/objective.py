"""What a method asks of the networks, as pure terms: one value a sample, from scores and gradient norms.

The same terms serve a training step, held-out samples and tests; tapes, means and replicas are not their business.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.losses import LOSSES
from wgangp_tf.gan.penalties import PLACES, SHAPES, gradient_norms

WATCHED = "interpolates"  # where the norm is measured whatever the method penalises


class CriticTerms(NamedTuple):
    """What a critic makes of real and fake samples, each float32 [batch].

    Attributes:
      estimates: D(real) − D(fake), whose mean is the Wasserstein estimate; no penalty in it.
      losses: of the method, without penalties.
      penalties: sum of the method's penalties, before gp_weight; None where it has none.
      norms: {place: gradient norms} of the places that are penalised.
    """

    estimates: Any
    losses: Any
    penalties: Any
    norms: dict


class Objective:
    """The terms of a method."""

    def __init__(self, method, gp_weight, together=True):
        """
        Args:
          method: `methods.Method`.
          gp_weight: float, λ, in front of the sum of the penalties.
          together: whether the critic may see real and fake samples in one pass: it must not mix samples.
        """
        self.method = method
        self.gp_weight = gp_weight
        self._loss = LOSSES[method.loss]
        self._together = together

    @property
    def paired(self):
        """Whether the generator's loss looks at real samples too."""
        return self.method.paired

    @property
    def places(self):
        """Where gradient norms are known: where they are penalised, and at interpolates in any case."""
        return tuple(dict.fromkeys([WATCHED, *(penalty.place for penalty in self.method.penalties)]))

    def critic_terms(self, critic, real, fake, draws):
        """What the critic makes of a batch.

        Args:
          critic: callable of one `Batch` -> [batch] or [batch, 1] scores.
          real, fake: `Batch` of the same size.
          draws: `draws.Draws` for the points that penalties are taken at.

        Returns:
          `CriticTerms`.
        """
        real_scores, fake_scores = self._scores(critic, real, fake)
        norms = {}
        for penalty in self.method.penalties:
            if penalty.place not in norms:
                norms[penalty.place] = self.norms_at(penalty.place, critic, real, fake, draws)
        costs = [penalty.share * SHAPES[penalty.shape](norms[penalty.place]) for penalty in self.method.penalties]
        return CriticTerms(
            estimates=real_scores - fake_scores,
            losses=self._loss.critic(real_scores, fake_scores),
            penalties=tf.add_n(costs) if costs else None,
            norms=norms,
        )

    def watched(self, critic, real, fake, draws):
        """{place: gradient norms [batch]} of where they are measured but not penalised; see `critic_terms`."""
        penalised = {penalty.place for penalty in self.method.penalties}
        return {
            place: self.norms_at(place, critic, real, fake, draws) for place in self.places if place not in penalised
        }

    def norms_at(self, place, critic, real, fake, draws):
        """Gradient norms [batch] at a place, see `critic_terms`."""
        points = PLACES[place](real.samples, fake.samples, draws)
        return gradient_norms(lambda samples: critic(Batch(samples, real.labels)), points)

    def critic_loss(self, terms):
        """The number the critic minimises, float32 []."""
        loss = tf.reduce_mean(terms.losses)
        if terms.penalties is None:
            return loss
        return loss + self.gp_weight * tf.reduce_mean(terms.penalties)

    def generator_loss(self, critic, real, fake):
        """The number the generator minimises, float32 []; `real` is looked at by paired losses only."""
        real_scores, fake_scores = None, flat(critic(fake))
        if self.paired:
            real_scores = tf.stop_gradient(flat(critic(real)))
        return tf.reduce_mean(self._loss.generator(real_scores, fake_scores))

    def _scores(self, critic, real, fake):
        """Scores [batch] of real and of fake samples."""
        fake = Batch(tf.cast(fake.samples, real.samples.dtype), fake.labels)
        if not self._together:
            return flat(critic(real)), flat(critic(fake))
        labels = None if real.labels is None else tf.concat([real.labels, fake.labels], axis=0)
        scores = flat(critic(Batch(tf.concat([real.samples, fake.samples], axis=0), labels)))
        return scores[: real.count], scores[real.count :]


def flat(scores):
    """Scores [batch] or [batch, 1] as float32 [batch]."""
    return tf.reshape(tf.cast(scores, tf.float32), [-1])
