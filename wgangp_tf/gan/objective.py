"""What a method asks of the networks, as pure terms: one value a sample, from scores and gradient norms.

The same terms serve a training step, held-out samples and tests; tapes, means and replicas are not their business.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from wgangp_tf.gan import asserted
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.losses import LOSSES
from wgangp_tf.gan.penalties import PLACES, SHAPES, gradient_norms

WATCHED = "interpolates"  # where the norm is measured whatever the method penalises
# weights of the cross-entropy where the critic guesses classes: of real samples in its own loss, of fake ones in the
# generator's (Gulrajani et al. 2017, the script of the conditional ResNet)
CRITIC_GUESS, GENERATOR_GUESS = 1.0, 0.1


class CriticTerms(NamedTuple):
    """What a critic makes of real and fake samples, each float32 [batch].

    Attributes:
      estimates: D(real) − D(fake), whose mean is the Wasserstein estimate; no penalty in it.
      losses: of the method, without penalties.
      penalties: sum of the method's penalties, before gp_weight, [penalised]; None where there are none.
      norms: {place: gradient norms [penalised]} of the places that are penalised.
      guesses: cross-entropy of the classes that the critic guesses of real samples, which is part of the losses; None
        where it guesses none.
    """

    estimates: Any
    losses: Any
    penalties: Any
    norms: dict
    guesses: Any = None


class Objective:
    """The terms of a method."""

    def __init__(self, method, gp_weight, together=True, gp_interval=1, gp_batch_fraction=1.0, guesses=False):
        """
        Args:
          method: `methods.Method`.
          gp_weight: float, λ, in front of the sum of the penalties.
          gp_interval: int, critic updates from one with a penalty to the next, whose weight is so many times larger.
          gp_batch_fraction: float in (0, 1], share of an update's samples that the penalty is taken of.
          together: whether the critic may see real and fake samples in one pass: it must not mix samples.
          guesses: whether the critic guesses classes.
        """
        self.method = method
        self.gp_weight = gp_weight
        self.guesses = guesses
        self.gp_interval = gp_interval if method.penalties else 1
        self._gp_batch_fraction = gp_batch_fraction
        self._loss = LOSSES[method.loss]
        self._together = together

    @property
    def paired(self):
        """Whether the generator's loss looks at real samples too."""
        return self.method.paired

    @property
    def passes(self):
        """int, calls of the critic that score the real and the fake samples of a batch."""
        return 1 if self._together else 2

    @property
    def places(self):
        """Where gradient norms are known: where they are penalised, and at interpolates in any case."""
        return tuple(dict.fromkeys([WATCHED, *(penalty.place for penalty in self.method.penalties)]))

    def penalised(self, batch, pieces=1):
        """Of how many samples of a `Batch` the penalty is taken: the first ones, at least one; int or integer tensor.

        Batches are in random order, so that these are a draw from them.

        Args:
          batch: `Batch`.
          pieces: int, how many of its size an update consists of, parts and replicas: of all together the penalty is
            taken of the same samples, however they are cut.

        Raises:
          ValueError: the pieces would not have as many each; tf.errors.InvalidArgumentError where the size of the batch
            is known only when the step runs.
        """
        known, fraction = batch.samples.shape[0], self._gp_batch_fraction
        if fraction == 1.0:
            return batch.count if known is None else known
        expected = f"gp_batch_fraction must take as many samples of each of {pieces} parts and replicas."
        if known is not None:
            taken = max(1, round(fraction * known * pieces))
            if taken % pieces:
                raise ValueError(f"{expected} Received: {fraction}, which takes {taken} of {known * pieces}")
            return taken // pieces
        taken = tf.round(fraction * tf.cast(batch.count * pieces, tf.float32))
        taken = tf.maximum(1, tf.cast(taken, tf.int32))
        return asserted.holding(taken, taken % pieces == 0, f"{expected} Received:", taken, "samples") // pieces

    def critic_terms(self, critic, real, fake, draws, penalised=None):
        """What the critic makes of a batch.

        Args:
          critic: callable of one `Batch` -> [batch] or [batch, 1] scores; or, of a critic that guesses classes, those
            and logits [batch, classes].
          real, fake: `Batch` of the same size.
          draws: `draws.Draws` for the points that penalties are taken at.
          penalised: int or integer tensor, of how many samples, the first ones, penalties are taken; 0 for none at
            all, None for all samples.

        Returns:
          `CriticTerms`.
        """
        (real_scores, guesses), (fake_scores, _) = self._scores(critic, real, fake)
        losses = self._loss.critic(real_scores, fake_scores)
        wrong = None if guesses is None else cross_entropy(guesses, real.labels)
        if wrong is not None:
            losses += CRITIC_GUESS * wrong
        without = isinstance(penalised, int) and penalised == 0
        norms, penalties = {}, () if without else self.method.penalties
        for penalty in penalties:
            if penalty.place not in norms:
                norms[penalty.place] = self.norms_at(penalty.place, critic, real, fake, draws, penalised)
        costs = [penalty.share * SHAPES[penalty.shape](norms[penalty.place]) for penalty in penalties]
        return CriticTerms(
            estimates=real_scores - fake_scores,
            losses=losses,
            penalties=tf.add_n(costs) if costs else None,
            norms=norms,
            guesses=wrong,
        )

    def watched(self, critic, real, fake, draws):
        """{place: gradient norms [batch]} of where they are measured but not penalised; see `critic_terms`."""
        penalised = {penalty.place for penalty in self.method.penalties}
        return {
            place: self.norms_at(place, critic, real, fake, draws) for place in self.places if place not in penalised
        }

    def norms_at(self, place, critic, real, fake, draws, count=None):
        """Gradient norms [batch] at a place, see `critic_terms`; of the first `count` samples where that is given."""
        points, labels = PLACES[place](real.samples, fake.samples, draws), real.labels
        if count is not None:
            points, labels = points[:count], None if labels is None else labels[:count]
        return gradient_norms(lambda samples: answer(critic(Batch(samples, labels)))[0], points)

    def critic_loss(self, terms):
        """The number the critic minimises, float32 [].

        A penalty of every k-th update has k times its weight: its mean over the updates is what it would be in each
        (lazy regularisation, Karras et al. 2020, section 3.1).
        """
        loss = tf.reduce_mean(terms.losses)
        if terms.penalties is None:
            return loss
        return loss + self.gp_weight * self.gp_interval * tf.reduce_mean(terms.penalties)

    def generator_loss(self, critic, real, fake):
        """The number the generator minimises, float32 []; `real` is looked at by paired losses only."""
        real_scores, (fake_scores, guesses) = None, answer(critic(fake))
        if self.paired:
            real_scores = tf.stop_gradient(answer(critic(real))[0])
        losses = self._loss.generator(real_scores, fake_scores)
        if guesses is not None:
            losses += GENERATOR_GUESS * cross_entropy(guesses, fake.labels)
        return tf.reduce_mean(losses)

    def _scores(self, critic, real, fake):
        """What `answer` gives of real and of fake samples."""
        fake = Batch(tf.cast(fake.samples, real.samples.dtype), fake.labels)
        if not self._together:
            return answer(critic(real)), answer(critic(fake))
        labels = None if real.labels is None else tf.concat([real.labels, fake.labels], axis=0)
        found = answer(critic(Batch(tf.concat([real.samples, fake.samples], axis=0), labels)))
        return [[None if each is None else each[part] for each in found] for part in _halves(real.count)]


def _halves(count):
    return slice(None, count), slice(count, None)


def answer(output):
    """(scores float32 [batch], logits float32 [batch, classes] or None) of what a critic gives."""
    scores, logits = output if isinstance(output, (list, tuple)) else (output, None)
    return tf.reshape(tf.cast(scores, tf.float32), [-1]), None if logits is None else tf.cast(logits, tf.float32)


def cross_entropy(logits, labels):
    """−log softmax(logits)[label] of each sample, [batch] (Odena et al. 2017, eq. 3, of one of its two halves)."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
