"""The cost of a step that `--dry_run` prints, against a count by hand."""

import itertools
import re

import pytest

from wgangp_tf import cli

LATENT_DIM, WIDTH, PIXELS = 32, 256, 64


def products(*sizes):
    """Products of numbers in dense layers from the first size to the last, of one sample; for its gradient by the
    layers' weights as many, and for that by their inputs."""
    return sum(before * after for before, after in itertools.pairwise(sizes))


def by_hand(method, n_critic, batch_size):
    """Floating-point operations of a step of two dense networks with ReLU: int."""
    generator = products(LATENT_DIM, WIDTH, WIDTH, WIDTH, PIXELS)
    critic = products(PIXELS, WIDTH, WIDTH, WIDTH, 1)
    first, last = products(PIXELS, WIDTH), products(WIDTH, 1)
    # real and fake samples: scores, gradient by the weights, by the inputs of all layers but the first
    scores = 2 * (critic + critic + critic - first)
    # interpolates: activations, the gradient at the samples
    norms = critic - last + critic
    # its derivative: by the weights and by what came from the layer above, through that gradient; through the
    # activations it is zero for ReLU
    penalty = norms + critic + critic - last
    # without a penalty the norms are measured once a step
    of_critic = n_critic * (generator + scores) + (norms if method == "wgan" else n_critic * penalty)
    # samples, scores, back through the critic to the samples, gradient by the weights and by the inputs
    of_generator = generator + critic + critic + generator + generator - products(LATENT_DIM, WIDTH)
    return 2 * batch_size * (of_critic + of_generator)  # a product and a sum each


@pytest.mark.slow
@pytest.mark.parametrize("method, n_critic, batch_size", [("wgan-gp", 2, 64), ("wgan", 3, 32)])
def test_dry_run_counts_the_operations_of_a_step(capsys, method, n_critic, batch_size):
    flags = {
        "dataset": "digits",
        "network": "mlp",
        "width": WIDTH,
        "latent_dim": LATENT_DIM,
        "generator_normalization": "none",
        "method": method,
        "n_critic": n_critic,
        "batch_size": batch_size,
    }
    assert cli.main(["main.py", "--dry_run", *(f"--{name}={value}" for name, value in flags.items())]) == 0
    printed = 1e9 * float(re.search(r"([\d.]+) GFLOP", capsys.readouterr().out)[1])
    wanted = by_hand(method, n_critic, batch_size)
    # beside products it counts what is done element by element, and a few products whose result nothing uses: 7 % more
    assert wanted <= printed <= 1.07 * wanted
