import pytest

from wgangp_tf import config
from wgangp_tf.errors import UserError
from wgangp_tf.gan import losses, methods, penalties


@pytest.mark.parametrize("name", methods.METHODS)
def test_every_row_names_what_exists(name):
    row = methods.find(name)
    assert row.loss in losses.LOSSES
    for penalty in row.penalties:
        assert penalty.place in penalties.PLACES and penalty.shape in penalties.SHAPES and penalty.share > 0
    assert row.fields <= set(config.to_values(config.Config()))
    assert row.summary
    config.from_values({"method": name, **row.defaults})  # in range, and known


def test_the_papers_settings():
    assert methods.find("wgan-gp").penalties == (methods.Penalty("interpolates", "two-sided"),)
    assert methods.find("wgan-lp").penalties == (methods.Penalty("interpolates", "one-sided"),)
    assert methods.find("wgan").clips and not methods.find("wgan").penalties
    assert methods.find("wgan-gp").fields == {"gp_weight"} and methods.find("wgan").fields == {"clip_value"}
    assert methods.find("wgan").defaults == {"optimizer": "rmsprop", "learning_rate": 5e-5}


def test_an_unknown_method_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match=r"Unknown method 'wgangp'. Did you mean 'wgan-gp'\? Known: .*wgan-lp"):
        methods.find("wgangp")
