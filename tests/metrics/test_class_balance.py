import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry
from wgangp_tf.metrics.class_balance import SupportVectorClassifier

CORNERS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def around(labels, seed=0):
    """Samples near the corner of their label."""
    return CORNERS[labels] + np.random.default_rng(seed).normal(size=(len(labels), 2))


@pytest.fixture(scope="module")
def classifier():
    labels = np.arange(90) % 3
    return SupportVectorClassifier.fitted(around(labels), labels)


def test_separate_classes_are_told_apart(classifier):
    assert classifier.accuracy == 1.0


def test_ratios_are_shares_over_equal_ones(classifier):
    samples = around(np.array([0] * 6 + [1] * 3 + [2] * 3), seed=1)
    np.testing.assert_allclose(classifier.shares(samples), [1 / 2, 1 / 4, 1 / 4])
    np.testing.assert_allclose(classifier.ratios(samples), [1.5, 0.75, 0.75])


def test_the_metric_gives_the_accuracy_and_the_least_and_greatest_ratio():
    labels = np.arange(90) % 3
    fake = around(np.array([0] * 6 + [1] * 4 + [2] * 2), seed=1)
    measured = registry.measure("class_balance", Split(around(labels), labels), fake)
    assert measured == pytest.approx({"class_accuracy": 1.0, "class_ratio_min": 0.5, "class_ratio_max": 1.5})


def test_a_missing_class_has_ratio_zero(classifier):
    np.testing.assert_allclose(classifier.ratios(around(np.array([0, 1]), seed=1)), [1.5, 1.5, 0.0])


def test_accuracy_is_that_of_samples_it_was_not_fitted_on():
    # labels without a pattern can be learned by heart, not foretold
    draws = np.random.default_rng(0)
    accuracy = SupportVectorClassifier.fitted(draws.normal(size=(600, 2)), draws.integers(0, 2, 600)).accuracy
    assert 0.3 < accuracy < 0.7


def test_labels_need_not_count_from_zero():
    labels = np.array([4, 7, 9])[np.arange(90) % 3]
    classifier = SupportVectorClassifier.fitted(around(np.arange(90) % 3), labels)
    assert classifier.classes.tolist() == [4, 7, 9]
    np.testing.assert_allclose(classifier.shares(around(np.array([1, 1]))), [0, 1, 0])


@pytest.mark.parametrize(
    "count, labels, message",
    [
        (6, None, "needs a label for each sample. Received: samples without labels"),
        (6, [0, 1, 0], r"labels must be one a sample, \[6\]. Received: shape \(3,\)"),
        (6, [0] * 6, "at least two classes .* Received: 6 samples of 1 classes"),
        (6, [0, 1, 2, 3, 4, 5], "at least two classes .* Received: 6 samples of 6 classes"),
    ],
)
def test_refuses(count, labels, message):
    with pytest.raises(UserError, match=message):
        SupportVectorClassifier.fitted(np.zeros((count, 2)), labels)
