import dataclasses
import json
import math

import pytest

from wgangp_tf import config, config_file, presets
from wgangp_tf.errors import UserError

NAN, INF = math.nan, math.inf

# field, values out of range, what is said
RANGES = [
    ("accumulate", [0, -1, 65537], "accumulate must be at least 1 and at most 65,536"),
    ("n_critic", [0, -1, 101], "n_critic must be at least 1 and at most 100"),
    ("gp_weight", [-1.0, NAN, INF, 1e7], "gp_weight must be at least 0 and at most 1,000,000"),
    ("gp_interval", [0, -1, 1001], "gp_interval must be at least 1 and at most 1,000"),
    ("gp_batch_fraction", [0.0, -1.0, NAN, INF, 1.1], "gp_batch_fraction must be at least 1e-06 and at most 1"),
    ("clip_value", [0.0, -0.1, NAN, INF, 1e4], "clip_value must be at least 1e-08 and at most 1,000"),
    ("learning_rate", [0.0, -1e-4, NAN, INF, 11.0], "learning_rate must be at least 1e-12 and at most 10"),
    ("critic_learning_rate", [0.0, -1e-4, NAN, INF, 11.0], "critic_learning_rate must be at least 1e-12"),
    ("beta_1", [-0.1, 1.0, NAN, INF], "beta_1 must be at least 0 and below 1"),
    ("beta_2", [-0.1, 1.0, NAN, INF], "beta_2 must be at least 0 and below 1"),
    ("ema_decay", [-0.1, 1.0, NAN, INF], "ema_decay must be at least 0 and below 1"),
    ("batch_size", [0, -1, 65537], "batch_size must be at least 1 and at most 65,536"),
    ("steps", [0, -1, 10**10], "steps must be at least 1 and at most 1,000,000,000"),
    ("width", [0, -1, 8193], "width must be at least 1 and at most 8,192"),
    ("latent_dim", [0, -1, 65537], "latent_dim must be at least 1 and at most 65,536"),
    ("seed", [-1, 2**31, 10**400], "seed must be at least 0 and at most 2,147,483,647"),
    ("image_size", ["3", "0", "64x2", "4096", [64, 3]], "image_size must be at least 4 and at most 2,048"),
    ("crop", ["0", "0x10", "70000"], "crop must be at least 1 and at most 65,536"),
]
CHOICES = [
    ("channels", 2, "channels must be one of 1, 3. Received: channels=2"),
    ("resize", "bilinar", "Unknown resize 'bilinar'. Did you mean 'bilinear'? Known: bicubic, bilinear."),
    ("scale", "minmx", "Unknown scale 'minmx'. Did you mean 'minmax'?"),
    ("scale_axes", "feature_", "Unknown scale_axes 'feature_'. Did you mean 'feature'?"),
    ("optimizer", "adm", "Unknown optimizer 'adm'. Did you mean 'adam'?"),
    ("learning_rate_decay", "linaer", "Unknown learning_rate_decay 'linaer'. Did you mean 'linear'?"),
    ("generator_normalization", "bacth", "Unknown generator_normalization 'bacth'. Did you mean 'batch'?"),
    ("initializer", "papr", "Unknown initializer 'papr'. Did you mean 'paper'?"),
    ("critic_normalization", "layr", "Unknown critic_normalization 'layr'. Did you mean 'layer'?"),
]
SIZES = "expects a size in pixels, such as 64 or 48x80 (height x width). Received: "


def refused(values):
    with pytest.raises(UserError) as caught:
        config.from_values(values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("field, value, message", [(f, value, m) for f, values, m in RANGES for value in values])
def test_numbers_out_of_range_are_refused(field, value, message):
    said = refused({field: value})
    assert said.startswith(message)
    assert f"Received: {field}=" in said


@pytest.mark.parametrize(
    "field, value",
    [
        ("n_critic", 1),
        ("n_critic", 100),
        ("gp_weight", 0.0),
        ("beta_1", 0.0),
        ("ema_decay", 0.9999),
        ("batch_size", 1),
        ("steps", 1),
        ("seed", 2**31 - 1),
        ("image_size", (4, 2048)),
        ("critic_learning_rate", None),
        ("width", None),
        ("crop", "178x178"),
        ("crop", "none"),
        ("channels", 3),
    ],
)
def test_bounds_are_allowed(field, value):
    assert config.to_values(config.from_values({field: value}))[field] == value


@pytest.mark.parametrize("field, value, message", CHOICES)
def test_values_that_are_no_choice_are_refused(field, value, message):
    assert refused({field: value}).startswith(message)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("n_critic", 2.5, "n_critic expects an integer. Received: n_critic=2.5"),
        ("n_critic", "5", "n_critic expects an integer. Received: n_critic='5'"),
        ("n_critic", True, "n_critic expects an integer. Received: n_critic=True"),
        ("n_critic", None, "n_critic expects an integer. Received: n_critic=None"),
        ("gp_weight", "ten", "gp_weight expects a number. Received: gp_weight='ten'"),
        ("gp_weight", False, "gp_weight expects a number. Received: gp_weight=False"),
        ("gp_weight", 10**400, "gp_weight expects a number. Received: gp_weight=1000"),
        ("dataset", 3, "dataset expects a string. Received: dataset=3"),
        ("flip", "yes", "flip expects true or false. Received: flip='yes'"),
        ("flip", 1, "flip expects true or false. Received: flip=1"),
        ("channels", True, "channels expects an integer. Received: channels=True"),
        ("image_size", "64x", "image_size " + SIZES + "image_size=64x"),
        ("image_size", "axb", "image_size " + SIZES + "image_size=axb"),
        ("image_size", "1x2x3", "image_size " + SIZES),
        ("image_size", "-64", "image_size " + SIZES),
        ("image_size", "", "image_size " + SIZES),
        ("image_size", 64.0, "image_size expects a size such as 64 or 48x80. Received: image_size=64.0"),
        ("image_size", [64], "image_size expects a size such as 64 or 48x80. Received: image_size=[64]"),
        ("image_size", [64, True], "image_size expects a size such as 64 or 48x80"),
        ("image_size", True, "image_size expects a size such as 64 or 48x80. Received: image_size=True"),
        ("crop", "middle", "crop " + SIZES.replace("expects ", "expects center, none or ") + "crop=middle"),
    ],
)
def test_values_of_another_type_are_refused(field, value, message):
    assert refused({field: value}).startswith(message)


def test_unknown_fields_are_refused_with_the_nearest():
    assert refused({"n_critics": 5}).startswith("Unknown config key 'n_critics'. Did you mean 'n_critic'?")
    assert refused({"sede": 5}).startswith("Unknown config key 'sede'. Did you mean 'seed'?")
    assert refused({"zzz": 5}).startswith("Unknown config key 'zzz'. Known: accumulate, array, augment, batch_size, ")


def test_whole_numbers_pass_as_floats_and_sizes_in_any_form():
    made = config.from_values({"gp_weight": 1, "image_size": "48x80"})
    assert type(made.optimization.gp_weight) is float
    assert made.data.image_size == (48, 80)
    for size in ("64", 64, [64, 64], (64, 64)):
        assert config.from_values({"image_size": size}).data.image_size == (64, 64)


def test_the_defaults_are_the_papers():
    made = config.Config()
    optimization = made.optimization
    assert (optimization.n_critic, optimization.gp_weight, optimization.clip_value) == (5, 10.0, 0.01)
    assert (optimization.optimizer, optimization.learning_rate) == ("adam", 1e-4)
    assert (optimization.beta_1, optimization.beta_2) == (0.0, 0.9)
    assert made.model.method == "wgan-gp" and made.model.latent_dim == 128
    assert config.from_values({}) == made


def test_a_config_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.Config().optimization.n_critic = 3


FULL = {
    "seed": 7,
    "dataset": "celeb_a",
    "image_size": (48, 80),
    "channels": 1,
    "crop": "178",
    "flip": True,
    "method": "wgan",
    "width": 8,
    "critic_normalization": "layer",
    "n_critic": 2,
    "critic_learning_rate": 1e-3,
    "steps": 12,
}


@pytest.mark.parametrize("values", [{}, FULL])
def test_values_and_json_round_trip(values, tmp_path):
    made = config.from_values(values)
    assert config.from_values(config.to_values(made)) == made
    path = tmp_path / "config.json"
    path.write_text(made.to_json())
    assert config.from_values(config_file.read_values(str(path))) == made
    assert {name: config.to_values(made)[name] for name in values} == values
    assert json.loads(made.to_json())["optimization"]["n_critic"] == made.optimization.n_critic


def test_the_same_augmentations_are_the_same_config_in_any_order():
    made = [config.from_values({"augment": text}).optimization for text in ("color,flip", "flip,color")]
    assert made[0] == made[1] and made[0].augmentations == ("flip", "color")
    assert config.Optimization().augmentations == ()


@pytest.mark.parametrize(
    "text, message",
    [
        ("colour", "Unknown augment 'colour'. Did you mean 'color'? Known: color, flip, none, translate."),
        ("flip,none", "Unknown augment 'none'. Known: color, flip, translate."),
        ("", "Unknown augment ''. Known: color, flip, none, translate."),
        ("flip,color,flip", "augment expects each name once. Received: augment=flip,color,flip"),
    ],
)
def test_augmentations_that_are_none(text, message):
    assert refused({"augment": text}) == message


@pytest.mark.parametrize("name", presets.PRESETS)
def test_every_preset_is_a_config(name):
    summary, values = presets.PRESETS[name]
    assert summary and config.from_values(values)


@pytest.mark.parametrize(
    "values, message",
    [
        ({"precision": "float16"}, "Unknown precision 'float16'. Did you mean"),
        ({"accumulate": 3}, "batch_size must be a multiple of accumulate. Received: batch_size=64, accumulate=3"),
        (
            {"accumulate": 4, "generator_batch_size": 6},
            "generator_batch_size must be a multiple of accumulate. Received: generator_batch_size=6, accumulate=4",
        ),
        (
            {"accumulate": 4, "gp_batch_fraction": 0.3},
            "gp_batch_fraction must take as many samples of each of the 4 parts. "
            "Received: gp_batch_fraction=0.3, which takes 19 of batch_size=64",
        ),
    ],
)
def test_execution_that_shapes_weights_and_cannot_be(values, message):
    with pytest.raises(UserError, match=message):
        config.from_values(values)
