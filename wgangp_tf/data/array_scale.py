"""One pass over the samples of an array: whether they can be used, what their scale is, and their fingerprint."""

import dataclasses
import hashlib

import numpy as np

from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Scale

# Of a scale by the extremes they lie here: tanh is 0.95 at 1.8, where its slope is a tenth, and 1 nowhere. So a
# generator reaches them; what it makes beyond is cut by the `Codec`, and samples never leave the range of the data.
REACH = 0.95
_BLOCK_BYTES = 2**22  # of float32 looked at at once
_LEAST = np.finfo(np.float32).tiny
_MOST = 1e37  # float32 ends at 3.4e38: what is generated may lie as far beyond the data, and stays finite
_COARSE = 0.01  # of a feature's deviation: steps of float32 above that can be seen in its distribution


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the pass found, of each feature in the training part: float64 [features].

    Attributes:
      mean, deviation, least, greatest: of its values.
      digest: of all samples, in order.
    """

    mean: np.ndarray
    deviation: np.ndarray
    least: np.ndarray
    greatest: np.ndarray
    digest: str


def measure(samples, held_out, features, words):
    """The pass.

    Args:
      samples: array of any kind, float32 [n, *sample].
      held_out: int64, rows that do not count for the scale, ascending.
      features: how many a sample has along its last axis; 1 for all of its values.
      words: callable, number of a feature → its name in words.

    Returns:
      `Facts`.

    Raises:
      UserError: values are not finite, or so near to the end of float32 that what is generated may not be.
    """
    pass_ = _Pass(features)
    length = max(1, _BLOCK_BYTES // (4 * int(np.prod(samples.shape[1:]))))
    for start in range(0, len(samples), length):
        block = np.ascontiguousarray(samples[np.arange(start, min(start + length, len(samples)))])
        of_train = np.ones(len(block), bool)
        first, last = np.searchsorted(held_out, [start, start + len(block)])
        of_train[held_out[first:last] - start] = False
        pass_.take(block, of_train, start)
    pass_.check_finite(words)
    facts = pass_.facts()
    _check_room(facts, words)
    return facts


class _Pass:
    def __init__(self, features):
        self._features, self._digest = features, hashlib.blake2b(digest_size=8)
        self._count, self._mean, self._scatter = 0, np.zeros(features), np.zeros(features)
        self._least, self._greatest = np.full(features, np.inf), np.full(features, -np.inf)
        self._not_finite, self._first = np.zeros(features, np.int64), None

    def take(self, block, of_train, start):
        self._digest.update(block)
        if not np.isfinite(block.sum(dtype=np.float64)):
            finite = np.isfinite(block.reshape(len(block), -1, self._features))
            self._not_finite += (~finite).sum(axis=(0, 1))
            if self._first is None:
                self._first = start + int(np.flatnonzero(~finite.all(axis=(1, 2)))[0])
        elif self._first is None and of_train.any():
            self._join(block[of_train].reshape(-1, self._features))

    def _join(self, values):
        """Mean and scatter with more values, float32 [n, features] (Chan et al. 1983)."""
        mean, count = values.mean(axis=0, dtype=np.float64), len(values)
        step, total = mean - self._mean, self._count + count
        centred = values - mean
        self._scatter += np.einsum("ij,ij->j", centred, centred) + step**2 * (self._count * count / total)
        self._mean = self._mean + step * (count / total)
        self._count = total
        self._least = np.minimum(self._least, values.min(axis=0))
        self._greatest = np.maximum(self._greatest, values.max(axis=0))

    def check_finite(self, words):
        if self._first is None:
            return
        bad = np.flatnonzero(self._not_finite)
        where = ", ".join(f"{self._not_finite[k]:,} in {words(k)}" for k in bad[:8])
        more = f", and more in {len(bad) - 8:,} others" if len(bad) > 8 else ""
        raise UserError(
            "--data_file expects finite numbers that float32 holds. Received: nan or infinite values, "
            f"{where}{more}; the first in row {self._first:,}, counted from 0"
        )

    def facts(self):
        deviation = np.sqrt(self._scatter / self._count)
        return Facts(self._mean, deviation, self._least, self._greatest, self._digest.hexdigest())


def _check_room(facts, words):
    greatest = np.maximum(np.abs(facts.least), np.abs(facts.greatest))
    beyond = np.flatnonzero(greatest > _MOST)
    if len(beyond):
        others = len(beyond) - 1
        more = f", and in {others:,} other{'s' if others > 1 else ''}" if others else ""
        raise UserError(
            f"--data_file expects values up to {_MOST:.0e}, so that float32 holds generated ones too. "
            f"Received: {greatest[beyond[0]]:.3g} in {words(beyond[0])}{more}; give them in a larger unit"
        )


def scale_of(facts, kind, axes, words):
    """The scale that brings samples into the range of the networks.

    Args:
      facts: `Facts`.
      kind: "standard": mean 0 and deviation 1; "minmax": the extremes at ±`REACH`; or "none".
      axes: "feature", each by itself, or "all" alike.
      words: see `measure`.

    Returns:
      `samples.spec.Scale`, or None for "none".

    Raises:
      UserError: a feature that is to be scaled does not change.
    """
    if kind == "none":
        return None
    if axes == "all":
        facts = _joined(facts)
    if kind == "standard":
        factor, offset = facts.deviation, facts.mean
    else:
        factor, offset = (facts.greatest - facts.least) / (2 * REACH), (facts.greatest + facts.least) / 2
    still = np.flatnonzero((facts.least == facts.greatest) | (factor < _LEAST))
    if len(still):
        named = "the array" if axes == "all" else ", ".join(words(k) for k in still[:8])
        least, greatest = facts.least[still[0]], facts.greatest[still[0]]
        what = (
            "do not change, or by too little for float32"
            if len(still) > 1
            else (
                f"is {least:.7g} in every training sample"
                if least == greatest
                else f"goes from {least:.3g} to {greatest:.3g}, too little for float32"
            )
        )
        raise UserError(
            f"--scale={kind} expects features that change. Received: {named}, which {what}; leave "
            f"{'them' if len(still) > 1 else 'it'} out, or try --scale=none"
        )
    return as_scale(factor, offset, axes == "all")


def notes_on_steps(facts, words):
    """Notes on features whose values float32 rounds by much of what tells them apart, as far from 0 as they lie.

    Args:
      facts: `Facts`.
      words: see `measure`.

    Returns:
      Tuple of lines.
    """
    steps = np.spacing(np.maximum(np.abs(facts.least), np.abs(facts.greatest)).astype(np.float32))
    coarse = np.flatnonzero((steps > _COARSE * facts.deviation) & (facts.least < facts.greatest))
    if not len(coarse):
        return ()
    first, others = coarse[0], len(coarse) - 1
    more = f" (and {others:,} more feature{'s' if others > 1 else ''} alike)" if others else ""
    return (
        f"float32 rounds {words(first)} to steps of {steps[first]:.3g} beside a deviation of "
        f"{facts.deviation[first]:.3g}{more}: take the mean of such values away before",
    )


def notes_on_still(facts, kind, axes, words):
    """Notes on features that are the same in every training sample, where the scale does not refuse them.

    Args:
      facts: `Facts`.
      kind, axes: see `scale_of`.
      words: see `measure`.

    Returns:
      Tuple of lines.
    """
    still = np.flatnonzero(facts.least == facts.greatest)
    if not len(still) or (kind != "none" and axes != "all"):
        return ()
    first, others = still[0], len(still) - 1
    more = f", and {others:,} more feature{'s do' if others > 1 else ' does'} not change" if others else ""
    return (f"{words(first)} is {facts.least[first]:.7g} in every training sample{more}",)


def units_of(facts):
    """The scale by which samples are compared: each feature's mean and deviation, 1 where it does not change."""
    deviation = np.where(facts.deviation < _LEAST, 1.0, facts.deviation)
    return as_scale(deviation, facts.mean)


def as_scale(factor, offset, over_all=False):
    shape = () if over_all else factor.shape
    return Scale(tuple(map(float, factor)), tuple(map(float, offset)), shape)


def _joined(facts):
    """All features as one; each has as many values."""
    mean = facts.mean.mean()
    deviation = np.sqrt((facts.deviation**2 + (facts.mean - mean) ** 2).mean())
    found = mean, deviation, facts.least.min(), facts.greatest.max()
    return Facts(*(np.array([value]) for value in found), facts.digest)
