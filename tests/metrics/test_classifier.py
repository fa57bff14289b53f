"""How a classifier is trained and kept, on pictures that are easy to tell apart."""

import dataclasses

import keras
import numpy as np
import pytest

from wgangp_tf.metrics import classifier


def pictures():
    """Pictures with one bright half, the left one or the right one, and as many others, held out."""

    def some(seed, count):
        draws = np.random.default_rng(seed)
        labels = draws.integers(0, 2, count)
        drawn = draws.integers(0, 100, (count, 4, 4, 1)).astype(np.uint8)
        for picture, label in zip(drawn, labels, strict=True):
            picture[:, 2 * label : 2 * label + 2] += 100
        return drawn, labels

    return some(0, 320), some(1, 40)


RECIPE = classifier.Recipe("halves", "halves-0", pictures, (4, 4, 1), 2, ((8, 3, 1), (6, 3, 2)), epochs=8)


@pytest.fixture(scope="module")
def arrays():
    return classifier.trained(RECIPE)


def fresh(recipe, cache):
    """What another process would get."""
    classifier.made.cache_clear()
    return classifier.made(recipe, cache)


def test_accuracy_is_the_share_of_held_out_pictures_that_are_right(arrays):
    weights = [array for name, array in arrays.items() if name != "accuracy"]
    made = classifier.NetworkClassifier(RECIPE, weights, 0.0)
    held_out, labels = pictures()[1]
    rows, probabilities = made(held_out)
    assert rows.shape == (40, 6) and rows.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert arrays["accuracy"] == np.mean(probabilities.argmax(axis=1) == labels) > 0.9


def test_features_are_what_the_last_layer_sees(arrays):
    weights = [array for name, array in arrays.items() if name != "accuracy"]
    rows, probabilities = classifier.NetworkClassifier(RECIPE, weights, 0.0)(pictures()[1][0])
    *_, matrix, bias = weights  # Keras keeps them in the order of the layers, then the moving statistics
    kernel = next(array for array in weights if array.shape == (6, 2))
    bias = next(array for array in weights if array.shape == (2,))
    scores = np.exp(rows @ kernel + bias)
    np.testing.assert_allclose(probabilities, scores / scores.sum(axis=1, keepdims=True), rtol=1e-4)


def test_the_seeds_are_fixed_and_nobody_elses_are_touched(arrays):
    keras.utils.set_random_seed(5)
    before = np.random.get_state()[1].tolist(), keras.config.dtype_policy().name
    again = classifier.trained(RECIPE)
    assert (np.random.get_state()[1].tolist(), keras.config.dtype_policy().name) == before
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_a_policy_of_half_precision_changes_nothing(arrays):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = classifier.network(RECIPE)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in network.layers[1:]} == {"float32"}


def test_trained_once_and_then_read_back(tmp_path, monkeypatch):
    first = fresh(RECIPE, tmp_path)
    assert classifier.made(RECIPE, tmp_path) is first
    monkeypatch.setattr(classifier, "trained", None)
    second = fresh(RECIPE, tmp_path)
    assert second is not first and (second.digest, second.accuracy) == (first.digest, first.accuracy)
    some = pictures()[1][0]
    np.testing.assert_array_equal(second(some)[0], first(some)[0])


@pytest.mark.parametrize("change", [{"data": "halves-1"}, {"epochs": 1}, {"convolutions": ((8, 3, 1), (6, 3, 1))}])
def test_other_data_or_another_recipe_is_trained_anew(tmp_path, monkeypatch, change, arrays):
    trainings = []
    monkeypatch.setattr(classifier, "trained", lambda recipe: trainings.append(recipe) or arrays)
    for recipe in (RECIPE, dataclasses.replace(RECIPE, **change)):
        fresh(recipe, tmp_path)
    assert len(trainings) == 2


def test_an_interrupted_training_leaves_nothing(tmp_path):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fresh(dataclasses.replace(RECIPE, pictures=stop), tmp_path)
    assert list(tmp_path.iterdir()) == []
