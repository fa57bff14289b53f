"""The experiment as a frozen value: what shapes the weights of a run, and nothing else.

Directories, cadences and execution live in `settings`. Ranges are checked here; names (data set, method,
network, preset) are checked by the command line against the tables that hold them.
"""

import dataclasses
import json
import math
import os
import types
import typing

from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.samples import spec as specs

FORMAT = 2  # of config.json: 1 left open what network and data have by themselves
AUGMENTATIONS = ("flip", "translate", "color")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16", "auto")
RANDOMNESS = 2  # which random numbers a seed stands for: 1 were those of format 1


def check_range(name, value, low, high, below=False):
    """Raises a UserError unless low <= value <= high (< high with `below`)."""
    within = low <= value < high if below else low <= value <= high
    if not within or not math.isfinite(value):
        bound = f"below {in_words(high)}" if below else f"at most {in_words(high)}"
        raise UserError(f"{name} must be at least {in_words(low)} and {bound}. Received: {name}={value}")


def in_words(number):
    """A number as people write it: 1,000,000 and not 1e+06, but 1e-12 as it is."""
    return f"{number:,.0f}" if math.isfinite(number) and number == int(number) else f"{number:g}"


def check_choice(name, value, choices):
    """Raises a UserError unless the value is one of the choices."""
    if value not in choices:
        if isinstance(value, str):
            raise unknown_name(name, value, choices)
        raise UserError(f"{name} must be one of {', '.join(map(str, choices))}. Received: {name}={value}")


def parse_size(name, text, besides=""):
    """(height, width) from "64" or "48x80"; `besides` says what else the name may be.

    Raises:
      UserError: `text` is neither.
    """
    sides = str(text).lower().split("x")
    if len(sides) > 2 or not all(side.isascii() and side.isdigit() and len(side) < 7 for side in sides):
        raise UserError(
            f"{name} expects {besides}a size in pixels, such as 64 or 48x80 (height x width). Received: {name}={text}"
        )
    return int(sides[0]), int(sides[-1])


def described(default, group, help, path=False, any_bytes=False):
    """A dataclass field with a flag of its name.

    Args:
      default: of the field.
      group: str, the part of the help that the flag stands in.
      help: str, what the value means.
      path: bool, whether it names a file or a directory.
      any_bytes: bool, whether its path need not be UTF-8.
    """
    metadata = {"group": group, "help": help, "path": path, "any_bytes": any_bytes}
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Data:
    """Which samples, prepared how."""

    dataset: str = described("digits", "data", "name of the data set (see `list`)")
    image_size: tuple[int, int] | None = described(
        None, "data", "height x width in pixels, such as 64 or 48x80; the data set's own size where left out"
    )
    channels: int | None = described(None, "data", "1 grey or 3 colour; the data set's own where left out")
    crop: str = described(
        "center",
        "data",
        'cut before resizing: "none" (the whole picture is stretched), "center" (the largest centred cut of the wanted '
        'aspect ratio), or a centred size in pixels, "178" or "178x178"',
    )
    flip: bool = described(False, "data", "mirror each picture left to right with probability 1/2")
    resize: str = described("bilinear", "data", '"bilinear" or "bicubic", both antialiased')
    dequantize: bool = described(
        False, "data", "add uniform noise of one grey level (Gulrajani et al. 2017, CIFAR-10 script)"
    )
    labels: str = described(
        "none",
        "data",
        'carried with the samples, for networks and methods that use them: "none", "auto" (the data set\'s own), '
        '"folder" (names of folders), or of an array the name of a column or of an array in the .npz file',
    )
    array: str | None = described(None, "data", "name of the array in an .npz file that holds several")
    channels_last: bool | None = described(
        None,
        "data",
        "whether the last axis of an array holds channels (signals [n, length, c], pictures [n, h, w, c], volumes); "
        "true where left out, false for an array without such an axis",
    )
    scale: str | None = described(
        None,
        "data",
        'how an array is brought into the range of the networks, undone in the SavedModel: "standard" (mean 0 and '
        'deviation 1; if left out), "minmax" (samples never leave the range of the data) or "none"',
    )
    scale_axes: str | None = described(
        None,
        "data",
        'what is scaled by itself: each "feature" (a column of vectors, else a channel; if left out), or "all" values '
        "alike",
    )

    def __post_init__(self):
        if self.image_size is not None:
            for side in self.image_size:
                check_range("image_size", side, 4, 2048)
        if self.channels is not None:
            check_choice("channels", self.channels, (1, 3))
        if self.crop not in ("none", "center"):
            for side in parse_size("crop", self.crop, besides="center, none or "):
                check_range("crop", side, 1, 65536)
        check_choice("resize", self.resize, ("bilinear", "bicubic"))
        if self.scale is not None:
            check_choice("scale", self.scale, ("standard", "minmax", "none"))
        if self.scale_axes is not None:
            check_choice("scale_axes", self.scale_axes, ("feature", "all"))


@dataclasses.dataclass(frozen=True)
class Model:
    """Which method trains which networks."""

    method: str = described("wgan-gp", "model", "name of the method (see `list`)")
    network: str = described(
        "dcgan", "model", 'name of the pair of networks (see `list`), or "module:function" of one\'s own'
    )
    width: int | None = described(
        None,
        "model",
        "number of units (mlp) or of channels where the picture is largest (convolutions); the network's own where "
        "left out",
    )
    latent_dim: int = described(128, "model", "length of a latent vector")
    generator_normalization: str | None = described(
        None, "model", '"none", "layer", "instance" or "batch"; the network\'s own where left out'
    )
    critic_normalization: str | None = described(
        None, "model", 'the same for the critic; a penalised critic refuses "batch"'
    )
    initializer: str | None = described(
        None,
        "model",
        'how weights are drawn before training: "paper" (as its scripts do), "glorot", "he", "normal" (N(0, 0.02), as '
        "in DCGAN) or \"uniform\" (of deviation 0.02, as in the paper's 64x64 DCGAN); the network's own where left out",
    )

    conditional: bool = described(
        False, "model", "tell both networks the class of each sample (implies --labels=auto); for data with labels"
    )
    critic_condition: str | None = described(
        None,
        "model",
        'how a conditional critic uses the class: "projection" (Miyato and Koyama 2018; if left out) or "classifier" '
        "(a guess of the class beside the score, AC-GAN, as in the paper)",
    )

    def __post_init__(self):
        if self.width is not None:
            check_range("width", self.width, 1, 8192)
        check_range("latent_dim", self.latent_dim, 1, 65536)
        for name in ("generator_normalization", "critic_normalization"):
            if getattr(self, name) is not None:
                check_choice(name, getattr(self, name), ("none", "layer", "instance", "batch"))
        if self.initializer is not None:
            check_choice("initializer", self.initializer, ("paper", "glorot", "he", "normal", "uniform"))
        if self.critic_condition is not None:
            check_choice("critic_condition", self.critic_condition, ("projection", "classifier"))


@dataclasses.dataclass(frozen=True)
class Optimization:
    """How the networks are trained; the defaults are the paper's (Gulrajani et al. 2017, Algorithm 1)."""

    n_critic: int = described(5, "optimization", "critic updates per generator update")
    gp_weight: float = described(
        10.0,
        "optimization",
        "weight of the gradient penalty (lambda in the paper); in r1 and r3gan the factor before the mean (gamma/2)",
    )
    gp_interval: int = described(
        1,
        "optimization",
        "critic updates from one with a gradient penalty to the next, which weighs as many times more; divides "
        "n_critic or is a multiple of it",
    )
    gp_batch_fraction: float = described(
        1.0, "optimization", "share of a critic update's samples that the gradient penalty is taken of"
    )
    clip_value: float = described(0.01, "optimization", "bound on each critic weight where the method clips")
    optimizer: str = described("adam", "optimization", '"adam", "rmsprop" or "sgd"')
    learning_rate: float = described(
        1e-4, "optimization", "of the generator, and of the critic where it has none of its own"
    )
    critic_learning_rate: float | None = described(None, "optimization", "of the critic; learning_rate where left out")
    beta_1: float = described(0.0, "optimization", "Adam's decay of the first moment")
    beta_2: float = described(0.9, "optimization", "Adam's decay of the second moment")
    learning_rate_decay: str = described("none", "optimization", '"none" or "linear" (to zero at the last step)')
    batch_size: int = described(64, "optimization", "real samples per critic update, over all replicas")
    generator_batch_size: int | None = described(
        None, "optimization", "samples per generator update, over all replicas; as batch_size where left out"
    )
    augment: str = described(
        "none",
        "optimization",
        'how pictures are changed before the critic sees them, real and generated alike, for small data: "flip", '
        '"translate", "color", several with commas between them, or "none" (Zhao et al. 2020)',
    )
    init_from: str | None = described(
        None,
        "optimization",
        "a run directory whose trained networks a new run begins with, as far as names and shapes of weights fit",
        path=True,
    )
    steps: int = described(100_000, "optimization", "generator updates of the whole run")
    ema_decay: float = described(
        0.999, "optimization", "decay of the averaged generator weights; 0 turns averaging off"
    )
    precision: str = described(
        "float32",
        "execution",
        'what the networks compute in: "float32", "mixed_bfloat16", "mixed_float16", or "auto" (by a table of devices: '
        "half precision where the device computes in it faster)",
    )
    accumulate: int = described(
        1,
        "execution",
        "parts that an update's samples are cut into, one after the other through the networks: less memory, the same "
        "update but for batch normalization in a network",
    )
    sync_batch_norm: bool = described(
        False, "execution", "batch normalization over the samples of all replicas instead of each replica's own"
    )

    def __post_init__(self):
        check_range("n_critic", self.n_critic, 1, 100)
        check_range("gp_weight", self.gp_weight, 0, 1e6)
        check_range("gp_interval", self.gp_interval, 1, 1000)
        check_range("gp_batch_fraction", self.gp_batch_fraction, 1e-6, 1)
        check_range("clip_value", self.clip_value, 1e-8, 1e3)
        check_choice("optimizer", self.optimizer, ("adam", "rmsprop", "sgd"))
        check_range("learning_rate", self.learning_rate, 1e-12, 10)
        if self.critic_learning_rate is not None:
            check_range("critic_learning_rate", self.critic_learning_rate, 1e-12, 10)
        for name in ("beta_1", "beta_2", "ema_decay"):
            check_range(name, getattr(self, name), 0, 1, below=True)
        check_choice("learning_rate_decay", self.learning_rate_decay, ("none", "linear"))
        check_range("batch_size", self.batch_size, 1, 65536)
        if self.generator_batch_size is not None:
            check_range("generator_batch_size", self.generator_batch_size, 1, 65536)
        if self.init_from is not None:
            object.__setattr__(self, "init_from", os.path.normpath(self.init_from))
        object.__setattr__(self, "augment", _augment(self.augment))
        check_range("steps", self.steps, 1, 1_000_000_000)
        check_choice("precision", self.precision, PRECISIONS)
        check_range("accumulate", self.accumulate, 1, 65536)
        for name in ("batch_size", "generator_batch_size"):
            size = getattr(self, name)
            if size is not None and size % self.accumulate:
                raise UserError(
                    f"{name} must be a multiple of accumulate. Received: {name}={size}, accumulate={self.accumulate}"
                )
        self.check_penalised(self.accumulate, f"{self.accumulate} parts")

    def check_penalised(self, pieces, in_words):
        """Raises a UserError unless the penalty is taken of as many samples of each of so many pieces of a batch."""
        taken = max(1, round(self.gp_batch_fraction * self.batch_size))  # as `gan.objective` counts
        if taken % pieces:
            raise UserError(
                f"gp_batch_fraction must take as many samples of each of the {in_words}. Received: "
                f"gp_batch_fraction={self.gp_batch_fraction:g}, which takes {taken} of batch_size={self.batch_size}"
            )

    @property
    def augmentations(self):
        """The names in `augment`, a tuple."""
        return () if self.augment == "none" else tuple(self.augment.split(","))


def _augment(text):
    """The names in the text of `augment`, in their order: the same kinds are one config."""
    names = text.split(",")
    for name in names:
        check_choice("augment", name, AUGMENTATIONS if len(names) > 1 else ("none", *AUGMENTATIONS))
    if len(set(names)) < len(names):
        raise UserError(f"augment expects each name once. Received: augment={text}")
    return ",".join(name for name in ("none", *AUGMENTATIONS) if name in names)


@dataclasses.dataclass(frozen=True)
class Config:
    """One experiment.

    Attributes:
      seed: of every random draw of the run.
      data, model, optimization: the sections.
      samples: `samples.spec.Spec` of what the data turned out to be; None where nobody has looked.
      randomness: version of the random numbers that the seed stands for.
    """

    seed: int = described(0, "run", "of every random draw of the run")
    data: Data = Data()
    model: Model = Model()
    optimization: Optimization = Optimization()
    samples: specs.Spec | None = None
    randomness: int = RANDOMNESS

    def __post_init__(self):
        check_range("seed", self.seed, 0, 2**31 - 1)

    def to_tree(self):
        """The config as JSON holds it."""
        sections = {name: dataclasses.asdict(getattr(self, name)) for name in SECTIONS}
        samples = {} if self.samples is None else {"samples": self.samples.to_values()}
        return {"format": FORMAT, "randomness": self.randomness, "seed": self.seed, **sections, **samples}

    def to_json(self):
        return json.dumps(self.to_tree(), indent=2) + "\n"


SECTIONS = {"data": Data, "model": Model, "optimization": Optimization}
_SECTION_OF = {field.name: name for name, kind in SECTIONS.items() for field in dataclasses.fields(kind)}


def from_values(values):
    """A Config from {field: value}, whatever the section; fields left out take their default.

    Raises:
      UserError: a field is unknown, of the wrong type or out of range.
    """
    parts = {name: {} for name in SECTIONS}
    for field, value in values.items():
        if field not in _SECTION_OF and field != "seed":
            raise unknown_name("config key", field, [*_SECTION_OF, "seed"])
        kind = Config if field == "seed" else SECTIONS[_SECTION_OF[field]]
        value = _typed(field, value, typing.get_type_hints(kind)[field])
        if field == "seed":
            parts[field] = value
        else:
            parts[_SECTION_OF[field]][field] = value
    seed = {"seed": parts.pop("seed")} if "seed" in parts else {}
    return Config(**seed, **{name: SECTIONS[name](**fields) for name, fields in parts.items()})


def to_values(config):
    """The inverse of `from_values`: {field: value} over all sections."""
    values = {"seed": config.seed}
    for name in SECTIONS:
        values |= dataclasses.asdict(getattr(config, name))
    return values


def with_steps(config, steps):
    """A Config of another length."""
    return dataclasses.replace(config, optimization=dataclasses.replace(config.optimization, steps=steps))


def with_precision(config, precision):
    """A Config of another precision."""
    return dataclasses.replace(config, optimization=dataclasses.replace(config.optimization, precision=precision))


def _typed(name, value, expected):
    """`value` as the type `expected` of a field; ints pass as floats, lists and "48x80" as sizes."""
    if isinstance(expected, types.UnionType):
        if value is None:
            return None
        expected = typing.get_args(expected)[0]
    if typing.get_origin(expected) is tuple:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return parse_size(name, value)
        if isinstance(value, (list, tuple)) and len(value) == 2 and all(type(side) is int for side in value):
            return tuple(value)
        raise UserError(f"{name} expects a size such as 64 or 48x80. Received: {name}={value!r}")
    if expected is float and type(value) is int and abs(value) < 2**1000:
        value = float(value)
    if type(value) is not expected:
        raise UserError(f"{name} expects {_A[expected]}. Received: {name}={value!r}")
    return value


_A = {int: "an integer", float: "a number", str: "a string", bool: "true or false"}
