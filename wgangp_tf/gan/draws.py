"""The random numbers of one update, each at its sample's place in the global batch.

Sample i of replica r among R has the place i·R + r; where its samples come in P parts, sample j of part k is the one
numbered j·P + k of the replica, so that one replica and several draw the same numbers for the same
samples, and no two replicas share one, whatever number of samples each of them has.
"""

import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import replicas
from wgangp_tf.randomness import Use

# what a draw is for → its `Use`, in training and on held-out samples
_TRAINING = {
    "latents": Use.CRITIC_LATENTS,
    "generator_latents": Use.GENERATOR_LATENTS,
    "interpolates": Use.INTERPOLATION,
    "around_real": Use.AROUND_REAL,
    "flip": Use.FLIP,
    "dequantize": Use.DEQUANTIZE,
    "augment_real": Use.AUGMENT_REAL,
    "augment_fake": Use.AUGMENT_FAKE,
    "generator_augment_real": Use.GENERATOR_AUGMENT_REAL,
    "generator_augment_fake": Use.GENERATOR_AUGMENT_FAKE,
    "generator_labels": Use.GENERATOR_LABELS,
}
_HELD_OUT = {
    "latents": Use.VALIDATION,
    "interpolates": Use.VALIDATION_INTERPOLATION,
    "around_real": Use.VALIDATION_AROUND_REAL,
    "dequantize": Use.VALIDATION_DEQUANTIZE,
    "augment_real": Use.VALIDATION_AUGMENT_REAL,
    "augment_fake": Use.VALIDATION_AUGMENT_FAKE,
}


class Draws:
    """Random numbers for the samples of one update, keyed by (seed, what for, step, update, place)."""

    def __init__(self, seed, step, update=0, held_out=False, part=0, parts=1, whole=None):
        """
        Args:
          seed: int, of the run.
          step: int or integer tensor; on held-out samples the number of their batch.
          update: int, critic update within the step.
          held_out: whether this is for samples that nothing learns from.
          part: int or integer tensor, which part of this replica's samples.
          parts: int, how many there are, of one size.
          whole: the real samples of all parts, where there are several: some noise is as large as they are spread.
        """
        self._uses = _HELD_OUT if held_out else _TRAINING
        self._seed, self._step, self._update = seed, step, update
        self._part, self._parts, self.whole = part, parts, whole

    def normal(self, what, count, shape):
        """float32 [count, *shape] from N(0, 1); `count` samples are in this part."""
        return self._own(randomness.normal, what, count, shape)

    def uniform(self, what, count, shape=()):
        """float32 [count, *shape] from U[0, 1)."""
        return self._own(randomness.uniform, what, count, shape)

    def _own(self, draw, what, count, shape):
        replica, among = replicas.position()
        key = randomness.key(self._seed, self._uses[what], self._step, self._update)
        drawn = draw([count * self._parts * among, *shape], key)
        of_replica = drawn if among == 1 else drawn[replica::among]
        return of_replica if self._parts == 1 else tf.reshape(of_replica, [count, self._parts, *shape])[:, self._part]
