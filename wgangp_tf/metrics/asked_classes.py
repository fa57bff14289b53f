"""Whether generated samples are of the class that was asked for, and whether they teach a classifier the classes.

    conditional_accuracy          = share of generated samples that a classifier of real samples says to be of the class
                                    that was asked for
    classifier_accuracy           = share of right answers of that classifier on real samples it did not learn from:
                                    the other number can hardly be believed where this one is low
    trained_on_generated_accuracy = share of right answers, on held-out real samples, of a classifier that learned from
                                    generated samples and the classes that were asked for
    trained_on_real_accuracy      = the same of one that learned from as many real samples, which it is compared with

The first is high for a generator that makes one good sample of each class; the third falls then, as it does where
samples are of the wrong class or unlike real ones. The classifier of the first is the network made for such samples
(digits, shapes) where there is one, else a support vector machine; the two others are support vector machines.

Source: both ways of looking at it, Ravuri and Vinyals 2019, "Classification Accuracy Score for Conditional Generative
Models", and Shmelkov et al. 2018, "How good is my GAN?" (GAN-test and GAN-train).
"""

import numpy as np

from wgangp_tf.metrics.class_balance import classifier_of, support_vector_machine
from wgangp_tf.metrics.evaluator import Measure

_MOST = 5000  # samples that a support vector machine learns from here: seconds


class ConditionalAccuracy(Measure):
    """See `registry.METRICS`; counts are kept, no samples."""

    def prepare(self):
        if self.features.name == self.real.made_for and getattr(self.features, "accuracy", None) is not None:
            self._accuracy = self.features.accuracy
            self._classify = lambda block: block.probabilities(self.features).argmax(axis=1)
            return
        fitted = classifier_of(self.real, self.features)
        self._accuracy = fitted.accuracy
        self._classify = lambda block: fitted.classes[fitted.places(block.rows(self.features))]

    def take(self, block):
        self._right += np.count_nonzero(self._classify(block) == block.labels)
        self._count += len(block)

    def result(self):
        return {"conditional_accuracy": self._right / self._count, "classifier_accuracy": self._accuracy}

    def reset(self):
        self._right, self._count = 0, 0


class TrainedOnGenerated(Measure):
    """See `registry.METRICS`; as many generated samples are kept as there are real ones, at most 5,000."""

    def prepare(self):
        self._most = min(len(self.real), _MOST)
        rows = np.concatenate(list(self.real.rows(self.features)))
        some = self.draws(0).permutation(len(rows))[: self._most]
        held_out = np.concatenate([block.rows(self.features) for block in self.real.held_out_blocks()])
        self._test = held_out, np.asarray(self.real.held_out_labels)
        self._taught = rows[some], np.asarray(self.real.labels)[some]
        self._of_real = {}  # number of real samples → accuracy

    def take(self, block):
        room = self._most - sum(map(len, self._labels))
        if room > 0:
            self._rows.append(block.rows(self.features)[:room])
            self._labels.append(block.labels[:room])

    def result(self):
        rows, labels = np.concatenate(self._rows), np.concatenate(self._labels)
        count = len(rows)
        if count not in self._of_real:
            self._of_real[count] = self._accuracy(*(part[:count] for part in self._taught))
        return {
            "trained_on_generated_accuracy": self._accuracy(rows, labels),
            "trained_on_real_accuracy": self._of_real[count],
        }

    def reset(self):
        self._rows, self._labels = [], []

    def _accuracy(self, rows, labels):
        samples, classes = self._test
        if len(np.unique(labels)) < 2:  # of one class nothing is learned but that
            return np.mean(classes == labels[0])
        return np.mean(support_vector_machine().fit(rows, labels).predict(samples) == classes)
