"""A run of `networks.constant` computed without the package: by NumPy, from the papers.

All training pictures are one picture x, all held-out ones one picture y. The generator gives a sample b whatever the
latents are, the critic is D(x) = w · x. So nothing is random and every number is known.
"""

import numpy as np
from PIL import Image

from tests.wiring.lab import BRIGHT, DARK, POWERS
from tests.wiring.networks import FIRST_PIXEL, critic_weights


def prepared(picture, *, image_size, channels=3, crop="center", resize="bilinear"):
    """A picture as the networks are to see it: float64 [height, width, channels] in [−1, 1]."""
    height, width = (int(image_size.split("x")[k]) for k in (0, -1))
    image = Image.fromarray(picture).convert("L" if channels == 1 else "RGB")
    if crop == "center":
        scale = min(image.width / width, image.height / height)
        cut_width, cut_height = round(width * scale), round(height * scale)
        left, top = (image.width - cut_width) // 2, (image.height - cut_height) // 2
        image = image.crop((left, top, left + cut_width, top + cut_height))
    image = image.resize((width, height), {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}[resize])
    return np.asarray(image, np.float64).reshape(height, width, channels) / 127.5 - 1


class Optimizer:
    """SGD, Adam (Kingma and Ba 2015) or RMSProp (Hinton 2012) of one vector, with the epsilons of Keras."""

    def __init__(self, name, beta_1, beta_2):
        self._name, self._betas, self._count = name, (beta_1, beta_2), 0
        self._first = self._second = 0.0

    def __call__(self, weights, gradient, rate):
        if self._name == "sgd":
            return weights - rate * gradient
        beta_1, beta_2 = self._betas if self._name == "adam" else (0.0, 0.9)
        self._count += 1
        self._first = beta_1 * self._first + (1 - beta_1) * gradient
        self._second = beta_2 * self._second + (1 - beta_2) * gradient**2
        if self._name == "rmsprop":
            return weights - rate * gradient / np.sqrt(self._second + 1e-7)
        first = self._first / (1 - beta_1**self._count)
        second = self._second / (1 - beta_2**self._count)
        return weights - rate * first / (np.sqrt(second) + 1e-7)


def trained(
    real,
    held_out,
    *,
    n_critic,
    batch_size,
    steps,
    learning_rate,
    learning_rate_decay,
    optimizer,
    ema_decay,
    method="wgan-gp",
    gp_weight=10.0,
    gp_interval=1,
    clip_value=0.01,
    critic_learning_rate=None,
    beta_1=0.0,
    beta_2=0.9,
):
    """The lines a run is to log, and the sample it is to export.

    Args:
      real, held_out: float64 [*sample], the training picture and the held-out one.
      others: as the flags.

    Returns:
      ([{name: float} of each step], float64 [*sample]).
    """
    shape, real, held_out = real.shape, real.ravel(), held_out.ravel()
    w, b = critic_weights(real.size), np.full(real.size, FIRST_PIXEL)
    average, lines = b, []
    of_critic, of_generator = Optimizer(optimizer, beta_1, beta_2), Optimizer(optimizer, beta_1, beta_2)

    def penalty(w):
        """(of the critic, its derivative by w)."""
        norm = np.linalg.norm(w)
        excess = {"wgan-gp": norm - 1, "wgan-lp": max(norm - 1, 0), "wgan": 0.0}[method]
        return excess**2, 2 * excess * w / norm

    for step in range(steps):
        left = 1 - step / steps if learning_rate_decay == "linear" else 1.0
        estimates, losses = [], []
        if step * n_critic % gp_interval == 0:
            penalties, norms = [], []  # else those of the last penalty stay
        for update in range(step * n_critic, (step + 1) * n_critic):
            value, slope = penalty(w)
            estimates.append(w @ real - w @ b)
            weight = 0.0
            if update % gp_interval == 0:
                weight = gp_weight * gp_interval
                penalties.append(value)
                norms.append(np.linalg.norm(w))
            losses.append(w @ b - w @ real + weight * value)
            w = of_critic(w, b - real + weight * slope, left * (critic_learning_rate or learning_rate))
            if method == "wgan":
                w = np.clip(w, -clip_value, clip_value)
                norms = [np.linalg.norm(w)]  # no penalty needs it: of the critic that the generator sees
        generator_loss = -w @ b
        b = of_generator(b, -w, left * learning_rate)
        kept = min(ema_decay, (1 + step) / (10 + step))
        average = kept * average + (1 - kept) * b
        lines.append(
            {
                "step": step + 1,
                "images": (step + 1) * n_critic * batch_size,
                "wasserstein_estimate": np.mean(estimates),
                "gradient_penalty": np.mean(penalties),
                "critic_loss": np.mean(losses),
                "gradient_norm": np.mean(norms),
                "gradient_norm_min": np.min(norms),
                "gradient_norm_max": np.max(norms),
                "generator_loss": generator_loss,
                "learning_rate": left * learning_rate,
                "validation_wasserstein_estimate": w @ held_out - w @ b,
                "validation_gradient_penalty": penalty(w)[0],
                "validation_critic_loss": -(w @ held_out - w @ b) + gp_weight * penalty(w)[0],
                "validation_gradient_norm": np.linalg.norm(w),
            }
        )
    return lines, average.reshape(shape)


def expected(flags, real=DARK, held_out=BRIGHT):
    """What a run with these flags is to log and to export, on a folder of two pictures; see `trained`."""
    how = {name: flags[name] for name in ("image_size", "channels", "crop", "resize") if name in flags}
    without = {"dataset", "data_dir", "network", "latent_dim", *how}
    rest = {name: value for name, value in flags.items() if name not in without}
    return trained(prepared(real, **how), prepared(held_out, **how), **rest)


def alike(one, other):
    """Whether two results of `expected` are nearly the same."""
    (lines, sample), (others, other_sample) = one, other
    if len(lines) != len(others) or sample.shape != other_sample.shape:
        return False
    numbers, other_numbers = ([list(line.values()) for line in each] for each in (lines, others))
    return np.allclose(numbers, other_numbers, rtol=1e-3) and np.allclose(sample, other_sample, rtol=1e-3)


def assert_is(run, lines, sample):
    """A run logged these numbers and exported this sample."""
    assert len(run.lines) == len(lines)
    for found, line in zip(run.lines, lines, strict=True):
        for name, value in line.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=f"{name} at {line['step']}")
    latents = np.float32([[0, 0], [1, -1]])
    np.testing.assert_allclose(run.served("raw", latents=latents), [sample, sample], rtol=1e-5, atol=1e-5)
    pixels = run.served("serving_default", latents=latents)
    np.testing.assert_allclose(pixels, [np.clip((sample + 1) * 127.5, 0, 255)] * 2, atol=0.51)


def levels_seen(run, size):
    """Mean grey of the training pictures that each step saw: float64 [steps] in [0, 255].

    For networks that do not move and pictures of a single grey each, of `size` numbers.
    """
    return (run.logged("wasserstein_estimate") / critic_weights(size).sum() + FIRST_PIXEL + 1) * 127.5


def rows_seen(run, count):
    """Which training pictures of `Lab.greys` each step saw, where it saw `count` different ones: a list of sets."""
    sums = levels_seen(run, 16) * count
    np.testing.assert_allclose(sums, np.rint(sums), atol=0.01)
    return [{level for level in POWERS if int(total) & level} for total in np.rint(sums)]
