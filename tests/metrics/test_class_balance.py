import numpy as np
import pytest
from sklearn.svm import SVC

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import class_balance, registry
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


def test_measures_that_share_the_features_share_the_classifier(monkeypatch):
    fitted = []

    def machine():
        fitted.append(1)
        return SVC()

    monkeypatch.setattr(class_balance, "support_vector_machine", machine)
    labels = np.arange(90) % 3
    real = Split(around(labels), labels, conditional=True)
    made = registry.make(["class_balance", "conditional_accuracy"], real, features="pixels")
    made.update(around(labels, seed=1), labels)
    assert made.result() == pytest.approx(
        dict.fromkeys(("class_accuracy", "class_ratio_min", "class_ratio_max"), 1)
        | dict.fromkeys(("conditional_accuracy", "classifier_accuracy"), 1)
    )
    assert len(fitted) == 1


def test_of_many_real_samples_a_part_is_fitted_whatever_the_order_of_their_classes(monkeypatch):
    monkeypatch.setattr(class_balance, "_MOST", 45)
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 20)  # several blocks, the last one not full
    fitted, known = [], SupportVectorClassifier.fitted.__func__

    def counted(cls, samples, labels):
        np.testing.assert_array_equal(np.round(samples / 100), CORNERS[labels] / 10)  # each sample with its label
        fitted.append(len(samples))
        return known(cls, samples, labels)

    monkeypatch.setattr(SupportVectorClassifier, "fitted", classmethod(counted))
    for labels in (np.arange(90) % 2, np.arange(90) // 30):
        real = Split(around(labels) * 10, labels)
        assert registry.measure("class_balance", real, around(labels) * 10)["class_accuracy"] == 1
    assert fitted == [45, 45]


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
