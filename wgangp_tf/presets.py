"""Named experiments: config values that any flag overrides. Each is (one line for `list`, {field: value}).

The line names the source, and where the preset departs from it. The paper is Gulrajani et al. 2017 (arXiv 1704.00028,
third version); its scripts are its authors' public ones. What a preset leaves open is the method's or the data set's.
Everywhere the generator's pictures end in tanh on [−1, 1], and samples are drawn from averaged weights.
"""

from wgangp_tf.errors import unknown_name

_TOY = {
    "network": "mlp",
    "width": 512,
    "latent_dim": 2,
    "generator_normalization": "none",
    "gp_weight": 0.1,
    "batch_size": 256,
    "learning_rate": 1e-4,
    "beta_1": 0.5,
    "beta_2": 0.9,
    "steps": 100_000,
}
# chosen by measurement: benchmarks/README.md
_TOY_SMALL = _TOY | {
    "width": 128,
    "learning_rate": 1e-3,
    "learning_rate_decay": "linear",
    "ema_decay": 0.99,
    "steps": 12_000,
}
_MNIST = {
    "dataset": "mnist",
    "network": "dcgan",
    "width": 64,
    "generator_normalization": "none",
    "critic_normalization": "none",
    "batch_size": 50,
    "beta_1": 0.5,
    "steps": 200_000,
}
_CIFAR = {"dataset": "cifar10", "width": 128, "critic_normalization": "none", "batch_size": 64}
_CIFAR_DCGAN = _CIFAR | {"network": "dcgan", "beta_1": 0.5, "steps": 200_000}
_CIFAR_RESNET = _CIFAR | {
    "network": "cifar10_resnet",
    "dequantize": True,
    "generator_batch_size": 128,
    "learning_rate": 2e-4,
    "learning_rate_decay": "linear",
    "steps": 100_000,
}
_CIFAR_RESNET_BY_CLASS = _CIFAR_RESNET | {"conditional": True, "critic_condition": "classifier"}
# chosen by measurement: benchmarks/README.md
DIGITS = {
    "network": "mlp",
    "width": 256,
    "n_critic": 3,
    "learning_rate": 2e-3,
    "learning_rate_decay": "linear",
    "ema_decay": 0.99,
    "steps": 3000,
}
_DIGITS_BY_CLASS = {"dataset": "digits", "conditional": True} | DIGITS
_BEDROOMS = {"dataset": "lsun/bedroom", "image_size": (64, 64), "width": 64, "batch_size": 64, "steps": 200_000}
_FACES = {
    "dataset": "celeb_a",
    "image_size": (64, 64),
    "crop": "178",
    "network": "dcgan",
    "width": 64,
    "batch_size": 64,
    "steps": 200_000,
}
_ZOO_FACES = _FACES | {"network": "zoo_dcgan", "batch_size": 256}

# what makes days on a GPU minutes on two cores
_MINUTES = {
    "width": 16,
    "n_critic": 2,
    "learning_rate": 5e-4,
    "learning_rate_decay": "linear",
    "ema_decay": 0.99,
    "steps": 3000,
}
# with one critic update a step the generator of dense layers collapses unless the critic's rate is the higher one
_SHAPES = _MINUTES | {
    "dataset": "shapes",
    "image_size": (16, 16),
    "n_critic": 1,
    "critic_learning_rate": 2e-3,
    "batch_size": 32,
}
# for a few clear shapes on a ground, in minutes on two cores; chosen by measurement: benchmarks/README.md
_FLAT_PICTURES = {
    "network": "coordinates",
    "width": 24,
    "critic_normalization": "none",
    "batch_size": 16,
    "ema_decay": 0.99,
}
# chosen by measurement: benchmarks/README.md
SHAPES = {
    "dataset": "shapes",
    **_FLAT_PICTURES,
    "latent_dim": 64,
    "method": "r3gan",
    "gp_weight": 0.1,
    "n_critic": 1,
    "learning_rate": 5e-3,
    "critic_learning_rate": 2e-3,
    "beta_1": 0.0,
    "beta_2": 0.99,
    "learning_rate_decay": "linear",
    "steps": 8000,
}
# of pictures that people bring: what a folder is trained by where nothing else is named
OWN_PICTURES = _FLAT_PICTURES | {
    "image_size": (32, 32),
    "n_critic": 2,
    "learning_rate": 2e-3,
    "beta_1": 0.5,
    "steps": 30_000,
}
# arrays of one's own: vectors, and signals, pictures and volumes
_OWN_ARRAYS = {"learning_rate_decay": "linear", "ema_decay": 0.99, "steps": 4000}
# A critic at four times the generator's rate, and a light penalty: where few features are alike, the two-sided penalty
# asks for a slope that nothing calls for, and the generator follows it.
OWN_VECTORS = _OWN_ARRAYS | {
    "network": "mlp",
    "width": 128,
    "latent_dim": 32,
    "generator_normalization": "none",
    "n_critic": 3,
    "gp_weight": 0.1,
    "learning_rate": 5e-4,
    "critic_learning_rate": 2e-3,
}
# the paper's penalty, and one rate: what vectors train by says nothing of convolutions
OWN_MAPS = _OWN_ARRAYS | {
    "network": "dcgan",
    "width": 32,
    "latent_dim": 64,
    "generator_normalization": "batch",
    "n_critic": 2,
    "learning_rate": 1e-3,
}
# examples of this project's own; chosen by measurement: docs/examples.md
_SIGNALS = {
    "network": "dcgan",
    "width": 16,
    "latent_dim": 16,
    "critic_normalization": "none",
    "n_critic": 2,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "learning_rate_decay": "linear",
    "beta_1": 0.0,
    "ema_decay": 0.99,
    "steps": 8000,
}
_WINE = {
    "network": "mlp",
    "width": 128,
    "latent_dim": 16,
    "generator_normalization": "none",
    "n_critic": 3,
    "gp_weight": 1.0,
    "batch_size": 64,
    "learning_rate": 1e-3,
    "learning_rate_decay": "linear",
    "beta_1": 0.0,
    "ema_decay": 0.99,
    "steps": 4000,
}
_SMALL_FACES = {"image_size": (32, 32), "batch_size": 64}

# 64x64: {end of the preset's name: (what it is, its networks)}
_DRAWN_UNIFORM = {"initializer": "uniform"}  # of deviation 0.02, as the script's DCGAN
_ARCHITECTURES = {
    "good": ("the ResNet for decent samples", {"network": "resnet64"}),
    "dcgan": ("the DCGAN baseline", {"network": "dcgan", **_DRAWN_UNIFORM}),
    "constant_filters": ("a narrow generator without normalisation", {"network": "constant_filters"}),
    "mlp_generator": ("a generator of dense layers", {"network": "mlp_generator"}),
    "no_normalization": (
        "DCGAN without normalisation",
        {
            "network": "dcgan",
            "generator_normalization": "none",
            "critic_normalization": "none",
            **_DRAWN_UNIFORM,
        },
    ),
    "gated": ("gates in place of ReLUs", {"network": "gated"}),
    "tanh": ("tanh in place of ReLUs", {"network": "tanh", **_DRAWN_UNIFORM}),
    "resnet101": ("101-layer ResNets", {"network": "resnet101"}),
}
# two blocks at each size: the first step of six takes minutes
_SMALL_ARCHITECTURES = _ARCHITECTURES | {
    "resnet101": ("101-layer ResNets, cut to two blocks at a size", {"network": "resnet101_small"})
}


def _toy(summary, data_set):
    return f"{summary}; gp_weight 0.1 as in the script, 10 in the paper", _TOY | {"dataset": data_set}


def _toy_small(data_set):
    how = f"width 128, {_TOY_SMALL['steps']:,} steps at a rate that falls from 1e-3 to 0, averaging 0.99"
    return f"toy_{data_set} with {how}", _TOY_SMALL | {"dataset": data_set}


def _small(name, values, **changed):
    how = f"width {_MINUTES['width']}, n_critic 2, {_MINUTES['steps']:,} steps at a rate that falls from 5e-4 to 0"
    return f"{name} with {how}, averaging 0.99", values | _MINUTES | changed


_ROLL, _EIGHT, _GRID = "swiss_roll", "8gaussians", "25gaussians"

# in what all of the full size depart from their sources
_AVERAGED = "; samples are of averaged weights (0.999), which the source has not"

# by the heading that `list` shows them under
GROUPS = {
    "of this project": {
        "shapes": (
            "32x32 colour shapes drawn by this project, by their kind, minutes on two cores",
            SHAPES | {"conditional": True},
        ),
        "digits_conditional": ("8x8 digits by their class, minutes on two cores", _DIGITS_BY_CLASS),
    },
    "arrays, minutes on two cores": {
        "signals": ("damped oscillations of random frequency, decay and phase", {"dataset": "signals"} | _SIGNALS),
        "wine": ("a table of 13 features of very different scales", {"dataset": "wine"} | _WINE),
    },
    f"points, after the paper's Fig. 1{_AVERAGED}": {
        "toy_8gaussians": _toy("8 Gaussians on a circle", _EIGHT),
        "toy_25gaussians": _toy("25 Gaussians on a grid", _GRID),
        "toy_swiss_roll": _toy("a Swiss roll", _ROLL),
    },
    f"pictures, after the paper{_AVERAGED}": {
        "mnist": ("28x28 digits (script); tanh on [-1, 1] in place of the script's sigmoid on [0, 1]", _MNIST),
        "cifar10_dcgan": ("32x32 colour, the DCGAN of its Fig. 3 (script)", _CIFAR_DCGAN),
        "cifar10_resnet": ("32x32 colour, the unconditional ResNet of its Table 3 (script)", _CIFAR_RESNET),
        "cifar10_resnet_conditional": (
            "the same by class, the conditional ResNet of its Table 3: an auxiliary classifier in the critic (script)",
            _CIFAR_RESNET_BY_CLASS,
        ),
        "lsun128": (
            "128x128 bedrooms, the ResNet of its Fig. 4 (its authors' repository of experiments)",
            _BEDROOMS | {"network": "resnet128", "image_size": (128, 128), "learning_rate_decay": "linear"},
        ),
    },
    f"64x64 bedrooms, after the paper's script (App. E has beta_1 0.5): a good one, DCGAN, six hard ones{_AVERAGED}": {
        f"lsun64_{name}": (summary, _BEDROOMS | network) for name, (summary, network) in _ARCHITECTURES.items()
    },
    f"faces{_AVERAGED}": {
        "celeb_a": (
            "64x64 faces, the paper's 64x64 DCGAN at its settings; the paper has bedrooms",
            _FACES | _DRAWN_UNIFORM,
        ),
        "zoo_celeb_a": (
            "64x64 faces as a PyTorch zoo trains them: 4x4 kernels, instance normalisation, batch 256",
            _ZOO_FACES,
        ),
    },
    "small versions, minutes on two cores": {
        **{f"toy_{name}_small": _toy_small(name) for name in (_EIGHT, _GRID, _ROLL)},
        "mnist_small": _small("mnist", _MNIST),
        "cifar10_dcgan_small": _small("cifar10_dcgan", _CIFAR_DCGAN),
        "cifar10_resnet_small": _small("cifar10_resnet", _CIFAR_RESNET),
        "celeb_a_small": _small("32x32 celeb_a", _FACES | _DRAWN_UNIFORM, **_SMALL_FACES),
        "zoo_celeb_a_small": _small("32x32 zoo_celeb_a, batch 64,", _ZOO_FACES, **_SMALL_FACES),
        "lsun128_small": ("16x16 shapes, the networks of lsun128, as below", _SHAPES | {"network": "resnet128"}),
    },
    "the 64x64 architectures in minutes on two cores: 16x16 shapes, width 16, n_critic 1, batch 32, 3,000 steps, rates "
    "that fall from 5e-4 (the critic's from 2e-3) to 0, averaging 0.99": {
        f"lsun64_{name}_small": (summary, _SHAPES | network)
        for name, (summary, network) in _SMALL_ARCHITECTURES.items()
    },
}

# names of before
ALIASES = {"mnist_dcgan": "mnist", "celeb_a_dcgan": "celeb_a"}
PRESETS = {name: preset for group in GROUPS.values() for name, preset in group.items()}


def find(name):
    """The {field: value} of a preset.

    Raises:
      UserError: no such name.
    """
    name = ALIASES.get(name, name)
    if name not in PRESETS:
        raise unknown_name("preset", name, [*PRESETS, *ALIASES])
    return PRESETS[name][1]
