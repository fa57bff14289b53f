"""Pictures changed at random: each kind against its definition, and where in a step they are changed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.gan.test_replicas import make as make_over
from tests.gan.test_replicas import train as train_over
from wgangp_tf import GAN, config, randomness
from wgangp_tf.gan import augmentation
from wgangp_tf.gan.augmentation import KINDS, NUMBERS, augment
from wgangp_tf.randomness import Use
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import Spec, of_pictures

ALL = tuple(KINDS)
ONE = tf.distribute.get_strategy()
SHAPES = [(8, 8, 1), (9, 16, 3), (5, 3, 3), (2, 3, 1)]


def pictures(shape, count=6, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, *shape)).astype(np.float32)


def numbers(count=6, seed=1):
    return np.random.default_rng(seed).uniform(0, 1, (count, NUMBERS)).astype(np.float32)


def moved(picture, down, right):
    """A picture [height, width, channels] pixel by pixel at another place, 0 where nothing comes in."""
    height, width, _ = picture.shape
    result = np.zeros_like(picture)
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                result[row, column] = picture[row - down, column - right]
    return result


def coloured(picture, brightness, saturation, contrast):
    """A picture of another brightness, saturation and contrast, in float64 (Zhao et al. 2020)."""
    picture = np.float64(picture) + (brightness - 0.5)
    grey = picture.mean(axis=2, keepdims=True)
    picture = grey + 2 * saturation * (picture - grey)
    return picture.mean() + (contrast + 0.5) * (picture - picture.mean())


def test_the_kinds_are_those_of_the_config():
    assert set(KINDS) == set(config.AUGMENTATIONS)


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_of_a_half_change_nothing(shape):
    given, draws = pictures(shape), np.full([6, NUMBERS], 0.5, np.float32)
    np.testing.assert_array_equal(augment(given, draws, ALL), given)


# a side of 8 moves by at most 1, of 16 by 2, of 9 by 1, of 5 by 1, of 3 and 2 not at all
@pytest.mark.parametrize(
    "shape, draw, down, right",
    [
        ((8, 8, 1), (0.0, 0.99), -1, 1),
        ((8, 8, 1), (0.34, 0.32), 0, -1),
        ((9, 16, 3), (0.99, 0.0), 1, -2),
        ((9, 16, 3), (0.32, 0.79), -1, 1),
        ((9, 16, 3), (0.5, 0.81), 0, 2),
        ((5, 3, 3), (0.0, 0.99), -1, 0),
    ],
)
def test_a_picture_moves_by_whole_pixels_over_zeros(shape, draw, down, right):
    given = pictures(shape, count=2)
    draws = np.float32([draw, (0.5, 0.5)])
    first, second = augmentation.translate(tf.constant(given), tf.constant(draws)).numpy()
    np.testing.assert_array_equal(first, moved(given[0], down, right))
    np.testing.assert_array_equal(second, given[1])


def test_all_ways_are_equally_likely():
    draws = (np.arange(100, dtype=np.float32) + 0.5) / 100
    dot = np.zeros([100, 16, 16, 1], np.float32)
    dot[:, 8, 8] = 1
    down = augmentation.translate(tf.constant(dot), tf.constant(np.stack([draws, np.full(100, 0.5, np.float32)], 1)))
    places, counts = np.unique(np.argmax(down.numpy().sum(axis=(2, 3)), axis=1) - 8, return_counts=True)
    assert dict(zip(places, counts, strict=True)) == dict.fromkeys(range(-2, 3), 20)


def test_a_quarter_is_mirrored_and_twice_is_the_picture():
    given, draws = tf.constant(pictures((4, 5, 3), count=100)), (np.arange(100, dtype=np.float32)[:, None] + 0.5) / 100
    once = augmentation.flip(given, draws)
    np.testing.assert_array_equal(once[:25], given.numpy()[:25, :, ::-1])
    np.testing.assert_array_equal(once[25:], given[25:])
    np.testing.assert_array_equal(augmentation.flip(once, draws), given)


@pytest.mark.parametrize("shape", SHAPES)
def test_colour_is_that_of_the_paper(shape):
    given, draws = pictures(shape), numbers()[:, :3]
    wanted = [coloured(picture, *draw) for picture, draw in zip(given, draws, strict=True)]
    found = augmentation.color(tf.constant(given), tf.constant(draws))
    np.testing.assert_allclose(found, wanted, atol=2e-6)
    assert np.abs(found).max() > 1.1  # nothing is cut off


def test_a_grey_picture_has_no_saturation():
    draws = np.float32([[0.5, 0.0, 0.5], [0.5, 0.9, 0.5]])
    given = pictures((4, 4, 1), count=2)
    np.testing.assert_array_equal(augmentation.color(tf.constant(given), tf.constant(draws)), given)


def test_each_kind_draws_the_same_alone_and_beside_others():
    given = pictures((9, 16, 3))
    step_by_step = given
    for name in KINDS:
        step_by_step = augment(step_by_step, numbers(), [name])
    np.testing.assert_array_equal(augment(given, numbers(), ALL[::-1]), step_by_step)
    for name in KINDS:
        assert np.abs(augment(given, numbers(), [name]) - given).max() > 0.1


@pytest.mark.parametrize("run", [lambda f: f, tf.function], ids=["eager", "graph"])
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_go_back_the_way_the_pictures_came(shape, run):
    # each picture's change is affine, A x + a: then (A x) · w = x · (Aᵀ w), and the gradient of A x · w is Aᵀ w
    given, weights, draws = (tf.constant(value) for value in (pictures(shape), pictures(shape, seed=5), numbers()))

    def changed(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            result = augment(x, draws, ALL)
            score = tf.reduce_sum(result * weights)
        return result, tape.gradient(score, x)

    result, gradient = run(changed)(given)
    assert result.shape == given.shape
    linear = result - augment(tf.zeros_like(given), draws, ALL)
    by_picture = [tf.reduce_sum(a * b, axis=(1, 2, 3)) for a, b in ((linear, weights), (given, gradient))]
    np.testing.assert_allclose(*by_picture, rtol=1e-4, atol=1e-5)


def test_half_precision_is_raised():
    made = augment(tf.cast(pictures((4, 4, 3)), tf.bfloat16), numbers(), ALL)
    assert made.dtype == tf.float32


# ---- in a step

SHAPE, BATCH, N_CRITIC, SEED = (8, 9, 3), 4, 2, 3


class Noted(GAN):
    """Keeps the samples that its critic is asked to score, whichever way."""

    def training_critic(self, batch):
        self.seen.append(batch.samples.numpy())
        return super().training_critic(batch)

    def frozen_critic(self, batch):
        self.seen.append(batch.samples.numpy())
        return super().frozen_critic(batch)


def noted(method="wgan-gp", **keywords):
    """An eager model that moves no weight, whose generator makes the same picture from all latents."""
    fake = pictures(SHAPE, count=1, seed=8)[0]
    generator = keras.Sequential([tiny.constant_generator(fake.ravel()), layers.Reshape(SHAPE)])
    keywords = {"latent_dim": 3, "n_critic": N_CRITIC, "seed": SEED, "method": method, "augment": ALL} | keywords
    model = Noted(generator, tiny.critic(SHAPE), **keywords)
    model.compile(tiny.still(), tiny.still(), run_eagerly=True)
    model.seen = []
    return model, np.stack([fake] * BATCH)


def drawn(use, step, update=0, count=BATCH):
    return randomness.uniform([count, NUMBERS], randomness.key(SEED, use, step, update))


def between(real, fake, use, step, update=0):
    epsilon = randomness.uniform([len(real)], randomness.key(SEED, use, step, update)).numpy().reshape(-1, 1, 1, 1)
    return epsilon * real + (1 - epsilon) * fake


def test_the_critic_sees_changed_real_and_generated_pictures_and_what_is_between_them():
    model, fake = noted()
    for step in range(2):
        given = pictures(SHAPE, count=N_CRITIC * BATCH, seed=step)
        model.seen.clear()
        model.train_step(tf.constant(given))
        wanted = []
        for update, real in enumerate(np.split(given, N_CRITIC)):
            real = augment(real, drawn(Use.AUGMENT_REAL, step, update), ALL).numpy()
            made = augment(fake, drawn(Use.AUGMENT_FAKE, step, update), ALL).numpy()
            assert np.abs(real - made).max() > 0.1
            wanted += [np.concatenate([real, made]), between(real, made, Use.INTERPOLATION, step, update)]
        wanted.append(augment(fake, drawn(Use.GENERATOR_AUGMENT_FAKE, step), ALL).numpy())
        assert len(model.seen) == len(wanted)
        for seen, value in zip(model.seen, wanted, strict=True):
            np.testing.assert_allclose(seen, value, atol=1e-6)


def test_held_out_pictures_are_changed_alike():
    model, fake = noted()
    given = pictures(SHAPE, count=BATCH, seed=4)
    model.held_out_values(tf.constant(given), part=3)
    real = augment(given, drawn(Use.VALIDATION_AUGMENT_REAL, 3), ALL).numpy()
    made = augment(fake, drawn(Use.VALIDATION_AUGMENT_FAKE, 3), ALL).numpy()
    scored, interpolates = model.seen
    np.testing.assert_allclose(scored, np.concatenate([real, made]), atol=1e-6)
    np.testing.assert_allclose(interpolates, between(real, made, Use.VALIDATION_INTERPOLATION, 3), atol=1e-6)


def test_a_loss_of_pairs_compares_changed_with_changed():
    model, fake = noted("r3gan")
    given = pictures(SHAPE, count=N_CRITIC * BATCH)
    model.train_step(tf.constant(given))
    made, real = model.seen[-2:]
    np.testing.assert_array_equal(made, augment(fake, drawn(Use.GENERATOR_AUGMENT_FAKE, 0), ALL))
    np.testing.assert_array_equal(real, augment(given[BATCH:], drawn(Use.GENERATOR_AUGMENT_REAL, 0), ALL))


def test_what_samples_are_around_is_of_the_whole_batch_of_changed_ones():
    # dragan's noise is as large as all real samples of an update are spread, in whatever parts they come
    whole, _ = noted("dragan")
    parts, _ = noted("dragan", accumulate=2)
    given = tf.constant(pictures(SHAPE, count=N_CRITIC * BATCH))
    for model in (whole, parts):
        model.train_step(given)
    around = [whole.seen[1], np.stack([parts.seen[1], parts.seen[3]], axis=1).reshape(whole.seen[1].shape)]
    np.testing.assert_allclose(*around, atol=1e-6)


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_the_generator_learns_through_the_change(run_eagerly):
    # D(x) = w · x, G(z) = b: the step of b is the mean of w as each mirrored picture sees it
    shape, rate = (4, 5, 1), 0.5
    weights = pictures(shape, count=1, seed=2)[0]
    generator = keras.Sequential([tiny.constant_generator(np.zeros(20)), layers.Reshape(shape)])
    critic = keras.Sequential([keras.Input(shape), layers.Flatten(), tiny.linear_critic(weights.ravel())])
    model = GAN(generator, critic, latent_dim=3, n_critic=1, seed=SEED, augment=["flip"])
    model.compile(keras.optimizers.SGD(rate), tiny.still(), run_eagerly=run_eagerly)
    count = 16
    model.fit(pictures(shape, count=count), batch_size=count, verbose=0)
    mirrored = drawn(Use.GENERATOR_AUGMENT_FAKE, 0, count=count).numpy()[:, 3] < 0.25
    assert 0 < mirrored.sum() < count
    share = mirrored.mean()
    wanted = rate * ((1 - share) * weights + share * weights[:, ::-1])
    np.testing.assert_allclose(generator(np.zeros([1, 3]))[0], wanted, rtol=1e-5, atol=1e-6)


def trained(strategy, augment, **keywords):
    """Weights and logs after two steps by SGD."""
    shape = (8, 9, 3)
    model = make_over(
        strategy,
        generator=lambda: tiny.generator(shape, normalization=None),
        critic=lambda: tiny.critic(shape),
        augment=augment,
        n_critic=1,
        rate=0.01,
        **keywords,
    )
    logs = train_over(model, pictures(shape, count=32), steps=2)
    return [*tiny.values([*model.generator.weights, *model.critic.weights]), np.array([*logs.values()])]


def test_two_replicas_in_parts_change_the_pictures_as_one_does(mirrored):
    one, two = trained(ONE, ALL), trained(mirrored, ALL, accumulate=4)
    for a, b in zip(one, two, strict=True):
        assert np.abs(a - b).max() < 1e-5 * max(np.abs(a).max(), 1e-3)
    without = trained(ONE, ())
    assert max(np.abs(a - b).max() for a, b in zip(one, without, strict=True)) > 1e-3


# ---- what cannot be


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(ValueError, match="augment must be of color, flip, translate. Received: 'cutout'"):
        GAN(tiny.generator(SHAPE), tiny.critic(SHAPE), latent_dim=3, augment=["flip", "cutout"])


@pytest.mark.parametrize("spec, shape", [(Spec("points", (2,)), (2,)), (Spec("arrays", (8, 8, 2)), (8, 8, 2))])
def test_what_is_no_picture_is_refused(spec, shape):
    for codec in (None, Codec(spec)):
        with pytest.raises(ValueError, match=f"Only images can be augmented. Received: augment=flip for {spec.kind}"):
            GAN(tiny.generator(shape), tiny.critic(shape), latent_dim=3, augment=["flip"], codec=codec)
    GAN(tiny.generator(SHAPE), tiny.critic(SHAPE), latent_dim=3, augment=["flip"], codec=Codec(of_pictures(SHAPE)))
