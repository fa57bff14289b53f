"""Every field of the config reaches the training: a table of what must be seen where it alone is changed."""

import numpy as np
import pytest

from tests.wiring import arithmetic
from tests.wiring.lab import BRIGHT, DARK, DENSE, POWERS, SMALL, STILL, load
from tests.wiring.networks import FIRST_PIXEL, critic_weights
from wgangp_tf import config, settings
from wgangp_tf.data import registry


def exact(value, **also):
    """A row: with this value the run is, number by number, the one that `arithmetic` computes.

    Args:
      value: that is tried.
      **also: flags without which the field has no effect.
    """

    def check(lab, field):
        base = lab.photos | SMALL | also
        wanted = arithmetic.expected(base | {field: value})
        assert not arithmetic.alike(wanted, arithmetic.expected(base)), "a value that changes nothing tells nothing"
        arithmetic.assert_is(lab.run(**base | {field: value}), *wanted)

    return check


def parameters(value, more_of_generator=0, more_of_critic=0):
    """A row: with this value the dense networks have so many parameters, counted by hand.

    Args:
      value: that is tried.
      more_of_generator, more_of_critic: ints, beside weights and offsets of four layers.
    """

    def check(lab, field):
        flags = DENSE | {field: value}
        run, width, latent_dim = lab.run(**flags), flags["width"], flags["latent_dim"]
        between = 2 * (width + 1) * width
        generator = (latent_dim + 1) * width + between + (width + 1) * 64
        critic = (64 + 1) * width + between + (width + 1)
        assert run.parameters("generator") == generator + more_of_generator
        assert run.parameters("critic") == critic + more_of_critic
        assert run.served("raw", latents=np.zeros([2, latent_dim], np.float32)).shape == (2, 8, 8, 1)

    return check


def seed(lab, field):
    """Initial weights, order of the training samples and noise are each other ones."""
    latents = np.float32([[1, 2, 3, 4, 5]])
    weights = [lab.run(**DENSE, seed=number).served("raw", latents=latents) for number in (0, 3)]
    assert np.abs(weights[0] - weights[1]).max() > 0.1

    pairs = lab.greys | STILL | {"n_critic": 1, "batch_size": 2, "steps": 4}
    orders = [arithmetic.rows_seen(lab.run(**pairs, seed=number), 2) for number in (0, 3)]
    assert orders[0] != orders[1]

    flags = lab.photos | STILL | {"network": "tests.wiring.networks:noise", "n_critic": 1, "steps": 2}
    noise = [lab.run(**flags, seed=number) for number in (0, 3)]
    for name in ("generator_loss", "wasserstein_estimate", "validation_wasserstein_estimate"):
        assert np.abs(noise[0].logged(name) - noise[1].logged(name)).min() > 1e-4


def whole_epoch(name, size):
    """Flags of a step that sees every training sample once."""
    return STILL | {"dataset": name, "batch_size": size, "n_critic": 1, "steps": 1}


def dataset(lab, field):
    """In a step of a whole epoch the mean of the training samples decides the number."""
    for name in ("digits", "25gaussians"):
        samples = load(dataset=name).train.samples[:]
        samples = samples.reshape(len(samples), -1).astype(np.float64)
        real = (samples / 127.5 - 1 if name == "digits" else samples).mean(axis=0)
        run = lab.run(**whole_epoch(name, len(samples)))
        wanted = critic_weights(real.size) @ (real - FIRST_PIXEL)
        np.testing.assert_allclose(run.logged("wasserstein_estimate"), [wanted], rtol=1e-5, atol=1e-5)


def flip(lab, field):
    """Some training pictures of a batch are mirrored, others are not; held-out ones never are."""
    batch = 8
    run = lab.run(**lab.photos | STILL | {"n_critic": 1, "batch_size": batch, "steps": 6, "flip": True})
    as_is = arithmetic.prepared(DARK, image_size="6")
    w = critic_weights(as_is.size)
    scores = [w @ (picture.ravel() - FIRST_PIXEL) for picture in (as_is, as_is[:, ::-1])]
    mirrored = (run.logged("wasserstein_estimate") - scores[0]) / (scores[1] - scores[0]) * batch
    np.testing.assert_allclose(mirrored, np.rint(mirrored), atol=0.02)
    counts = set(np.rint(mirrored))
    assert counts <= set(range(batch + 1)) and counts - {0, batch} and len(counts) > 1
    held_out = w @ (arithmetic.prepared(BRIGHT, image_size="6").ravel() - FIRST_PIXEL)
    np.testing.assert_allclose(run.logged("validation_wasserstein_estimate"), held_out, rtol=1e-5)


def init_from(lab, field):
    """The critic that does not move says of held-out pictures what the old one said at its end."""
    old, new = lab.run(**lab.photos | SMALL), lab.photos | STILL
    run, base = lab.run(**new | {field: str(old.path)}), lab.run(**new)
    name = "validation_wasserstein_estimate"
    np.testing.assert_allclose(run.logged(name), old.logged(name)[-1], rtol=1e-5)
    assert abs(base.logged(name)[0] - old.logged(name)[-1]) > 1e-3
    latents = np.zeros([1, 2], np.float32)
    np.testing.assert_allclose(*(each.served("raw", latents=latents) for each in (run, old)), rtol=1e-5)


def augment(lab, field):
    """About a quarter of the training pictures is mirrored; held-out ones are changed too."""
    batch, steps = 8, 24
    flags = lab.photos | STILL | {"n_critic": 1, "batch_size": batch, "steps": steps}
    run = lab.run(**flags, augment="flip")
    as_is = arithmetic.prepared(DARK, image_size="6")
    w = critic_weights(as_is.size)
    scores = [w @ (picture.ravel() - FIRST_PIXEL) for picture in (as_is, as_is[:, ::-1])]
    mirrored = (run.logged("wasserstein_estimate") - scores[0]) / (scores[1] - scores[0]) * batch
    np.testing.assert_allclose(mirrored, np.rint(mirrored), atol=0.02)
    expected, deviation = batch * steps / 4, (batch * steps * 3 / 16) ** 0.5
    assert abs(mirrored.sum() - expected) < 4 * deviation

    held_out = [lab.run(**flags, **more).logged("validation_wasserstein_estimate") for more in ({}, {field: "color"})]
    assert np.all(np.abs(held_out[0] - held_out[1]) > 1e-3)


def dequantize(lab, field):
    """A pixel v is v/128 − 1 and noise of U[0, 1/128) on the way in; on the way out it is floor((x + 1) · 128)."""
    run, base = lab.run(**lab.photos | STILL | {"dequantize": True}), lab.run(**lab.photos | STILL)
    for name, picture in (("wasserstein_estimate", DARK), ("validation_wasserstein_estimate", BRIGHT)):
        pixels = (arithmetic.prepared(picture, image_size="6").ravel() + 1) * 127.5
        w = critic_weights(pixels.size)
        wanted = w @ ((pixels + 0.5) / 128 - 1 - FIRST_PIXEL)
        error = np.linalg.norm(w) / (128 * 12**0.5)  # standard deviation of the score of one picture
        assert np.abs(run.logged(name) - wanted).max() < 5 * error
        assert np.abs(run.logged(name) - base.logged(name)).min() > 5 * error
    assert len(set(run.logged("wasserstein_estimate"))) == 3  # the noise is another one each step
    latents = np.zeros([1, 2], np.float32)
    for each, pixel in ((run, 160), (base, 159)):  # of 1.25 · 128 and of 1.25 · 127.5
        assert set(each.served("serving_default", latents=latents).ravel()) == {pixel}
        assert set(each.picture("step-00000003").ravel()) == {pixel, 255}


def labels(lab, field):
    """The run knows the names of its classes; networks look at them where they are conditional."""
    without, run = (lab.run(**whole_epoch("digits", 1500) | more) for more in ({}, {"labels": "auto"}))
    assert without.read("config.json")["samples"]["classes"] == []
    assert run.read("config.json")["samples"]["classes"] == list("0123456789")


def _of_arrays(lab, inside, **also):
    """The number of a step that sees every training sample, [18, 4, 6], against that of their mean as the networks see
    it.

    Args:
      inside: callable, float64 [n, 4, 6] → what the networks see of it, flat: [n, values].
      **also: flags.
    """
    values, file = np.random.default_rng(5).normal([1.0, 20.0, 3.0] * 2, 2.0, [20, 4, 6]), lab.place / "arrays.npz"
    if not file.exists():
        np.savez(file, usual=values, other=values[:, ::-1] ** 2)
    values = values[:, ::-1] ** 2 if also.get("array") == "other" else values
    flags = {"array": "usual", "scale": "none", "data_file": str(file)} | also
    run = lab.run(**whole_epoch("array", 18) | flags)
    trained = registry.load(
        config.Data(dataset="array", array=flags["array"]), settings.Storage(data_file=str(file))
    ).train.samples[:]
    real = inside(trained.astype(np.float64)).mean(axis=0)
    wanted = critic_weights(real.size) @ (real - FIRST_PIXEL)
    np.testing.assert_allclose(run.logged("wasserstein_estimate"), [wanted], rtol=1e-4)
    return run


def _flat(values):
    return values.reshape(len(values), -1)


def _scaled_to(axes, reach=None):
    """What the networks see of values whose mean and deviation along some axes, or whose extremes, are scaled away."""

    def inside(values):
        if reach is None:
            return _flat((values - values.mean(axis=axes)) / values.std(axis=axes))
        low, high = values.min(axis=axes), values.max(axis=axes)
        return _flat((2 * (values - low) / (high - low) - 1) * reach)

    return inside


def array(lab, field):
    """Either of the two arrays of a file."""
    for name in ("usual", "other"):
        _of_arrays(lab, _flat, array=name)


def scale(lab, field):
    """Each channel by itself: mean 0 and deviation 1, or its extremes at ±0.95."""
    _of_arrays(lab, _scaled_to((0, 1)), scale="standard")
    _of_arrays(lab, _scaled_to((0, 1), 0.95), scale="minmax")


def scale_axes(lab, field):
    """All values by one mean and one deviation."""
    _of_arrays(lab, _scaled_to((0, 1, 2), 0.95), scale="minmax", scale_axes="all")


def channels_last(lab, field):
    """Without an axis of channels there is one channel, scaled as a whole, and the SavedModel gives none."""
    run = _of_arrays(lab, _scaled_to((0, 1, 2), 0.95), scale="minmax", channels_last=False)
    assert run.read("config.json")["samples"]["shape"] == [4, 6, 1]
    latents = np.zeros([3, 2], np.float32)
    assert run.served("serving_default", latents=latents).shape == (3, 4, 6)
    assert run.served("raw", latents=latents).shape == (3, 4, 6, 1)


def conditional(lab, field):
    """The generator takes a vector for each class, which ten more weights a unit look at; the critic has ten too."""
    run, width, latent_dim = lab.run(**DENSE | {field: True}), DENSE["width"], DENSE["latent_dim"]
    base = lab.run(**DENSE)
    assert run.parameters("generator") == base.parameters("generator") + latent_dim * (10 + width)
    assert run.parameters("critic") == base.parameters("critic") + 10 * width


def critic_condition(lab, field):
    """Logits of ten classes in the place of vectors, and what a wrong guess costs, about log 10, in the losses."""
    flags = DENSE | {"conditional": True}
    run, base = lab.run(**flags | {field: "classifier"}), lab.run(**flags)
    assert run.parameters("critic") == base.parameters("critic") + 10
    more = run.logged("critic_loss") - base.logged("critic_loss")
    assert np.all((more > 1) & (more < 5))


def network(lab, field):
    """The convolutions of dcgan for 8x8 pictures: dense to 4x4, and one of 5x5 each."""
    run = lab.run(**DENSE | {"network": "dcgan"})
    width, latent_dim = DENSE["width"], DENSE["latent_dim"]
    assert run.parameters("generator") == (latent_dim + 1) * 4 * 4 * width + 5 * 5 * width + 1
    assert run.parameters("critic") == (5 * 5 + 1) * width + 4 * 4 * width + 1


def initializer(lab, field):
    """Kernels begin as draws from N(0, 0.02²), biases at 0."""
    for network in ("generator", "critic"):
        kernels = [lab.run(**DENSE | more).weights(network) for more in ({field: "normal"}, {})]
        kernels = [drawn[drawn != 0] for drawn in kernels]
        deviations = [drawn.std() / 0.02 for drawn in kernels]
        assert abs(deviations[0] - 1) < 5 / (2 * len(kernels[0])) ** 0.5 and deviations[1] > 5


def gp_batch_fraction(lab, field):
    """Of a single sample the least norm is the greatest; the other numbers of the first step stay."""
    run, base = lab.run(**DENSE | {field: 0.001}), lab.run(**DENSE)
    np.testing.assert_allclose(run.logged("gradient_norm_min"), run.logged("gradient_norm_max"), rtol=1e-6)
    assert np.all(base.logged("gradient_norm_min") < 0.999 * base.logged("gradient_norm_max"))
    np.testing.assert_allclose(run.logged("wasserstein_estimate"), base.logged("wasserstein_estimate"), rtol=1e-5)


def batch_size(lab, field):
    """A step sees n_critic × batch_size different samples; an epoch of them sees each once."""
    run = lab.run(**lab.greys | STILL | {"n_critic": 1, "batch_size": 2, "steps": 4}, seed=0)
    rows = arithmetic.rows_seen(run, 2)
    assert [len(seen) for seen in rows] == [2] * 4 and set.union(*rows) == set(POWERS)
    assert run.logged("images").tolist() == [2, 4, 6, 8]


def generator_batch_size(lab, field):
    """A mean over many fakes is near theirs, 0; the critic's fakes stay as many as they were."""
    flags = lab.photos | STILL | {"network": "tests.wiring.networks:noise"}
    run, base = lab.run(**flags | {field: 10_000}), lab.run(**flags)
    pixels = run.served("raw", latents=np.zeros([1, 2], np.float32)).size
    deviation = 0.1 * abs(critic_weights(pixels).sum()) * (2 / 10_000) ** 0.5  # of the mean of 2 latents' sum
    assert np.abs(run.logged("generator_loss")).max() < 5 * deviation < np.abs(base.logged("generator_loss")).max()
    np.testing.assert_array_equal(run.logged("wasserstein_estimate"), base.logged("wasserstein_estimate"))


def precision(lab, field):
    """The networks' first scores are rounded to the 8 bits of bfloat16."""
    exact, rounded = (
        lab.run(**DENSE | {field: name}).logged("gradient_norm") for name in ("float32", "mixed_bfloat16")
    )
    assert np.all(exact != rounded)
    np.testing.assert_allclose(rounded, exact, rtol=0.05)


_OF_BATCH = DENSE | {"generator_normalization": "batch", "steps": 2}


def accumulate(lab, field):
    """Each part is normalised by itself; without normalisation nothing changes."""
    for flags, same in ((DENSE, True), (_OF_BATCH, False)):
        whole, parts = (lab.run(**flags | {field: count}).logged("generator_loss") for count in (1, 2))
        assert np.allclose(whole, parts, rtol=1e-5) == same


def sync_batch_norm(lab, field):
    """Over two replicas the statistics are those of one that sees the whole batch, or of each half."""
    one = lab.run(**_OF_BATCH | {"strategy": "one"}).logged("generator_loss")
    for value in (True, False):
        two = lab.run(**_OF_BATCH | {"strategy": "mirrored", field: value}).logged("generator_loss")
        assert np.allclose(one, two, rtol=1e-4) == value
    of_critic = DENSE | {"method": "wgan", "critic_normalization": "batch", "steps": 2, field: True}
    one, two = (lab.run(**of_critic | {"strategy": name}).logged("critic_loss") for name in ("one", "mirrored"))
    np.testing.assert_allclose(two, one, rtol=1e-4)


FIELDS = {
    "seed": seed,
    "dataset": dataset,
    "image_size": exact("4x9"),
    "channels": exact(1),
    "crop": exact("none"),
    "flip": flip,
    "resize": exact("bicubic"),
    "dequantize": dequantize,
    "labels": labels,
    "array": array,
    "channels_last": channels_last,
    "scale": scale,
    "scale_axes": scale_axes,
    "method": exact("wgan-lp"),
    "network": network,
    "width": parameters(4),
    "latent_dim": parameters(3),
    "generator_normalization": parameters("batch", more_of_generator=3 * 4 * DENSE["width"]),
    "critic_normalization": parameters("layer", more_of_critic=3 * 2 * DENSE["width"]),
    "initializer": initializer,
    "conditional": conditional,
    "critic_condition": critic_condition,
    "n_critic": exact(3),
    "gp_weight": exact(3.0),
    "gp_interval": exact(4),
    "gp_batch_fraction": gp_batch_fraction,
    "clip_value": exact(0.04, method="wgan"),
    "optimizer": exact("rmsprop", learning_rate=0.002),
    "learning_rate": exact(0.01),
    "critic_learning_rate": exact(0.005),
    "beta_1": exact(0.5, optimizer="adam", learning_rate=0.002),
    "beta_2": exact(0.99, optimizer="adam", learning_rate=0.002, beta_1=0.0),
    "learning_rate_decay": exact("linear"),
    "batch_size": batch_size,
    "generator_batch_size": generator_batch_size,
    "steps": exact(5),
    "ema_decay": exact(0.15),
    "augment": augment,
    "init_from": init_from,
    "precision": precision,
    "accumulate": accumulate,
    "sync_batch_norm": sync_batch_norm,
}


def test_the_table_has_a_row_for_every_field():
    assert set(FIELDS) == set(config.to_values(config.Config()))


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_reaches_the_training(lab, field):
    FIELDS[field](lab, field)
