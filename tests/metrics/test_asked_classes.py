"""Metrics of samples whose class was asked for, on points whose right answers can be counted."""

import dataclasses

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import asked_classes, registry

CENTRES = np.float32([[0, 0], [10, 0], [0, 10]])


def cloud(labels, seed=0):
    labels = np.asarray(labels)
    noise = np.random.default_rng(seed).normal(size=(len(labels), 2))
    return (CENTRES[labels] + noise).astype(np.float32)


LABELS = (np.arange(90) % 3).astype(np.int32)
HELD_OUT = (np.arange(30) % 3).astype(np.int32)
REAL = Split(cloud(LABELS), LABELS, held_out=cloud(HELD_OUT, seed=1), held_out_labels=HELD_OUT, conditional=True)
ASKED = (np.arange(60) % 3).astype(np.int32)


def test_samples_of_another_class_than_asked_for_are_counted():
    values = registry.measure("conditional_accuracy", REAL, cloud(ASKED, seed=2), labels=ASKED)
    assert values == {"conditional_accuracy": 1.0, "classifier_accuracy": 1.0}
    made = ASKED.copy()
    made[:15] = (made[:15] + 1) % 3
    values = registry.measure("conditional_accuracy", REAL, cloud(made, seed=2), labels=ASKED)
    assert values["conditional_accuracy"] == 45 / 60


def test_a_classifier_taught_by_generated_samples_knows_what_they_show():
    def taught(made, asked=ASKED):
        return registry.measure("trained_on_generated", REAL, cloud(made, seed=2), labels=asked)

    assert taught(ASKED) == {"trained_on_generated_accuracy": 1.0, "trained_on_real_accuracy": 1.0}
    swapped = np.array([1, 0, 2])[ASKED]  # two classes change places
    assert taught(swapped)["trained_on_generated_accuracy"] == 1 / 3
    assert taught(np.where(ASKED == 2, 1, ASKED), np.where(ASKED == 2, 1, ASKED))[
        "trained_on_generated_accuracy"
    ] == pytest.approx(2 / 3)
    assert taught(np.zeros_like(ASKED), np.zeros_like(ASKED))["trained_on_generated_accuracy"] == 1 / 3


def test_no_more_generated_samples_teach_than_real_ones():
    more = np.concatenate([cloud(LABELS, seed=2), cloud((LABELS + 1) % 3, seed=3)])
    labels = np.concatenate([LABELS, LABELS])  # wrong from the 91st on
    values = registry.measure("trained_on_generated", REAL, more, labels=labels)
    assert values["trained_on_generated_accuracy"] == 1


def test_as_many_real_samples_teach_as_generated_ones(monkeypatch):
    taught = []

    class Counted:
        def fit(self, rows, labels):
            taught.append(len(rows))
            return self

        def predict(self, rows):
            return np.zeros(len(rows))

    monkeypatch.setattr(asked_classes, "support_vector_machine", Counted)
    made = registry.make("trained_on_generated", REAL)
    for counts in ([12], [12], [60], [90, 60]):  # no more than there are real ones
        for count in counts:
            made.update(cloud(LABELS[:count]), LABELS[:count])
        made.result()
    assert sorted(taught) == [12, 12, 12, 60, 60, 90, 90]  # the real ones of each number once


def test_classes_that_were_made_for_the_data_recognise_them():
    class Made:
        """Features of which the classifier is sure: the place of the largest number."""

        name, cheap, classes, accuracy = "made", True, 2, 0.75

        def __call__(self, samples):
            return np.asarray(samples, np.float64), np.eye(2)[np.argmax(samples, axis=1)]

    real = dataclasses.replace(REAL, features="made")
    fake, labels = np.float32([[2, 1], [1, 2], [3, 0], [0, 3]]), np.array([0, 1, 1, 1])
    values = registry.measure("conditional_accuracy", real, fake, labels=labels, features=Made())
    assert values == {"conditional_accuracy": 0.75, "classifier_accuracy": 0.75}
    # of other data they are features as any: a support vector machine looks at them
    values = registry.measure("conditional_accuracy", REAL, cloud(ASKED), labels=ASKED, features=Made())
    assert values == {"conditional_accuracy": 1.0, "classifier_accuracy": 1.0}


def test_labels_that_do_not_fit_the_samples():
    made = registry.make("conditional_accuracy", REAL)
    with pytest.raises(UserError, match="needs the labels of generated samples. Received: none"):
        made.update(cloud(ASKED))
    with pytest.raises(UserError, match=r"labels must be integers, one for each of 60 samples. Received: int32 of"):
        made.update(cloud(ASKED), ASKED[:5])
    made.update(cloud(ASKED), ASKED)
    assert made.result()["conditional_accuracy"] == 1
