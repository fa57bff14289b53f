"""The table of networks. A new pair is a file in this folder and a row here; Keras is imported when one is built."""

import dataclasses
import importlib
import math
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from wgangp_tf.errors import UserError, either, unknown_name

_MOST_PARAMETERS = 10**9  # more is a slip of the hand: it would take tens of gigabytes to train


# what samples are called by their axes
_WORDS = {
    1: "vectors",
    2: "signals [length, channels]",
    3: "images [height, width, channels]",
    4: "volumes [depth, height, width, channels]",
}
_OF_MAPS = ("none", "layer", "instance", "batch")
_OF_VECTORS = ("none", "layer", "batch")  # a channel of theirs is one number, which has no statistics


@dataclasses.dataclass(frozen=True)
class Row:
    """A pair of networks by name.

    Attributes:
      module: file of this folder with `build(spec, *, latent_dim, width, generator_normalization,
        critic_normalization, initializer, **options) -> (generator, critic)`; one that takes classes gets a
        `by_class.Condition` as `condition` where they are asked for.
      summary: one line for `list`.
      width: where none is asked for.
      parameters: (sample shape, width) -> about how many a network has.
      options: what else its `build` is called with.
      ranks: how many axes a sample may have, its channels one of them; None for any number.
      smallest: least length of each axis but the channels.
      bounded: whether all samples end in tanh, so that they must lie in [−1, 1]; else those that have no such bounds
        end as they are.
      by_class: key of `by_class.GENERATORS`, how the generator takes a class in; "" where the pair can take none.
      generator_normalization, critic_normalization, initializer: where none is asked for.
      generator_normalizations, critic_normalizations: what may be asked for.
      narrow_up_to: up to this width a step on two cores is no slower, and mostly faster, where each operation has one
        thread and two go at a time; measured, see "Threads" in benchmarks/README.md.
    """

    module: str
    summary: str
    width: int
    parameters: Callable[[tuple[int, ...], int], int]
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    ranks: tuple[int, ...] | None = (3,)
    smallest: int = 7
    bounded: bool = True
    by_class: str = ""
    generator_normalization: str = "batch"
    critic_normalization: str = "layer"
    initializer: str = "paper"
    generator_normalizations: tuple[str, ...] = _OF_MAPS
    critic_normalizations: tuple[str, ...] = _OF_MAPS
    narrow_up_to: int = 24


def _of_convolutions(kernel, widest, count=2):
    """About how many parameters `count` convolutions have whose maps are `widest` times the width."""
    return lambda shape, width: count * kernel ** max(len(shape) - 1, 1) * (widest * width) ** 2


def _of_mlp(depth):
    return {
        "module": "mlp",
        "width": 512,
        "parameters": lambda shape, width: width * (math.prod(shape) + (depth - 1) * width),
        "options": {"depth": depth},
        "ranks": None,
        "smallest": 1,
        "bounded": False,
        "by_class": "embedding",
        "critic_normalization": "none",
        "generator_normalizations": _OF_VECTORS,
        "critic_normalizations": _OF_VECTORS,
        "narrow_up_to": 256,
    }


def _of_dcgan(**options):
    return {
        "module": "dcgan",
        "width": 64,
        "parameters": _of_convolutions(5, 8, 1),
        "options": options,
        "ranks": (1, 2, 3, 4),
        "smallest": 1,
        "bounded": False,
        "by_class": "embedding",
    }


NETWORKS = {
    "mlp": Row(summary="three dense layers; vectors, points, small samples of any number of axes", **_of_mlp(3)),
    "mlp12": Row(
        summary="twelve dense layers: a critic deep enough for gradients to explode or vanish (paper, Fig. 1)",
        generator_normalization="none",
        **_of_mlp(12),
    ),
    "dcgan": Row(
        summary="strided convolutions; signals, images, volumes of any size and channels; vectors too",
        **_of_dcgan(),
    ),
    "zoo_dcgan": Row(
        summary="DCGAN as in PyTorch zoos: 4x4 convolutions without biases, instance normalisation in both",
        generator_normalization="instance",
        critic_normalization="instance",
        initializer="normal",
        **_of_dcgan(kernel=4, bias=False),
    ),
    "resnet": Row(
        module="resnet",
        by_class="normalization",
        summary="residual blocks, for images of any height, width and channels; no stripes",
        width=32,
        parameters=_of_convolutions(3, 8),
    ),
    "resnet_modern": Row(
        module="resnet_modern",
        summary="the same without normalisation: grouped convolutions, smooth resampling (after R3GAN)",
        width=32,
        parameters=_of_convolutions(3, 8),
        generator_normalization="none",
        critic_normalization="none",
        initializer="he",
        generator_normalizations=("none",),
        critic_normalizations=("none",),
    ),
    "coordinates": Row(
        module="coordinates",
        by_class="embedding",
        summary="each pixel from its place, against DCGAN's critic: sharp edges, no stripes; for shapes and icons",
        width=24,
        parameters=_of_convolutions(4, 8, 1),
        generator_normalization="none",
        generator_normalizations=("none",),
    ),
    "cifar10_resnet": Row(
        module="cifar10_resnet",
        by_class="normalization",
        summary="the paper's ResNet for CIFAR-10, 32x32: one width everywhere",
        width=128,
        parameters=_of_convolutions(3, 1, 8),
        critic_normalization="none",
    ),
    "resnet64": Row(
        module="resnet64",
        by_class="normalization",
        summary="the paper's ResNet for 64x64",
        width=64,
        parameters=_of_convolutions(3, 8),
    ),
    "resnet128": Row(
        module="resnet128",
        summary="its authors' ResNet for 128x128",
        width=64,
        parameters=_of_convolutions(3, 16, 5),
    ),
    "constant_filters": Row(
        summary="hard: a DCGAN generator as narrow everywhere as at its end, not normalised",
        generator_normalization="none",
        **_of_dcgan(constant=True),
    ),
    "mlp_generator": Row(
        module="mlp_generator",
        by_class="embedding",
        summary="hard: a generator of four dense layers against DCGAN's critic",
        width=64,
        parameters=lambda shape, width: 8 * width * (math.prod(shape) + 3 * 8 * width),
        generator_normalization="none",
        generator_normalizations=_OF_VECTORS,
    ),
    "gated": Row(summary="hard: DCGAN with gates, sigmoid(a) tanh(b), for ReLUs", **_of_dcgan(nonlinearity="gated")),
    "tanh": Row(summary="hard: DCGAN with tanh for ReLUs", initializer="uniform", **_of_dcgan(nonlinearity="tanh")),
    "resnet101": Row(
        module="resnet101",
        summary="hard: 101-layer ResNets; minutes until the first step",
        width=64,
        parameters=_of_convolutions(3, 8),
        options={"blocks": 6},
    ),
    "resnet101_small": Row(
        module="resnet101",
        summary="hard: the same with two blocks at each size instead of six",
        width=64,
        parameters=_of_convolutions(3, 8),
        options={"blocks": 2},
    ),
}


def find(name):
    """The row of a pair, or None for a "module:function" of the user's own.

    Raises:
      UserError: no such name.
    """
    if ":" in name:
        return None
    if name not in NETWORKS:
        raise unknown_name("network", name, NETWORKS)
    return NETWORKS[name]


def check(model, spec):
    """Raises a UserError if the network `model` (a `config.Model`) names cannot make samples of this `Spec`."""
    row = find(model.network)
    if row is None:
        return
    if model.conditional and not row.by_class:
        able = ", ".join(name for name, row in NETWORKS.items() if row.by_class)
        raise UserError(
            f"network {model.network!r} takes no classes; {able} do, and --conditional=false goes without. "
            "Received: conditional=True"
        )
    sample_shape, shape = spec.shape, "x".join(map(str, spec.shape))
    if not takes(row, len(sample_shape)):
        words = either([_WORDS[rank] for rank in row.ranks], "and")
        others = [name for name in ("dcgan", "mlp") if takes(NETWORKS[name], len(sample_shape))]
        raise UserError(
            f"network {model.network!r} makes {words}. Received: samples of shape {shape}; "
            f"try --network={' or --network='.join(others)}"
        )
    if min(sample_shape[:-1], default=row.smallest) < row.smallest:
        raise UserError(
            f"network {model.network!r} makes images of at least {row.smallest}x{row.smallest} pixels. "
            f"Received: {shape}; try --network=dcgan or --network=mlp"
        )
    if row.bounded and not spec.bounded:
        raise UserError(
            f"network {model.network!r} ends in tanh and makes values of [-1, 1]. Received: samples without bounds; "
            "try --scale=minmax, or --network=dcgan or --network=mlp"
        )
    width = model.width or row.width
    if row.parameters(sample_shape, width) > _MOST_PARAMETERS:
        raise UserError(
            f"network {model.network!r} must have at most {_MOST_PARAMETERS:.0e} parameters. Received: about "
            f"{row.parameters(sample_shape, width):.0e} with width={width} and samples of shape {shape}"
        )
    for role in ("generator_normalization", "critic_normalization"):
        asked, allowed = getattr(model, role), getattr(row, role + "s")
        if asked is not None and asked not in allowed:
            raise UserError(f"{role} of network {model.network!r} must be {either(allowed)}. Received: {role}={asked}")


def takes(row, rank):
    """Whether a network makes samples of so many axes, channels included."""
    return row.ranks is None or rank in row.ranks


def narrow(model):
    """Whether the networks a `config.Model` names are narrow, see `Row`; those of one's own count as wide."""
    row = find(model.network)
    return row is not None and (model.width or row.width) <= row.narrow_up_to


def complete(model):
    """A `config.Model` with what its networks have by themselves written out; networks of one's own have nothing."""
    row = find(model.network)
    if row is None:
        return model
    fields = ("width", "generator_normalization", "critic_normalization", "initializer")
    own = {name: getattr(row, name) for name in fields}
    if model.conditional:
        own["critic_condition"] = "projection"
    return dataclasses.replace(model, **{name: value for name, value in own.items() if getattr(model, name) is None})


def check_no_code(named, asked_for, path):
    """Raises a UserError if a file names a "module:function" that the user did not: reading a file must run no code.

    Args:
      named: network in the file, or None.
      asked_for: network the user gave, or None.
      path: of the file.
    """
    if isinstance(named, str) and ":" in named and asked_for is None:
        raise UserError(
            f"{path!r} names code of yours as its network, which only the command line may: add --network={named}"
        )


def build(model, spec):
    """The networks a `config.Model` names, built for samples of a `Spec`.

    Args:
      model: `config.Model`.
      spec: `samples.spec.Spec`.

    Returns:
      (generator, critic), built Keras models: float32 [n, latent_dim] -> [n, *sample], and [n, *sample] -> [n, 1];
      with classes each takes their labels too, see `by_class`.

    Raises:
      UserError: no such network, or one that cannot make these samples.
    """
    check(model, spec)
    row = find(model.network)
    if model.conditional:
        check_classes(spec)
    if row is None:
        return _own(model, spec)
    module = importlib.import_module(f"wgangp_tf.networks.{row.module}")
    model = complete(model)
    options = dict(row.options)
    if model.conditional:
        from wgangp_tf.networks.by_class import Condition

        options["condition"] = Condition(len(spec.classes), row.by_class, model.critic_condition)
    return module.build(
        spec,
        latent_dim=model.latent_dim,
        width=model.width,
        generator_normalization=model.generator_normalization,
        critic_normalization=model.critic_normalization,
        initializer=model.initializer,
        **options,
    )


def check_classes(spec):
    """Raises a UserError if samples of this `Spec` have no classes to tell apart."""
    if len(spec.classes) < 2:
        received = f"one class, {spec.classes[0]!r}" if spec.classes else "samples without labels"
        raise UserError(f"conditional expects samples of at least two classes. Received: {received}")


def _own(model, spec):
    """Networks by "module:function", a function(sample_shape, latent_dim=…, width=…) -> (generator, critic).

    It gets `classes`, how many there are, where they are to take them.
    """
    module_name, _, function_name = model.network.partition(":")
    if os.sep in module_name or module_name.endswith(".py"):
        stem = os.path.basename(module_name).removesuffix(".py")
        folder = os.path.dirname(module_name)
        where = f" in folder {folder!r}, or with that in PYTHONPATH" if folder not in ("", ".") else ""
        raise UserError(
            "--network expects module:function, a name as Python imports it and no path: "
            f"--network={stem}:{function_name}{where}. Received: {model.network!r}"
        )
    if "" not in sys.path:
        sys.path.insert(0, "")  # modules beside the user, as with `python`
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except Exception as error:  # of whatever the module does
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(
            f"--network expects module:function that Python can import. Received: {model.network!r} ({reason})"
        ) from error
    if not callable(function):
        raise UserError(f"{model.network} must be a function. Received: {type(function).__name__}")
    try:
        classes = {"classes": len(spec.classes)} if model.conditional else {}
        networks = function(spec.shape, latent_dim=model.latent_dim, width=model.width, **classes)
    except Exception as error:
        raise UserError(f"{model.network} raised {type(error).__name__}: {_line(error)}") from error
    if not (isinstance(networks, tuple) and len(networks) == 2):
        raise UserError(f"{model.network} must return (generator, critic). Received: {type(networks).__name__}")
    return networks


def _line(error):
    return str(error).strip().partition("\n")[0]
