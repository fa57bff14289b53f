"""What every metric must do."""

import dataclasses
import math
import subprocess
import sys

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import evaluator, registry

LABELS = (np.arange(60) % 3).astype(np.int32)
PICTURES = np.random.default_rng(0).integers(0, 60, (60, 4, 5, 1)).astype(np.uint8)
PICTURES[np.arange(60), LABELS] += 180  # a bright row tells the class
MODES = (PICTURES[:3].reshape(3, -1) / 255, 0.1)  # of pixels in [0, 1]
REAL = Split(PICTURES, LABELS, MODES)
# classes of unequal shares, some samples near real ones, some far
FAKE = PICTURES[np.r_[:30, 30:60:3, :15:3]] + np.random.default_rng(1).integers(0, 6, (45, 4, 5, 1)).astype(np.uint8)
FAKE[20:40] = FAKE[20:40] // 2 + 40

every_metric = pytest.mark.parametrize("name", registry.METRICS)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """So that these few samples are several blocks, the last of them not full."""
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 16)


@dataclasses.dataclass
class Counted:
    """Samples that count how many of them were read."""

    samples: np.ndarray
    read: int = 0

    shape = property(lambda self: self.samples.shape)
    dtype = property(lambda self: self.samples.dtype)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, rows):
        assert isinstance(rows, np.ndarray) and rows.dtype == np.int64  # all that a reader promises
        assert len(rows) <= len(self) / 2  # never all at once
        self.read += len(rows)
        return self.samples[rows]


@every_metric
def test_gives_the_values_it_names(name):
    values = registry.measure(name, REAL, FAKE)
    assert tuple(values) == registry.METRICS[name].values
    assert all(type(value) is float and math.isfinite(value) for value in values.values())


@every_metric
def test_real_samples_are_not_fakes(name):
    assert registry.measure(name, REAL, FAKE) != registry.measure(name, REAL, PICTURES)


@every_metric
def test_leaves_the_samples_alone(name):
    real, fake = PICTURES.copy(), FAKE.copy()
    registry.measure(name, Split(real, LABELS, MODES), fake)
    assert (real == PICTURES).all() and (fake == FAKE).all()


@every_metric
def test_one_update_or_several_give_the_same_and_a_result_resets(name):
    made = registry.make(name, REAL)
    made.update(FAKE)
    expected = made.result()
    for cuts in ([], [1, 2, 30], [16], [0, 17, 17]):
        for batch in np.split(FAKE, cuts):
            made.update(batch)
        assert made.result() == expected
    with pytest.raises(UserError, match="Received: 0"):
        made.result()


@every_metric
def test_the_length_of_the_blocks_does_not_matter(name, monkeypatch):
    several = registry.measure(name, REAL, FAKE)
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 1000)
    assert registry.measure(name, REAL, FAKE) == pytest.approx(several, rel=1e-9)


@every_metric
def test_an_array_may_be_filled_anew_after_an_update(name):
    expected = registry.measure(name, REAL, FAKE)
    made, array = registry.make(name, REAL), np.empty_like(FAKE[:15])
    for batch in np.split(FAKE, 3):
        array[:] = batch
        made.update(array)
    assert made.result() == expected


@every_metric
def test_a_seed_gives_the_same_every_time(name):
    assert registry.measure(name, REAL, FAKE, seed=7) == registry.measure(name, REAL, FAKE, seed=7)


@every_metric
def test_the_order_of_the_generated_samples_matters_only_where_the_table_says_so(name):
    shuffled = registry.measure(name, REAL, np.random.default_rng(2).permutation(FAKE))
    same = shuffled == pytest.approx(registry.measure(name, REAL, FAKE), rel=1e-9)
    assert same != registry.METRICS[name].ordered


@every_metric
def test_the_real_side_is_prepared_once(name):
    real = Counted(PICTURES)
    made = registry.make(name, Split(real, LABELS, MODES))
    assert real.read == 0
    made.prepare()
    prepared = real.read
    made.prepare()
    assert real.read == prepared
    made.update(FAKE[:20])
    made.update(FAKE[20:])
    assert real.read == prepared
    first = made.result()
    for measure in made._measures.values():
        measure.prepare = None
    made.update(FAKE)
    assert made.result() == first


@every_metric
def test_too_few_real_samples(name):
    row = registry.METRICS[name]
    few = Split(PICTURES[: row.least_real - 1], LABELS[: row.least_real - 1], MODES)
    message = f"metric {name!r} needs at least {row.least_real} of the real samples. Received: {row.least_real - 1}"
    with pytest.raises(UserError, match=message):
        registry.make(name, few)


@every_metric
def test_too_few_generated_samples_and_then_enough(name):
    made = registry.make(name, REAL)
    least = made.least_fake()[name]
    assert least >= registry.METRICS[name].least_fake
    made.update(FAKE[: least - 1])
    message = f"metric {name!r} needs at least {least} generated samples. Received: {least - 1}"
    for _ in range(2):
        with pytest.raises(UserError, match=message):
            made.result()
    made.update(FAKE[least - 1 : least])
    assert made.result() == registry.measure(name, REAL, FAKE[:least])


@every_metric
@pytest.mark.parametrize(
    "batch, received",
    [
        (FAKE.reshape(45, 5, 4, 1), r"uint8 samples of shape \(5, 4, 1\)"),
        (FAKE.astype(np.float32), r"float32 samples of shape \(4, 5, 1\)"),
        (FAKE.astype(np.int64), r"int64 samples of shape \(4, 5, 1\)"),
        (FAKE[0, 0, 0, 0], r"uint8 samples of shape \(\)"),
    ],
)
def test_refuses_other_samples_and_takes_none_of_them_in(name, batch, received):
    made = registry.make(name, REAL)
    made.update(FAKE[:20])
    with pytest.raises(UserError, match=r"fake must be uint8 samples of shape \(4, 5, 1\). Received: " + received):
        made.update(batch)
    made.update(FAKE[20:])
    assert made.result() == registry.measure(name, REAL, FAKE)


@every_metric
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_generated_samples_that_are_not_finite(name, bad):
    vectors, fake = floats(PICTURES), floats(FAKE)
    fake[33, 2] = bad
    with pytest.raises(UserError, match="fake must be finite. Received: nan or infinity in fake"):
        registry.measure(name, Split(vectors, LABELS, MODES), fake)


@every_metric
def test_refuses_real_samples_that_are_not_finite(name):
    vectors = floats(PICTURES)
    vectors[33, 2] = np.nan
    real = Counted(vectors)
    try:
        registry.measure(name, Split(real, LABELS, MODES), floats(FAKE))
        assert real.read == 0  # a metric that reads none of them
    except UserError as error:
        assert str(error) == "real must be finite. Received: nan or infinity in real"


@every_metric
def test_takes_float_vectors(name):
    values = registry.measure(name, Split(floats(PICTURES), LABELS, MODES), floats(FAKE))
    assert tuple(values) == registry.METRICS[name].values
    with pytest.raises(UserError, match=r"fake must be float samples of shape \(20,\). Received: uint8 samples"):
        registry.measure(name, Split(floats(PICTURES), LABELS, MODES), FAKE.reshape(45, 20))


@every_metric
@pytest.mark.parametrize(
    "needed, split", [("labels", Split(PICTURES, None, MODES)), ("modes", Split(PICTURES, LABELS))]
)
def test_says_what_it_needs(name, needed, split):
    if getattr(registry.METRICS[name], f"needs_{needed}"):
        message = f"metric {name!r} needs (the )?{needed} of the real samples. Received: none"
        with pytest.raises(UserError, match=message):
            registry.make(name, split)
        assert name not in registry.quick(split)
    else:
        assert registry.measure(name, split, FAKE)


@every_metric
def test_has_one_line_of_summary(name):
    assert registry.METRICS[name].summary and "\n" not in registry.METRICS[name].summary


def test_no_two_metrics_share_the_name_of_a_value():
    values = [value for row in registry.METRICS.values() for value in row.values]
    assert len(set(values)) == len(values)


def test_several_metrics_at_once_give_what_each_gives():
    together = registry.measure(list(registry.METRICS), REAL, FAKE)
    apart = {}
    for name in registry.METRICS:
        apart |= registry.measure(name, REAL, FAKE)
    assert together == apart


class Costly:
    """Features that count the samples they were computed of."""

    name, cheap, classes = "costly", False, None

    def __init__(self):
        self.computed = 0

    def __call__(self, samples):
        self.computed += len(samples)
        return samples.reshape(len(samples), -1).astype(np.float32) / 255, None


def test_costly_features_are_computed_once_a_sample():
    costly = Costly()
    made = registry.make(["neighbours", "class_balance"], REAL, features=costly)
    made.update(FAKE)
    assert made.result() == pytest.approx(registry.measure(["neighbours", "class_balance"], REAL, FAKE))
    assert costly.computed == len(PICTURES) + len(FAKE)
    made.update(FAKE)
    made.result()
    assert costly.computed == len(PICTURES) + 2 * len(FAKE)
    assert made.features == {"neighbours": "costly", "class_balance": "costly"}


def test_metrics_share_the_features_of_one_name():
    made = registry.make(["neighbours", "class_balance"], REAL, features="pixels")
    assert made._measures["neighbours"].features is made._measures["class_balance"].features


def test_an_evaluator_names_the_features_of_each_metric():
    made = registry.make(["neighbours", "modes"], REAL)
    assert made.features == {"neighbours": "pixels", "modes": None}


def test_samples_are_cut_into_blocks_of_one_length():
    stream = evaluator._Stream(4)
    blocks = [block.tolist() for batch in np.split(np.arange(11), [3, 4, 10]) for block in stream.put(batch)]
    assert blocks == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(stream) == 3 and stream.rest().tolist() == [8, 9, 10] and len(stream) == 0


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="Unknown metric 'neighbors'. Did you mean 'neighbours'?"):
        registry.make(["modes", "neighbors"], REAL)


def test_unknown_features_are_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="Unknown features 'pixel'. Did you mean 'pixels'?"):
        registry.make("neighbours", REAL, features="pixel")


def test_a_seed_is_at_least_zero():
    with pytest.raises(UserError, match="seed must be at least 0 .* Received: seed=-1"):
        registry.make("neighbours", REAL, seed=-1)


def test_metrics_import_no_tensorflow():
    code = (
        "import sys\nfrom wgangp_tf.metrics import class_balance, modes, neighbours, registry\n"
        "assert 'tensorflow' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def floats(pictures):
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255
