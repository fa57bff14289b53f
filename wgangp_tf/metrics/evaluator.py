"""An evaluator: the real side of one or more metrics, prepared once, and generated samples as they come."""

import dataclasses

import numpy as np

from wgangp_tf.errors import UserError
from wgangp_tf.metrics.features import Rows, block_length, chunks
from wgangp_tf.metrics.kept import kept


class Measure:
    """One metric at work; a file of this folder has one, and `registry.METRICS` says what it needs.

    An `Evaluator` calls `prepare` once, `take` with block after block of generated samples, then `result` and `reset`.

    Attributes:
      keeps_real: whether it goes over the features of the real samples more than once.
      least_fake: how many generated samples it needs, where that depends on the real side.
      enough_fake: from how many on its values say more of the samples than of their number.
    """

    keeps_real = False
    least_fake = enough_fake = 1

    def __init__(self, real, features, seed):
        """
        Args:
          real: `RealSide`.
          features: see `features.named`; None for a metric that uses none.
          seed: int, of every draw.
        """
        self.real, self.features, self.seed = real, features, seed
        self.reset()

    def draws(self, use):
        """A generator of random numbers for one use, an int: the same at each call."""
        return np.random.default_rng([self.seed, use])

    def prepare(self):
        """Computes what is needed of the real samples."""

    def take(self, block):
        """Takes a `Block` of generated samples in."""
        raise NotImplementedError

    def result(self):
        """{name: float} of the samples since the last reset."""
        raise NotImplementedError

    def reset(self):
        """Forgets the generated samples."""


class Block:
    """Some samples, and their features, computed when first asked for.

    Attributes:
      samples: array [n, *sample], as they are stored.
      labels: int [n], of the classes that were asked for; None where none was.
    """

    def __init__(self, samples, labels=None):
        self.samples, self.labels = samples, labels
        self._extracted = {}

    def __len__(self):
        return len(self.samples)

    def rows(self, features):
        """float64 [n, d]."""
        return np.asarray(self._extract(features)[0], np.float64)

    def probabilities(self, features):
        """float64 [n, classes], of features that have a classifier."""
        return np.asarray(self._extract(features)[1], np.float64)

    def kept(self, features):
        """What `features.Rows` keeps of them."""
        return self.samples if features.cheap else self._extract(features)[0]

    def _extract(self, features):
        if features not in self._extracted:
            self._extracted[features] = features(self.samples)
        return self._extracted[features]


class RealSide:
    """The real samples as measures see them: block by block, checked, costly features computed once if kept."""

    def __init__(self, real, keep, cache=None):
        """
        Args:
          real: see `registry.make`.
          keep: whether costly features are kept: some measure goes over them more than once.
          cache: directory where statistics of samples with an identity are kept, or None.
        """
        self.samples, self.labels, self.modes = real.samples, real.labels, real.modes
        self.held_out = getattr(real, "held_out", None)
        self._units = getattr(real, "units", None)
        self.held_out_labels = getattr(real, "held_out_labels", None)
        self.made_for = real.features  # name of the features that were made for such samples, or None
        self.shape = tuple(real.sample_shape)
        self.pictures = np.dtype(real.samples.dtype) == np.uint8
        self._keep, self._rows, self._once = keep, {}, {}
        self._identity, self._cache = real.identity, cache if real.identity else None

    def __len__(self):
        return len(self.samples)

    def blocks(self):
        """Yields every sample once, in order, in `Block`s.

        Raises:
          UserError: a sample is not finite.
        """
        return self._checked("real", self.samples)

    def held_out_blocks(self):
        """Yields every held-out sample once, in order, in `Block`s.

        Raises:
          UserError: a sample is not finite, or they are not like the real ones.
        """
        expected, received = ((part.dtype, tuple(part.shape[1:])) for part in (self.samples, self.held_out))
        if expected != received or not len(self.held_out):
            raise UserError(
                f"held-out samples must be {expected[0]} of shape {expected[1]}, at least 1. "
                f"Received: {len(self.held_out)} of {received[0]} and shape {received[1]}"
            )
        return self._checked("held_out", self.held_out)

    def _checked(self, name, samples):
        for some in chunks(samples):
            if not np.isfinite(some).all():
                raise UserError(f"{name} must be finite. Received: nan or infinity in {name}")
            yield Block(self.compared(some))

    def compared(self, samples):
        """Samples [n, *sample] in the units that they are compared in, float32, where the data has some."""
        if self._units is None:
            return samples
        factor, offset = (np.reshape(part, self._units.shape) for part in (self._units.factor, self._units.offset))
        return ((samples - offset) / factor).astype(np.float32)

    def rows(self, features):
        """Yields the features of every sample, in order: float64 [≤ block length, d]."""
        if self._keep and not features.cheap:
            self.keep_rows(features)
            return self._rows[features].blocks()
        return (block.rows(features) for block in self.blocks())

    def thinned(self, features, most):
        """The features of every k-th sample, so that there are at most `most`: float64 [n, d]."""
        step, start, found = -(-len(self) // most), 0, []
        for rows in self.rows(features):
            found.append(rows[-start % step :: step])
            start += len(rows)
        return np.concatenate(found)

    def keep_rows(self, features):
        """Checks every sample, and keeps its features if they are costly: `take` finds them."""
        if features.cheap:
            for _ in self.blocks():
                pass
        elif features not in self._rows:
            rows = self.statistics("rows", features, self._computed)["rows"]
            length = block_length(self.shape)
            self._rows[features] = Rows(features, [rows[k : k + length] for k in range(0, len(rows), length)])

    def statistics(self, name, features, make):
        """Arrays by name that follow from the samples and their features, kept where there is a cache.

        Args:
          name: str, of what they are.
          features: see `features.named`.
          make: callable, features → {name: array}.
        """
        if self._cache is None:
            return make(features)
        # an identity is of samples as they are stored: what they are compared in is another thing
        units = self._units and dataclasses.astuple(self._units)
        key = [self._identity, len(self), self.shape, units, block_length(self.shape), features.name, features.digest]
        return kept(self._cache, f"real-{name}", key, lambda: make(features))

    def once(self, name, features, make):
        """What `make()` returns, made at the first call for such a name and such features: measures share it."""
        if (name, features) not in self._once:
            self._once[name, features] = make()
        return self._once[name, features]

    def _computed(self, features):
        return {"rows": np.concatenate([block.kept(features) for block in self.blocks()])}

    def take(self, features, index):
        """The features of some samples, int64 [n], after `keep_rows`: float64 [n, d]."""
        if features.cheap:
            return Block(self.compared(np.asarray(self.samples[index]))).rows(features)
        return self._rows[features].take(index)


class Evaluator:
    """Measures generated samples against real ones.

        evaluator = registry.make("neighbours", real)
        evaluator.update(batch)   # as often as there are batches
        evaluator.result()        # {"precision": 0.9, …}, and ready for the next samples

    How the samples are cut into batches changes nothing: they are measured in blocks of a fixed length.

    Attributes:
      features: {name of the metric: name of the features it uses, or None}.
      extractors: {name of the metric: its features, see `features.named`, or None}.
    """

    def __init__(self, measures, rows, real):
        """
        Args:
          measures: {name: `Measure`}.
          rows: {name: `registry.Row`}.
          real: `RealSide` of the measures.
        """
        self._measures, self._rows, self._real = measures, rows, real
        self.extractors = {name: measure.features for name, measure in measures.items()}
        self.features = {name: some and some.name for name, some in self.extractors.items()}
        self._prepared = False
        self._start()

    def prepare(self):
        """Computes what is needed of the real samples; the first call does it, `update` calls it.

        Raises:
          UserError: the real samples cannot be used.
        """
        if not self._prepared:
            for measure in self._measures.values():
                measure.prepare()
            self._prepared = True

    def prepare_what_fits(self):
        """As `prepare`, but a metric that cannot be prepared is dropped: {name of the metric: why, in words}.

        Raises:
          UserError: none is left.
        """
        reasons = {}
        for name, measure in self._measures.items():
            try:
                measure.prepare()
            except UserError as error:
                reasons[name] = str(error)
        if len(reasons) == len(self._measures):
            raise UserError(next(iter(reasons.values())))
        self.leave_out(reasons)
        self._prepared = True
        return reasons

    def update(self, batch, labels=None):
        """Takes generated samples in.

        Args:
          batch: array [n, *sample] in the units of the real samples: uint8 for uint8 ones, else floats.
          labels: int [n], of the classes that were asked for; None where none was.

        Raises:
          UserError: they are of another shape or type, or not finite, or lack labels that a metric needs; none of them
            is taken in.
        """
        self.prepare()
        batch = self._checked(np.asarray(batch))
        labels = self._checked_labels(labels, len(batch))
        self._count += len(batch)
        for samples, of_classes in zip(self._stream.put(batch), self._labels.put(labels), strict=True):
            self._take(samples, of_classes)

    def result(self):
        """The values of all metrics, {name: float}; the next samples start from nothing.

        Raises:
          UserError: there were too few samples; those that there were stay.
        """
        for name, least in self.least_fake().items():
            if self._count < least:
                raise UserError(f"metric {name!r} needs at least {least} generated samples. Received: {self._count}")
        if len(self._stream):
            self._take(self._stream.rest(), self._labels.rest())
        try:
            found = {}
            for measure in self._measures.values():
                found |= {name: float(value) for name, value in measure.result().items()}
            return found
        finally:
            for measure in self._measures.values():
                measure.reset()
            self._start()

    def least_fake(self):
        """How many generated samples each metric needs, {name: int}."""
        self.prepare()
        return {name: max(row.least_fake, self._measures[name].least_fake) for name, row in self._rows.items()}

    def enough_fake(self):
        """From how many generated samples on the values of each metric say more of them than of their number."""
        self.prepare()
        return {name: measure.enough_fake for name, measure in self._measures.items()}

    def leave_out(self, names):
        """Drops some metrics, before samples of a next result are taken in."""
        for name in names:
            for of_metrics in (self._measures, self._rows, self.features, self.extractors):
                del of_metrics[name]

    def _start(self):
        self._count = 0
        self._stream, self._labels = (_Stream(block_length(self._real.shape)) for _ in range(2))

    def _take(self, samples, labels):
        block = Block(self._real.compared(samples), labels)
        for measure in self._measures.values():
            measure.take(block)

    def _checked_labels(self, labels, count):
        """int [n]; −1 where none are given, which no metric looks at then."""
        if labels is None:
            lacking = [name for name, row in self._rows.items() if "asked_classes" in row.needs]
            if lacking:
                raise UserError(f"metric {lacking[0]!r} needs the labels of generated samples. Received: none")
            return np.full(count, -1)
        labels = np.asarray(labels)
        if labels.shape != (count,) or labels.dtype.kind not in "iu":
            raise UserError(
                f"labels must be integers, one for each of {count} samples. "
                f"Received: {labels.dtype.name} of shape {labels.shape}"
            )
        return labels

    def _checked(self, batch):
        right_type = batch.dtype == np.uint8 if self._real.pictures else batch.dtype.kind == "f"
        if not right_type or batch.shape[1:] != self._real.shape or batch.ndim == 0:
            expected = "uint8" if self._real.pictures else "float"
            raise UserError(
                f"fake must be {expected} samples of shape {self._real.shape}. "
                f"Received: {batch.dtype.name} samples of shape {batch.shape[1:]}"
            )
        if not np.isfinite(batch).all():
            raise UserError("fake must be finite. Received: nan or infinity in fake")
        return batch


class _Stream:
    """Cuts batches of any size into blocks of one."""

    def __init__(self, size):
        self._size, self._pending, self._length = size, [], 0

    def __len__(self):
        return self._length

    def put(self, batch):
        """Yields the blocks that became full."""
        while len(batch):
            room = self._size - self._length
            self._pending.append(batch[:room].copy())  # the caller may fill its array anew
            self._length += len(self._pending[-1])
            batch = batch[room:]
            if self._length == self._size:
                yield self.rest()

    def rest(self):
        """What is left: a block that is not full."""
        block = np.concatenate(self._pending)
        self._pending, self._length = [], 0
        return block
