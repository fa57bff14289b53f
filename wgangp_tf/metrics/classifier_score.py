"""Classifier score: whether a classifier is sure of each generated sample, and of all classes by turns.

    exp( mean over samples of KL(p(y|x) ‖ p(y)) ),  p(y) = mean over samples of p(y|x)

Estimator: mean and standard deviation (divided by the number of splits) of the score of 10 splits, every tenth sample
in one, so that samples that come sorted do no harm. It lies in [1, classes], and a split of n samples cannot reach more
than n. With few samples it is too low: a split should have several samples a class (the authors' have 5,000 for 1,000
classes), and numbers compare at equal counts only. Generated samples alone are looked at: the score does not see
whether they resemble the real ones. Called by its name on the classes of Inception only; on other features it is the
same formula with another classifier.

Source: Salimans et al. 2016, "Improved Techniques for Training GANs", section 4.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure

SPLITS = 10


class ClassifierScore(Measure):
    """See `registry.METRICS`; sums over each split are kept, no samples."""

    def take(self, block):
        from scipy.special import xlogy  # 0 log 0 = 0

        shares = block.probabilities(self.features)
        split = (self._counts.sum() + np.arange(len(shares))) % SPLITS
        for k in range(SPLITS):
            some = shares[split == k]
            self._sums[k] = self._sums[k] + some.sum(axis=0)
            self._negative_entropies[k] += xlogy(some, some).sum()
            self._counts[k] += len(some)

    def result(self):
        from scipy.special import xlogy

        found = []
        for count, total, negative_entropy in zip(self._counts, self._sums, self._negative_entropies, strict=True):
            mean = total / count
            found.append(np.exp(negative_entropy / count - xlogy(mean, mean).sum()))
        return {"classifier_score": np.mean(found), "classifier_score_std": np.std(found)}

    def reset(self):
        self._counts, self._sums = np.zeros(SPLITS, np.int64), [0.0] * SPLITS
        self._negative_entropies = np.zeros(SPLITS)
