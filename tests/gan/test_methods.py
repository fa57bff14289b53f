import pytest

from wgangp_tf import config
from wgangp_tf.errors import UserError
from wgangp_tf.gan import losses, methods, penalties


@pytest.mark.parametrize("name", methods.METHODS)
def test_every_row_names_what_exists(name):
    row = methods.find(name)
    assert row.loss in losses.LOSSES
    assert row.penalty is None or row.penalty in penalties.PENALTIES
    assert row.summary
    config.from_values({"method": name, **row.defaults})  # in range, and known


def test_the_papers_settings():
    assert methods.find("wgan-gp").penalty == "two-sided"
    assert methods.find("wgan-lp").penalty == "one-sided"
    assert methods.find("wgan").clips and methods.find("wgan").penalty is None
    assert methods.find("wgan").defaults == {"optimizer": "rmsprop", "learning_rate": 5e-5}


def test_an_unknown_method_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match=r"Unknown method 'wgangp'. Did you mean 'wgan-gp'\? Known: .*wgan-lp"):
        methods.find("wgangp")
