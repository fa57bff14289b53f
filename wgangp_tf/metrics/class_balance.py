"""Class balance: whether the generator makes every class as often as the others.

A small classifier of our own, a support vector machine on the features, says which class each generated sample is of.
Source: the check of mode coverage by a classifier, as in Srivastava et al. 2017 (VEEGAN, stacked MNIST); the ratio to
equal shares is our summary of it.
"""

import dataclasses
from typing import Any

import numpy as np

from wgangp_tf.errors import UserError
from wgangp_tf.metrics.evaluator import Measure

_TEST_SHARE = 6  # every sixth sample of a shuffled set tests the classifier
_SPLIT_SEED = 0
_MOST = 5000  # real samples that a classifier is fitted and tested on: seconds


class ClassBalance(Measure):
    """See `registry.METRICS`; counts of classes are kept, no samples."""

    def prepare(self):
        self._classifier = classifier_of(self.real, self.features)

    def take(self, block):
        self._counts += self._classifier.counts(block.rows(self.features))

    def result(self):
        ratios = self._counts / self._counts.sum() * len(self._counts)
        return {
            "class_accuracy": self._classifier.accuracy,
            "class_ratio_min": ratios.min(),
            "class_ratio_max": ratios.max(),
        }

    def reset(self):
        self._counts = 0


def classifier_of(real, features):
    """The `SupportVectorClassifier` of real samples, one for all measures that share the features.

    Args:
      real: `evaluator.RealSide`, with labels. Of more than 5,000 samples 5,000 count, drawn with a fixed seed.
      features: see `features.named`.

    Raises:
      UserError: see `SupportVectorClassifier.fitted`.
    """
    return real.once("support vector machine", features, lambda: _classifier_of(real, features))


def _classifier_of(real, features):
    if len(real) <= _MOST:
        return SupportVectorClassifier.fitted(np.concatenate(list(real.rows(features))), real.labels)
    # not every k-th: classes may come in turn
    chosen, start, found = np.sort(np.random.default_rng(_SPLIT_SEED).permutation(len(real))[:_MOST]), 0, []
    for rows in real.rows(features):
        first, last = np.searchsorted(chosen, [start, start + len(rows)])
        found.append(rows[chosen[first:last] - start])
        start += len(rows)
    return SupportVectorClassifier.fitted(np.concatenate(found), np.asarray(real.labels)[chosen])


def support_vector_machine():
    """One of scikit-learn's, not fitted yet."""
    from sklearn.svm import SVC

    return SVC(gamma="scale", C=10.0)


@dataclasses.dataclass(frozen=True)
class SupportVectorClassifier:
    """Says of which class a sample is, by a support vector machine.

    Attributes:
      classes: int [classes], the labels it knows, ascending.
      accuracy: share of right answers on labelled samples it was not fitted on, in [0, 1].
    """

    classes: np.ndarray
    accuracy: float
    _model: Any

    @classmethod
    def fitted(cls, samples, labels):
        """A classifier of labelled samples: five sixths fit it, the rest, drawn with a fixed seed, tests it.

        Args:
          samples: float array [n, d].
          labels: int array [n].

        Raises:
          UserError: there are no labels, not one a sample, or fewer than two classes to fit.
        """
        if labels is None:
            raise UserError("a classifier needs a label for each sample. Received: samples without labels")
        samples, labels = np.asarray(samples, np.float64), np.asarray(labels)
        if labels.shape != (len(samples),):
            raise UserError(f"labels must be one a sample, [{len(samples)}]. Received: shape {labels.shape}")
        order = np.random.default_rng(_SPLIT_SEED).permutation(len(samples))
        test, fit = order[::_TEST_SHARE], np.delete(order, np.s_[::_TEST_SHARE])
        classes = np.unique(labels)
        if len(np.unique(labels[fit])) < len(classes) or len(classes) < 2:
            raise UserError(
                "a classifier needs at least two classes with samples enough to fit each. "
                f"Received: {len(samples)} samples of {len(classes)} classes"
            )
        model = support_vector_machine().fit(samples[fit], labels[fit])
        return cls(classes, float(np.mean(model.predict(samples[test]) == labels[test])), model)

    def places(self, samples):
        """The class of each of samples, float array [n, d], as its place among `classes`: int64 [n]."""
        return np.searchsorted(self.classes, self._model.predict(np.asarray(samples, np.float64)))

    def counts(self, samples):
        """How many of samples, float array [n, d], are of each class: int [classes]."""
        return np.bincount(self.places(samples), minlength=len(self.classes))

    def shares(self, samples):
        """Share of each class among samples, float array [n, d]: float [classes], summing to 1."""
        return self.counts(samples) / len(samples)

    def ratios(self, samples):
        """Share of each class over 1 / classes: float [classes] in [0, classes], 1 where all are equal."""
        return self.shares(samples) * len(self.classes)
