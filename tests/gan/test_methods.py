import pytest

from tests.gan import tiny
from wgangp_tf import GAN, config
from wgangp_tf.data import registry as data_sets
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
    for data_set, values in row.measured.items():
        data_sets.find(data_set)
        config.from_values({"method": name, **values})


def test_the_papers_settings():
    assert methods.find("wgan-gp").penalties == (methods.Penalty("interpolates", "two-sided"),)
    assert methods.find("wgan-lp").penalties == (methods.Penalty("interpolates", "one-sided"),)
    assert methods.find("wgan").clips and not methods.find("wgan").penalties
    assert "gp_weight" in methods.find("wgan-gp").fields and "gp_weight" not in methods.find("wgan").fields
    assert "clip_value" in methods.find("wgan").fields and "clip_value" not in methods.find("wgan-gp").fields
    assert "generator_batch_size" not in methods.find("r3gan").fields
    assert methods.find("wgan").defaults == {"optimizer": "rmsprop", "learning_rate": 5e-5}


def test_an_unknown_method_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match=r"Unknown method 'wgangp'. Did you mean 'wgan-gp'\? Known: .*wgan-lp"):
        methods.find("wgangp")


@pytest.mark.parametrize("name", methods.METHODS)
def test_compile_takes_the_optimizer_of_the_methods_row(name):
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, method=name)
    model.compile()
    own = {"optimizer": "adam", "learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9} | methods.find(name).defaults
    for optimizer in (model.generator_optimizer, model.critic_optimizer):
        assert type(optimizer).__name__.lower() == own["optimizer"]
        assert float(optimizer.learning_rate) == pytest.approx(own["learning_rate"])
        if own["optimizer"] == "adam":
            assert (optimizer.beta_1, optimizer.beta_2) == (own["beta_1"], own["beta_2"])
