"""What every data set looks like to the rest of the system: samples by index."""

import dataclasses
from typing import Any

import numpy as np

from wgangp_tf.data.arrays import Subset, Without
from wgangp_tf.samples.spec import Scale, Spec


@dataclasses.dataclass(frozen=True)
class Split:
    """Samples by index.

    Attributes:
      samples: anything with `len`, `shape[1:]`, `dtype` and indexing by an int64 array: an ndarray, a memory map,
        or a reader that decodes on the fly. uint8 [n, height, width, channels] for images, float32 otherwise.
      labels: int32 [n], or None.
      modes: how to tell the modes of the distribution apart, where they are known: (centres float64 [modes, d],
        standard deviation of each along each axis) of a mixture of equally frequent round Gaussians, in the units of
        `metrics.features.pixels`; or `ChannelClasses`; else None.
      held_out: samples of the same distribution that nothing learns from, as `samples`; None where there are none. For
        what compares the two; `Source.validation` has them too.
      held_out_labels: int32, theirs, or None.
      conditional: whether each generated sample that is compared with these was asked for by its class.
      identity: short string that changes when the samples change; "" where it is not known.
      features: key of `metrics.features.FEATURES`, those that were made for such samples, or None.
      channel_axis: whether the last axis of a sample is that of its channels; else it is of one channel, without one.
      units: `samples.spec.Scale` by which samples are compared, where features have units of their own; or None.
    """

    samples: Any
    labels: np.ndarray | None = None
    modes: "tuple[np.ndarray, float] | ChannelClasses | None" = None
    held_out: Any = None
    held_out_labels: np.ndarray | None = None
    conditional: bool = False
    identity: str = ""
    features: str | None = None
    units: Scale | None = None
    channel_axis: bool = True

    def __len__(self):
        return len(self.samples)

    @property
    def sample_shape(self):
        return tuple(int(side) for side in self.samples.shape[1:])


@dataclasses.dataclass(frozen=True)
class ChannelClasses:
    """Modes of pictures whose channels are pictures of their own, each drawn independently of the others.

    A mode is one class for each channel, the first channel's the most significant: (2, 0, 7) of ten is mode 207.

    Attributes:
      pictures: uint8 [n, height, width, 1], what the channels are drawn from with equal chances; a classifier is fitted
        on them.
      labels: int [n], the class of each.
    """

    pictures: np.ndarray
    labels: np.ndarray


@dataclasses.dataclass(frozen=True)
class Source:
    """A data set, prepared.

    Attributes:
      name: of the data set.
      spec: `samples.spec.Spec`, what a sample is.
      train: what the networks learn from.
      validation: held out; never trained on.
      licence: of the data, for the card of a published generator.
      fingerprint: short string that changes when the samples change; a run is continued only on the same samples.
      report: what was left out and why, for `data_report.json`, or None.
      notes: lines for whoever begins a run on the samples to say.
    """

    name: str
    spec: Spec
    train: Split
    validation: Split
    licence: str = "unknown"
    fingerprint: str = ""
    report: dict | None = None
    notes: tuple[str, ...] = ()


def described(source, features):
    """The source, its splits with what `Split` says of them beside the samples, its spec with how frequent classes are.

    Args:
      source: `Source`.
      features: see `Split`.
    """

    spec = dataclasses.replace(source.spec, class_frequencies=_frequencies(source.train.labels, source.spec.classes))

    def split(name):
        identity = source.fingerprint and f"{source.fingerprint} {name}"
        return dataclasses.replace(
            getattr(source, name), identity=identity, features=features, channel_axis=spec.channel_axis
        )

    return dataclasses.replace(source, spec=spec, train=split("train"), validation=split("validation"))


def _frequencies(labels, classes):
    """Share of each class among labels, or () where there are none."""
    if labels is None:
        return ()
    return tuple(np.bincount(labels, minlength=len(classes)) / len(labels))


def divided(samples, held_out, labels=None):
    """The splits of prepared samples.

    Args:
      samples: see `Split`.
      held_out: int64, rows of the validation split, ascending.
      labels: int32, one a sample, or None.

    Returns:
      (train, validation), two `Split`.
    """
    labels_of = (None, None) if labels is None else (np.delete(labels, held_out), labels[held_out])
    return Split(Without(samples, held_out), labels_of[0]), Split(Subset(samples, held_out), labels_of[1])
