"""Where the values of a config come from."""

import json

from wgangp_tf.gan import methods
from wgangp_tf.training.resolve import resolve


def test_a_value_comes_from_the_first_that_has_one(tmp_path):
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"optimization": {"n_critic": 7, "batch_size": 33}}))
    given = {"preset": "mnist_dcgan", "dataset": "digits", "network": "mlp", "config": str(file), "n_critic": 9}
    config = resolve(given)
    assert config.optimization.n_critic == 9  # command line before config file
    assert config.optimization.batch_size == 33  # config file before preset's 50
    assert config.optimization.beta_1 == 0.5  # preset before Config's 0
    wgan = resolve({"dataset": "8gaussians", "method": "wgan"})
    assert wgan.optimization.learning_rate == methods.METHODS["wgan"].defaults["learning_rate"]  # method before data
    assert wgan.optimization.batch_size == 256  # data set before Config's 64
    assert wgan.optimization.n_critic == 5  # Config's
