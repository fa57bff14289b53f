"""What every metric must do."""

import dataclasses
import math
import re
import subprocess
import sys

import numpy as np
import pytest

from wgangp_tf.data.source import ChannelClasses, Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import evaluator, registry
from wgangp_tf.metrics.features import Options, Pixels, pixels
from wgangp_tf.metrics.needs import NEEDS
from wgangp_tf.quantities import QUANTITIES

LABELS = (np.arange(60) % 3).astype(np.int32)
PICTURES = np.random.default_rng(0).integers(0, 60, (60, 4, 5, 1)).astype(np.uint8)
PICTURES[np.arange(60), LABELS] += 180  # a bright row tells the class
MODES = (PICTURES[:3].reshape(3, -1) / 255, 0.1)  # of pixels in [0, 1]
HELD_OUT = PICTURES[::-4] // 2 + 20
HELD_OUT_LABELS = LABELS[::-4]
OF_HELD_OUT = {"held_out": HELD_OUT, "held_out_labels": HELD_OUT_LABELS, "conditional": True}
REAL = Split(PICTURES, LABELS, MODES, **OF_HELD_OUT)
# classes of unequal shares, some samples near real ones, some far
FAKE = PICTURES[np.r_[:30, 30:60:3, :15:3]] + np.random.default_rng(1).integers(0, 6, (45, 4, 5, 1)).astype(np.uint8)
FAKE[20:40] = FAKE[20:40] // 2 + 40


def asked(fake):
    """A label for each generated sample: of the class that its brightest row tells, for half of them another one."""
    values = np.asarray(fake, np.float64).reshape(len(fake), math.prod(np.shape(fake)[1:]))
    if values.shape[1] != 20:  # none of those pictures, and of no class
        return np.zeros(len(fake), int)
    return (values.reshape(-1, 4, 5).sum(axis=2).argmax(axis=1) + (values[:, 7] % 2 == 0)) % 3


def update(made, fake):
    """Hands generated samples over, with labels."""
    made.update(fake, asked(fake))


def measured(name, real, fake, **options):
    return registry.measure(name, real, fake, labels=asked(fake), **options)


every_metric = pytest.mark.parametrize("name", registry.METRICS)


class Classes:
    """Pixels, and the share of each row of a picture as the probability of its class."""

    name, cheap, classes = "classes", True, 4

    def __call__(self, samples):
        values = pixels(samples)
        light = values.reshape(len(values), 4, 5).sum(axis=2) + 1e-3
        return values, light / light.sum(axis=1, keepdims=True)


def chosen(name):
    """Features that a metric can use; None, its own, where it can."""
    return Classes() if "classes" in registry.METRICS[name].needs else None


def given(name, samples):
    """Pictures as the metric takes them: as they are, as vectors, or as signals of two channels."""
    needs = registry.METRICS[name].needs
    if samples is None or samples.dtype != np.uint8 or not {"vectors", "signals"} & set(needs):
        return samples
    return floats(samples) if "vectors" in needs else floats(samples).reshape(len(samples), 10, 2)


def make(name, real=REAL, **options):
    if isinstance(real.samples, np.ndarray):
        real = dataclasses.replace(real, samples=given(name, real.samples), held_out=given(name, real.held_out))
    return registry.make(name, real, **{"features": chosen(name)} | options)


def measure(name, real=REAL, fake=FAKE, **options):
    made = make(name, real, **options)
    update(made, given(name, fake))
    return made.result()


def of_floats(vectors):
    return Split(vectors, LABELS, MODES, **OF_HELD_OUT | {"held_out": floats(HELD_OUT)})


def floats(pictures):
    return pictures.reshape(len(pictures), math.prod(pictures.shape[1:])).astype(np.float32) / 255


def refusal_of_vectors(name):
    """The line that refuses samples which are vectors, where a metric needs others; else None."""
    for need in {"pictures", "signals"} & set(registry.METRICS[name].needs):
        received = r"float32 samples of shape \(20,\)"
        return rf"metric {name!r} needs {re.escape(NEEDS[need].words)}. Received: {received}"
    return None


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """So that these few samples are several blocks, the last one not full, and more than a classifier is taught by."""
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 16)
    monkeypatch.setattr("wgangp_tf.metrics.asked_classes._MOST", 8)


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
    values = measure(name, REAL, FAKE)
    assert tuple(values) == registry.METRICS[name].values
    assert all(type(value) is float and math.isfinite(value) for value in values.values())


@every_metric
def test_real_samples_are_not_fakes(name):
    assert measure(name, REAL, FAKE) != measure(name, REAL, PICTURES)


@every_metric
def test_leaves_the_samples_alone(name):
    real, fake = PICTURES.copy(), FAKE.copy()
    measure(name, dataclasses.replace(REAL, samples=real), fake)
    assert (real == PICTURES).all() and (fake == FAKE).all()


@every_metric
def test_one_update_or_several_give_the_same_and_a_result_resets(name):
    made, fake = make(name, REAL), given(name, FAKE)
    update(made, fake)
    expected = made.result()
    for cuts in ([], [1, 2, 30], [16], [0, 17, 17]):
        for batch in np.split(fake, cuts):
            update(made, batch)
        assert made.result() == expected
    with pytest.raises(UserError, match="Received: 0"):
        made.result()


@every_metric
def test_the_length_of_the_blocks_does_not_matter(name, monkeypatch):
    several = measure(name, REAL, FAKE)
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 1000)
    assert measure(name, REAL, FAKE) == pytest.approx(several, rel=1e-9)


@every_metric
def test_an_array_may_be_filled_anew_after_an_update(name):
    expected = measure(name, REAL, FAKE)
    made, fake = make(name, REAL), given(name, FAKE)
    array = np.empty_like(fake[:15])
    for batch in np.split(fake, 3):
        array[:] = batch
        update(made, array)
    assert made.result() == expected


@every_metric
def test_a_seed_gives_the_same_every_time(name):
    assert measure(name, REAL, FAKE, seed=7) == measure(name, REAL, FAKE, seed=7)


@every_metric
def test_the_order_of_the_generated_samples_matters_only_where_the_table_says_so(name):
    shuffled = measure(name, REAL, np.random.default_rng(2).permutation(FAKE))
    same = shuffled == pytest.approx(measure(name, REAL, FAKE), rel=1e-9)
    assert same != registry.METRICS[name].ordered


@every_metric
def test_the_real_side_is_prepared_once(name):
    real, fake = Counted(given(name, PICTURES)), given(name, FAKE)
    held_out = given(name, HELD_OUT)
    made = make(name, dataclasses.replace(REAL, samples=real, held_out=held_out))
    assert real.read == 0
    made.prepare()
    prepared = real.read
    made.prepare()
    assert real.read == prepared
    update(made, fake[:20])
    update(made, fake[20:])
    assert real.read == prepared
    first = made.result()
    for measure in made._measures.values():
        measure.prepare = None
    update(made, fake)
    assert made.result() == first


@every_metric
def test_too_few_real_samples(name):
    row = registry.METRICS[name]
    few = Split(PICTURES[: row.least_real - 1], LABELS[: row.least_real - 1], MODES, **OF_HELD_OUT)
    message = f"metric {name!r} needs at least {row.least_real} of the real samples. Received: {row.least_real - 1}"
    with pytest.raises(UserError, match=message):
        make(name, few)


@every_metric
def test_too_few_generated_samples_and_then_enough(name):
    made = make(name, REAL)
    least = made.least_fake()[name]
    assert least >= registry.METRICS[name].least_fake
    update(made, given(name, FAKE[: least - 1]))
    message = f"metric {name!r} needs at least {least} generated samples. Received: {least - 1}"
    for _ in range(2):
        with pytest.raises(UserError, match=message):
            made.result()
    update(made, given(name, FAKE[least - 1 : least]))
    assert made.result() == measure(name, REAL, FAKE[:least])


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
    made, fake = make(name, REAL), given(name, FAKE)
    update(made, fake[:20])
    kind = "uint8" if fake.dtype == np.uint8 else "float"
    expected = rf"fake must be {kind} samples of shape {re.escape(str(fake.shape[1:]))}. Received: "
    with pytest.raises(UserError, match=expected + received):
        made.update(batch)
    update(made, fake[20:])
    assert made.result() == measure(name, REAL, FAKE)


@every_metric
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_generated_samples_that_are_not_finite(name, bad):
    vectors, fake = floats(PICTURES), floats(FAKE)
    fake[33, 2] = bad
    message = refusal_of_vectors(name) or "fake must be finite. Received: nan or infinity in fake"
    with pytest.raises(UserError, match=message):
        measure(name, of_floats(vectors), fake)


@every_metric
def test_refuses_real_samples_that_are_not_finite(name):
    vectors = floats(PICTURES)
    vectors[33, 2] = np.nan
    real = Counted(vectors)
    try:
        measure(name, of_floats(real), floats(FAKE))
        assert real.read == 0  # a metric that reads none of them
    except UserError as error:
        assert re.match(
            refusal_of_vectors(name) or "real must be finite. Received: nan or infinity in real$", str(error)
        )


@every_metric
def test_takes_float_vectors(name):
    real = of_floats(floats(PICTURES))
    refused = refusal_of_vectors(name)
    if refused is None:
        assert tuple(measure(name, real, floats(FAKE))) == registry.METRICS[name].values
    message = refused or r"fake must be float samples of shape \(20,\). Received: uint8 samples"
    with pytest.raises(UserError, match=message):
        make(name, real).update(FAKE.reshape(45, 20))


def without(**parts):
    return dataclasses.replace(REAL, **parts)


WITHOUT = {  # a thing that may be needed: (real samples, features), without it; what is said there is
    "labels": (without(labels=None), None, "none"),
    "asked_classes": (without(conditional=False), None, "none"),
    "held_out_labels": (without(held_out_labels=None), None, "none"),
    "modes": (without(modes=None), None, "none"),
    "centres": (without(modes=ChannelClasses(PICTURES, LABELS)), None, "none"),
    "held_out": (without(held_out=None), None, "none held out"),
    "pictures": (of_floats(floats(PICTURES)), None, r"float32 samples of shape \(20,\)"),
    "signals": (of_floats(floats(PICTURES)), None, r"float32 samples of shape \(20,\)"),
    "vectors": (REAL, None, r"uint8 samples of shape \(4, 5, 1\)"),
    "classes": (REAL, Pixels(), "features 'pixels', which have none"),
}


@every_metric
@pytest.mark.parametrize("need", NEEDS)
def test_says_what_it_needs(name, need):
    real, features, received = WITHOUT[need]
    row, features = registry.METRICS[name], features or chosen(name)
    if need in row.needs:
        with pytest.raises(
            UserError, match=f"metric {name!r} needs {re.escape(NEEDS[need].words)}. Received: {received}"
        ):
            registry.make(name, real, features=features)
        assert registry.lacks(row, real, features) == (NEEDS[need].words, received.replace("\\", ""))
    elif all(NEEDS[other].met(real, features) for other in row.needs):  # who has no modes has no centres
        assert measure(name, real, FAKE if real.samples.dtype == np.uint8 else floats(FAKE), features=features)


@every_metric
def test_every_value_is_a_quantity_that_a_run_can_log(name):
    assert set(registry.METRICS[name].values) <= set(QUANTITIES)


@every_metric
def test_has_one_line_of_summary(name):
    assert registry.METRICS[name].summary and "\n" not in registry.METRICS[name].summary


def test_no_two_metrics_share_the_name_of_a_value():
    values = [value for row in registry.METRICS.values() for value in row.values]
    assert len(set(values)) == len(values)


def test_several_metrics_at_once_give_what_each_gives():
    fit = [name for name, row in registry.METRICS.items() if registry.lacks(row, REAL, Classes()) is None]
    assert len(fit) > 10
    together = measured(fit, REAL, FAKE, features=Classes())
    apart = {}
    for name in fit:
        apart |= measure(name, features=Classes())
    assert together == apart


class Costly:
    """Features that count the samples they were computed of."""

    name, cheap, classes = "costly", False, None

    def __init__(self, digest=""):
        self.computed, self.digest = 0, digest

    def __call__(self, samples):
        self.computed += len(samples)
        rows = samples.reshape(len(samples), -1).astype(np.float32) / 255
        return rows * (2 if self.digest == "second" else 1), None


def test_costly_features_are_computed_once_a_sample():
    costly = Costly()
    made = registry.make(["neighbours", "class_balance"], REAL, features=costly)
    update(made, FAKE)
    assert made.result() == pytest.approx(measured(["neighbours", "class_balance"], REAL, FAKE))
    assert costly.computed == len(PICTURES) + len(FAKE)
    update(made, FAKE)
    made.result()
    assert costly.computed == len(PICTURES) + 2 * len(FAKE)
    assert made.features == {"neighbours": "costly", "class_balance": "costly"}


@every_metric
@pytest.mark.parametrize("costly", [False, True])
def test_what_is_kept_of_the_real_samples_changes_no_bit(name, costly, tmp_path, monkeypatch):
    def values(real, cache):
        extractor = chosen(name) or (Costly() if costly else "pixels")
        real = dataclasses.replace(real, samples=given(name, real.samples), held_out=given(name, real.held_out))
        return measured(name, real, given(name, FAKE), features=extractor, options=Options(cache=cache))

    expected = values(REAL, None)
    real = dataclasses.replace(REAL, identity="these")
    assert values(REAL, tmp_path) == expected and list(tmp_path.iterdir()) == []  # nobody knows whose they would be
    assert values(real, tmp_path) == values(real, tmp_path) == expected
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-100])
    assert values(real, tmp_path) == expected


def test_kept_statistics_are_those_of_the_samples_and_the_features(tmp_path):
    """And are used: nothing is computed of the real samples a second time."""
    options = Options(cache=tmp_path)
    others = dataclasses.replace(Split(PICTURES // 2, LABELS), identity="others")
    for names in ("frechet", ["frechet", "kernel"]):
        for real in (dataclasses.replace(REAL, identity="these"), others):
            for digest in ("first", "second"):
                again = [Costly(digest), Costly(digest)]
                found = [measured(names, real, FAKE, features=costly, options=options) for costly in again]
                assert found[0] == found[1] == measured(names, real, FAKE, features=Costly(digest))
                assert again[1].computed == len(FAKE)


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


def test_every_value_of_which_one_end_is_good_is_one_of_a_metric():
    values = {value for row in registry.METRICS.values() for value in row.values}
    assert set(registry.BETTER) <= values and set(registry.BETTER.values()) == {"less", "more"}
    assert registry.BETTER["frechet_distance"] == "less" and registry.BETTER["precision"] == "more"


def test_metrics_import_no_tensorflow():
    code = (
        "import sys\nfrom wgangp_tf.metrics import class_balance, modes, neighbours, registry\n"
        "assert 'tensorflow' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
