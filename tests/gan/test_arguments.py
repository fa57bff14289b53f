"""Single arguments: NumPy's numbers will do, and what is no number is told from one."""

import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.gan import arguments


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers_of_any_kind_are_pythons_own(value):
    assert arguments.whole("n", value) == 3 and type(arguments.whole("n", value)) is int


@pytest.mark.parametrize("value", [True, np.True_, 2.0, np.float32(2), "2", None, 0, -1, [2], np.array([2])])
def test_no_integer_is_refused(value):
    with pytest.raises(ValueError, match="n must be an integer of at least 1"):
        arguments.whole("n", value)


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("inf"), -0.5, 1j, tf.Variable(1.0)])
def test_no_number_is_refused(value):
    kind = "" if isinstance(value, float) else "a number, "
    with pytest.raises(ValueError, match=f"x must be {kind}at least 0. Received: x="):
        arguments.number("x", value, "at least 0", lambda number: number >= 0)
    assert arguments.number("x", np.float32(0.5), "at least 0", lambda number: number >= 0) == 0.5


@pytest.mark.parametrize(
    "name, value",
    [
        (name, value)
        for name in ("latent_dim", "n_critic", "accumulate", "gp_interval")
        for value in (5.0, True, "5", -5)
    ]
    + [("seed", None), ("seed", 0.5), ("seed", 2**40), ("ema_decay", None), ("augment", "flip"), ("gp_weight", "10")],
)
def test_arguments_of_a_gan_are_named_with_what_came(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be .* Received: {name}="):
        GAN(tiny.generator(), tiny.critic(), **{"latent_dim": 3, name: value})


@pytest.mark.parametrize("keywords", [{"n": 0}, {"n": -1}, {"n": 2.5}, {"n": True}, {"seed": None}, {"seed": 1.5}])
def test_arguments_of_generate_are_named_with_what_came(keywords):
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=np.int64(3))
    (name,) = keywords
    with pytest.raises(ValueError, match=f"^{name} must be .* Received: {name}="):
        model.generate(**{"n": 4} | keywords)


def test_more_samples_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda name: 2**5)  # 1 KB
    with pytest.raises(ValueError, match="generated_chunks gives them some at a time. Received: n=200"):
        GAN(tiny.generator(), tiny.critic(), latent_dim=3).generate(200)
