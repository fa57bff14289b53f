"""A whole step, computed by NumPy: which draw goes where, both networks' gradients, the penalty's, the clipping."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.wiring.networks import Quadratic
from wgangp_tf import GAN, randomness
from wgangp_tf.randomness import Use

SEED, LATENT_DIM, N_CRITIC, BATCH = 6, 3, 2, 4
GP_WEIGHT, CLIP, RATE, CRITIC_RATE = 10.0, 0.3, 0.1, 0.02


def draws(step):
    """What a step draws.

    Returns:
      (latents of each critic update [n_critic, batch, latent_dim], weights of its interpolates [n_critic, batch],
      latents of the generator's update [batch, latent_dim]), float64.
    """

    def key(*parts):
        return randomness.key(SEED, *parts)

    shape, replica = [BATCH, LATENT_DIM], 0
    updates = range(N_CRITIC)
    latents = [randomness.normal(shape, key(Use.CRITIC_LATENTS, step, k, replica)) for k in updates]
    epsilon = [randomness.uniform([BATCH], key(Use.INTERPOLATION, step, k, replica)) for k in updates]
    of_generator = randomness.normal(shape, key(Use.GENERATOR_LATENTS, step, replica))
    return tuple(np.float64(part) for part in (latents, epsilon, of_generator))


def initial():
    """Weights V, b of the generator G(z) = zV + b, and w, q, c of the critic; see `Quadratic`."""
    generator = np.random.default_rng(1)
    return {
        "V": generator.normal(size=(LATENT_DIM, 2)),
        "b": generator.normal(size=2),
        "w": np.array([0.25, -0.2]),
        "q": np.array([0.2, 0.29]),  # small, so that some norms are below 1 and some above
        "c": np.array(0.1),
    }


def step_by_hand(weights, real, method, step):
    """One step (Gulrajani et al. 2017, Algorithm 1), by NumPy alone; returns the new weights and what is logged."""
    V, b, w, q, c = weights.values()
    latents, epsilon, of_generator = draws(step)
    estimates, penalties, norms_seen = [], [], []
    for x, z, e in zip(real, latents, epsilon, strict=True):
        fake = z @ V + b
        at = e[:, None] * x + (1 - e[:, None]) * fake
        gradients = w + q * at
        norms = np.linalg.norm(gradients, axis=1)
        excess = {"wgan-gp": norms - 1, "wgan-lp": np.maximum(norms - 1, 0), "wgan": 0 * norms}[method]
        estimates.append(np.mean(x @ w + x**2 @ q / 2) - np.mean(fake @ w + fake**2 @ q / 2))
        penalties.append(np.mean(excess**2))
        slopes = (GP_WEIGHT * 2 * excess / norms)[:, None] * gradients  # of the penalty, by each gradient
        by_w = fake.mean(axis=0) - x.mean(axis=0) + slopes.mean(axis=0)
        by_q = (fake**2).mean(axis=0) / 2 - (x**2).mean(axis=0) / 2 + (slopes * at).mean(axis=0)
        w, q = w - CRITIC_RATE * by_w, q - CRITIC_RATE * by_q
        norms_seen.append(norms)
        if method == "wgan":
            w, q, c = (np.clip(each, -CLIP, CLIP) for each in (w, q, c))
            norms_seen = [np.linalg.norm(w + q * at, axis=1)]  # of the critic that the generator sees
    fake = of_generator @ V + b
    by_fake = -(w + q * fake) / BATCH
    logs = {
        "wasserstein_estimate": np.mean(estimates),
        "gradient_penalty": np.mean(penalties),
        "critic_loss": -np.mean(estimates) + GP_WEIGHT * np.mean(penalties),
        "gradient_norm": np.mean(norms_seen),
        "gradient_norm_min": np.min(norms_seen),
        "gradient_norm_max": np.max(norms_seen),
        "generator_loss": -np.mean(fake @ w + fake**2 @ q / 2) - c,
    }
    V, b = V - RATE * of_generator.T @ by_fake, b - RATE * by_fake.sum(axis=0)
    return {"V": V, "b": b, "w": w, "q": q, "c": c}, logs


@pytest.mark.parametrize("method", ["wgan-gp", "wgan-lp", "wgan"])
def test_two_steps_are_those_computed_by_hand(method):
    weights = initial()
    generator = keras.Sequential([keras.Input((LATENT_DIM,)), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), Quadratic()])
    generator.set_weights([weights["V"], weights["b"]])
    critic.set_weights([weights["w"], weights["q"], weights["c"]])
    model = GAN(
        generator,
        critic,
        latent_dim=LATENT_DIM,
        method=method,
        n_critic=N_CRITIC,
        gp_weight=GP_WEIGHT,
        clip_value=CLIP,
        seed=SEED,
    )
    model.compile(keras.optimizers.SGD(RATE), keras.optimizers.SGD(CRITIC_RATE))
    samples = 2 * np.random.default_rng(2).normal(size=(2, N_CRITIC, BATCH, 2))
    for step, real in enumerate(samples):
        logs = model.train_step(tf.constant(real.reshape(-1, 2), tf.float32))
        weights, wanted = step_by_hand(weights, real, method, step)
        for found, value in zip([*generator.get_weights(), *critic.get_weights()], weights.values(), strict=True):
            np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-6)
        for name, value in wanted.items():
            np.testing.assert_allclose(logs[name], value, rtol=1e-5, atol=1e-5, err_msg=name)
    assert wanted["gradient_norm_min"] < 1 < wanted["gradient_norm_max"], "one-sided is two-sided"
    if method == "wgan":
        assert CLIP in np.abs([*weights["w"], *weights["q"]]), "no weight was clipped"
