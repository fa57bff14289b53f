"""The classifier score against its definition, and where the answer is known."""

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry

POINTS = Split(np.zeros((1, 4)))


class Given:
    """Features whose samples are the probabilities of their classes already."""

    name, cheap, classes = "given", True, 4

    def __call__(self, samples):
        return samples, samples


def score(fake):
    return registry.measure("classifier_score", POINTS, np.asarray(fake, float), features=Given())


def by_definition(shares):
    mean = np.mean(shares, axis=0)
    return np.exp(np.mean([sum(p * (np.log(p) - np.log(q)) for p, q in zip(row, mean, strict=True)) for row in shares]))


def test_equals_the_definition_on_every_tenth_sample(monkeypatch):
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 7)
    fake = np.random.default_rng(0).dirichlet([0.3, 0.5, 1, 2], size=53)
    scores = [by_definition(fake[k::10]) for k in range(10)]
    measured = score(fake)
    assert measured["classifier_score"] == pytest.approx(np.mean(scores), rel=1e-9)
    assert measured["classifier_score_std"] == pytest.approx(np.std(scores), rel=1e-9)


def test_sure_of_every_class_by_turns_is_the_number_of_classes():
    fake = np.eye(4)[np.arange(400) // 10 % 4]  # each split has all classes alike, some probabilities are 0
    assert score(fake) == pytest.approx({"classifier_score": 4.0, "classifier_score_std": 0.0})


def test_one_class_and_no_idea_are_both_one():
    for row in ([0, 1, 0, 0], [0.25] * 4):
        assert score([row] * 40) == pytest.approx({"classifier_score": 1.0, "classifier_score_std": 0.0})


def test_features_without_a_classifier_are_refused():
    message = "'classifier_score' needs features with a classifier. Received: features 'pixels', which have none"
    with pytest.raises(UserError, match=message):
        registry.make("classifier_score", POINTS)
