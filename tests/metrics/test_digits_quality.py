"""The numbers of the digits benchmark, at digits whose quality is known."""

import importlib.util
import pathlib

import numpy as np
import pytest

PATH = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "digits_quality.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("digits_quality", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measure(benchmark):
    return benchmark.Measure()


def test_there_are_1797_real_digits_of_ten_classes(benchmark):
    digits = benchmark.all_digits()
    assert len(digits) == 1797
    assert np.unique(digits.labels).tolist() == list(range(10))


def test_the_classifier_knows_digits(measure):
    assert measure.classifier.accuracy > 0.97


def test_real_digits_reach_the_targets(benchmark, measure):
    assert benchmark.missed(measure(benchmark.all_digits().samples)) == []


def test_noise_and_a_single_class_do_not(benchmark, measure):
    noise = np.random.default_rng(0).integers(0, 256, (500, 8, 8, 1)).astype(np.uint8)
    assert set(benchmark.missed(measure(noise))) == {"precision", "coverage", "class_factor"}
    digits = benchmark.all_digits()
    assert set(benchmark.missed(measure(digits.samples[digits.labels == 3]))) == {"coverage", "class_factor"}
