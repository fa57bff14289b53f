"""What a sample is: a frozen value without TensorFlow, kept in a run's config and in the card of an export."""

import dataclasses
import math

KINDS = ("images", "points", "arrays")
# how samples are stored, and so what the networks' float32 stands for
ENCODINGS = ("uint8", "dequantized", "float32")
_OF_ARRAYS = ("reach", "channel_axis", "features")  # fields of a Spec that other samples leave as they are
_OUTPUTS = {"images": "images", "points": "points", "arrays": "samples"}
_DRAWN = {"images": 64, "points": 1024}
_DRAWN_OF_AXES = {1: 1024, 2: 16, 3: 24, 4: 6}  # arrays: features as distributions, signals, pictures, volumes


@dataclasses.dataclass(frozen=True)
class Scale:
    """Units of the data = factor × value of the networks + offset, element by element.

    Attributes:
      factor, offset: tuples of floats, one for each element that `shape` has.
      shape: of both; broadcasts to that of a sample: (features,) for one number a feature, () for one over all.
    """

    factor: tuple[float, ...]
    offset: tuple[float, ...]
    shape: tuple[int, ...] = ()

    def __post_init__(self):
        count = math.prod(self.shape)
        if not len(self.factor) == len(self.offset) == count:
            raise ValueError(
                f"Expected {count} factors and offsets for shape {self.shape}. "
                f"Received: {len(self.factor)} and {len(self.offset)}"
            )
        if not all(math.isfinite(value) for value in (*self.factor, *self.offset)) or 0.0 in self.factor:
            raise ValueError("Expected finite factors and offsets, and no factor of 0.")


@dataclasses.dataclass(frozen=True)
class Spec:
    """What a sample is.

    Attributes:
      kind: "images" ([height, width, channels]), "points" (of the plane) or "arrays".
      shape: of one sample, as the networks see it.
      classes: names of the labels, in their order; () for samples without labels.
      class_frequencies: share of each class among the training samples, summing to 1; () where it is not known.
      encoding: "uint8" (levels 0 … 255 for −1 … 1), "dequantized" (the same, uniform noise of one level added) or
        "float32" (the networks' own values, or `scale` apart from them).
      scale: `Scale` of float32 samples, or None.
      reach: below 1, where float32 samples lie within ±reach as the networks see them: the generator ends in tanh, and
        what it makes beyond is cut there; None where nothing bounds them.
      channel_axis: whether the last axis is there outside the networks; if not it is of 1 channel, which the `Codec`
        adds and takes away.
      features: names of the entries of a stored sample's last axis, () where they have none.
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    encoding: str = "float32"
    scale: Scale | None = None
    class_frequencies: tuple[float, ...] = ()
    reach: float | None = None
    channel_axis: bool = True
    features: tuple[str, ...] = ()

    def __post_init__(self):
        for name, value, known in (("kind", self.kind, KINDS), ("encoding", self.encoding, ENCODINGS)):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}. Received: {name}={value!r}")
        object.__setattr__(self, "shape", tuple(int(side) for side in self.shape))
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "class_frequencies", tuple(map(float, self.class_frequencies)))
        if self.class_frequencies and len(self.class_frequencies) != len(self.classes):
            raise ValueError(
                f"class_frequencies must be one a class, {len(self.classes)}. Received: {len(self.class_frequencies)}"
            )
        if not self.shape or min(self.shape) < 1:
            raise ValueError(f"shape must have at least one axis, none of them empty. Received: shape={self.shape}")
        if self.scale is not None and self.encoding != "float32":
            raise ValueError(f"Only float32 samples have a scale. Received: encoding={self.encoding!r}")
        object.__setattr__(self, "features", tuple(self.features))
        self._check_outside()

    def _check_outside(self):
        if self.reach is not None and (self.encoding != "float32" or not 0 < self.reach < 1):
            raise ValueError(f"reach is of float32 samples, and between 0 and 1. Received: reach={self.reach}")
        if not self.channel_axis and (len(self.shape) < 2 or self.shape[-1] != 1):
            raise ValueError(f"An axis that is added has 1 channel, beside others. Received: shape={self.shape}")
        if self.features and len(self.features) != self.stored_shape[-1]:
            raise ValueError(
                f"Expected names for all {self.stored_shape[-1]} features. Received: {len(self.features)} names"
            )

    @property
    def stored_shape(self):
        """Of one sample as it is stored, and given to a user."""
        return self.shape if self.channel_axis else self.shape[:-1]

    @property
    def bounded(self):
        """Whether the networks' values lie in [−1, 1], so that a generator ends in tanh."""
        return self.encoding != "float32" or self.reach is not None

    @property
    def dtype(self):
        """Name of the type that samples are stored and given to a user in."""
        return "float32" if self.encoding == "float32" else "uint8"

    @property
    def output(self):
        """What an export calls its samples."""
        return _OUTPUTS[self.kind]

    @property
    def drawn(self):
        """How many samples a picture shows."""
        return _DRAWN.get(self.kind) or _DRAWN_OF_AXES.get(len(self.shape), 0)

    @property
    def drawable(self):
        """Whether there is a way to draw the samples."""
        if self.kind == "images":
            return self.shape[-1] in (1, 3)
        return self.kind == "points" or len(self.shape) in _DRAWN_OF_AXES

    def to_values(self):
        """The spec as JSON holds it, without what only arrays have where it is not theirs; see `from_values`."""
        values = dataclasses.asdict(self)
        plain = {field.name: field.default for field in dataclasses.fields(self) if field.name in _OF_ARRAYS}
        values = {name: value for name, value in values.items() if name not in plain or value != plain[name]}
        return values | {
            name: list(values[name]) for name in ("shape", "classes", "class_frequencies", "features") if name in values
        }


def from_values(values):
    """The Spec that `Spec.to_values` wrote.

    Raises:
      ValueError: it did not.
    """
    try:
        values = dict(values)
        scale = values.get("scale")
        if scale is not None:
            values["scale"] = Scale(**{name: tuple(value) for name, value in scale.items()})
        return Spec(**values)
    except TypeError as error:
        raise ValueError(f"Expected a spec of samples. Received: {values!r}") from error


def of_shape(shape):
    """The Spec of samples of which nothing but the shape is known: pictures where they can be, points, else arrays."""
    shape = tuple(shape)
    if len(shape) == 3 and shape[-1] in (1, 3):
        return Spec("images", shape, encoding="uint8")
    return Spec("points" if shape == (2,) else "arrays", shape)


def of_pictures(shape, classes=(), dequantized=False):
    """The Spec of uint8 pictures [height, width, channels]."""
    return Spec("images", shape, classes, "dequantized" if dequantized else "uint8")
