"""What health is read from, against arithmetic; and when it is said."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from tests.gan.test_precision import scaled_by, train
from wgangp_tf import GAN
from wgangp_tf.data.source import Split
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_pictures
from wgangp_tf.training import signs
from wgangp_tf.training.resolve import resolve


@pytest.fixture
def model():
    return GAN(tiny.generator(normalization=None), tiny.critic(), latent_dim=3)


def _fill(network, value):
    for weight in network.trainable_variables:
        weight.assign(tf.fill(weight.shape, value))


def _count(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)


def test_norms_are_over_all_weights_and_updates_beside_them(model):
    weights = signs.Weights()
    _fill(model.generator, 2.0)
    _fill(model.critic, 4.0)
    weights.before(model, 6)
    _fill(model.critic, 5.0)  # by 1 each, beside 5
    found = weights.see(model, 7, {})
    assert found["generator_weight_norm"] == pytest.approx(2 * _count(model.generator) ** 0.5)
    assert found["critic_weight_norm"] == pytest.approx(5 * _count(model.critic) ** 0.5)
    assert found["generator_update"] == 0
    assert found["critic_update"] == pytest.approx(0.2)


def test_an_update_is_of_the_last_step_or_not_known(model):
    weights = signs.Weights()
    weights.before(model, 5)
    assert set(weights.see(model, 7, {})) == {"generator_weight_norm", "critic_weight_norm"}


class _Model:
    """Gives chosen samples for generated ones."""

    latent_dim, class_shares = 3, None

    def __init__(self, samples, model):
        self._samples, self.codec = samples, model.codec

    def sampler(self):
        chunks = iter([self._samples])
        return lambda latents, place: next(chunks, self._samples[:0])


def _seen(model, real, fake):
    return _measured(_Model(np.float32(fake), model), np.float32(real))


def _measured(model, real):
    return signs.Samples(model, Split(real), 0).see(model, 1, {})


def test_samples_are_the_first_of_the_seed(model):
    found = signs.Samples(model, Split(tiny.points(8)), 7).generated(model)
    np.testing.assert_array_equal(found, model.generate(signs.SAMPLES, 7))


def test_diversity_is_the_mean_distance_beside_that_of_real_samples(model):
    # distance of the real ones: 2; of the others 3, 4 and 5
    found = _seen(model, [[0, 0], [2, 0]], [[0, 0], [3, 0], [0, 4]])
    assert found["diversity"] == pytest.approx(2.0)


def test_of_real_samples_that_are_all_the_same_nothing_is_told(model):
    assert "diversity" not in _seen(model, [[1, 1], [1, 1]], [[0, 0], [3, 0]])


def test_the_distance_of_means_is_free_of_chance(model):
    random = np.random.default_rng(0)
    found = []
    for shift in (0.0, 3.0):
        real, fake = random.normal(size=(2, 256, 2))
        found.append(_seen(model, real, fake + [shift, 0])["distance_of_means"])
    assert found[0] == 0.0 and found[1] == pytest.approx(3, abs=0.3)
    # the means are 6 apart; variances of the means are (2² + 0²) / 2 / 2 = 1 each
    pairs = _seen(model, [[0, 0], [2, 0]], [[6, 0], [8, 0]])
    assert pairs["distance_of_means"] == pytest.approx((6**2 - 1 - 1) ** 0.5)


@pytest.mark.parametrize("axes", [1, 2, 64])
def test_samples_of_equal_distributions_seldom_have_means_apart(axes):
    random = np.random.default_rng(0)
    pairs = random.normal(size=(400, 2, 128, axes))
    apart = [signs._Statistics(real).distance_of_means(signs._Statistics(fake)) > 0 for real, fake in pairs]
    assert 0 < np.mean(apart) < 0.05
    # and do where they are a deviation apart
    assert signs._Statistics(pairs[0, 0] + 1.0).distance_of_means(signs._Statistics(pairs[0, 1])) > 0.7


def test_points_are_at_a_bound_where_no_real_value_lies_further_out(model):
    found = _seen(model, [[0, 1], [4, 2]], [[-1, 2], [1, 2]])
    assert found["saturated_real"] == 0.5 and found["saturated"] == 0.25


def test_pictures_are_at_a_bound_in_the_outermost_grey_levels():
    shape = (2, 2, 1)
    model = GAN(tiny.generator(shape), tiny.critic(shape), latent_dim=3, codec=Codec(of_pictures(shape)))
    real = np.uint8([0, 1, 254, 255]).reshape(1, *shape)
    fake = np.float32([-1.0, -0.999, 0.99, 0.5]).reshape(1, *shape)
    found = _measured(_Model(fake, model), real)
    assert found["saturated_real"] == 0.5 and found["saturated"] == 0.5


class _Said(list):
    """Takes what is said, and what TensorBoard is given."""

    def text(self, step, name, markdown):
        self.append((step, name, markdown))


def _health(said, lines=()):
    return signs.Health(config=resolve({}), lines=lines, events=said, say=said.append)


# of a norm that the penalty should hold to 1, line by line
_NORMS = [1, 99, 99, 99, 99, 1, 99, 1, 1, 1, 1]
_LINES = [
    {
        "step": 100 * number,
        "seconds": number,
        "wasserstein_estimate": 1.0,
        "gradient_norm": norm,
        "gradient_norm_max": norm,
    }
    for number, norm in enumerate(_NORMS, start=1)
]


def test_a_verdict_is_said_when_it_begins_and_when_it_is_over():
    said, when = _Said(), {}
    health = _health(said)
    for line in _LINES:
        before = len(said)
        health.see(None, line["step"], line)
        when[line["step"]] = said[before:]
    assert {step for step, new in when.items() if new} == {400, 1000}
    line, (step, tag, text) = [new for new in when[400] if "penalty" in str(new)]
    assert line == (
        "health: the penalty is not met: the critic's gradient norm is 99, and the penalty aims at 1. "
        "Try a higher --gp_weight or a lower --critic_learning_rate"
    )
    assert (step, tag) == (400, "health") and line in text
    assert "health: it is over that the penalty is not met" in when[1000]


@pytest.mark.parametrize("stopped", range(len(_LINES)))
def test_a_run_that_goes_on_says_what_is_new_in_it(stopped):
    whole, first, second = _Said(), _Said(), _Said()
    left_alone, begun = _health(whole), _health(first)
    continued = _health(second, _LINES[:stopped])
    for number, line in enumerate(_LINES):
        left_alone.see(None, line["step"], line)
        (begun if number < stopped else continued).see(None, line["step"], line)
    left_alone.end()
    continued.end()
    assert first + second == whole


@pytest.fixture
def policy():
    """Gives back the precision that a test changes."""
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.slow
def test_updates_that_float16_cannot_hold_moved_nothing(policy):
    model = scaled_by(2.0**40)  # all updates of the first steps are left out
    weights, found = signs.Weights(), []
    for others in (0, 60):
        if others:
            train(model, others)
        weights.before(model, model.steps_done)
        train(model, 1)
        found.append(weights.see(model, model.steps_done, {}))
    assert found[0]["critic_update"] == found[0]["generator_update"] == 0
    assert 0 < found[1]["critic_update"] < 0.1 and 0 < found[1]["generator_update"] < 0.1
    for name in ("critic_weight_norm", "generator_weight_norm"):
        assert found[0][name] == pytest.approx(found[1][name], rel=0.5) and found[0][name] > 0
