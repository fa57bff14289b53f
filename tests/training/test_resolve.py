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
    row = methods.METHODS["wgan"]
    wgan = resolve({"dataset": "celeb_a", "method": "wgan"})
    assert wgan.optimization.learning_rate == row.defaults["learning_rate"]  # method before Config's 1e-4
    assert wgan.optimization.steps == 200_000  # data set before Config's 100,000
    assert wgan.optimization.n_critic == 5  # Config's
    measured = resolve({"dataset": "digits", "method": "wgan"})
    assert measured.optimization.learning_rate == row.measured["digits"]["learning_rate"]  # before the method's
    assert measured.optimization.steps == row.measured["digits"]["steps"]  # before the data set's 3,000
    assert resolve({"dataset": "digits", "method": "wgan", "steps": 7}).optimization.steps == 7


def test_a_learning_rate_goes_before_the_critics_own_of_a_preset_or_a_data_set():
    for given in ({"preset": "shapes"}, {"dataset": "folder", "data_dir": "photos"}):
        rates = []
        for also in ({}, {"learning_rate": 1e-4}, {"critic_learning_rate": 3e-4}):
            optimization = resolve(given | also).optimization
            rates.append((optimization.learning_rate, optimization.critic_learning_rate))
        assert rates == [(1e-3, 2e-3), (1e-4, 1e-4), (1e-3, 3e-4)]
    optimization = resolve({"dataset": "folder", "data_dir": "photos", "method": "wgan"}).optimization
    assert optimization.learning_rate == optimization.critic_learning_rate == 5e-5
