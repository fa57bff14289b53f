"""What a sample is: a frozen value without TensorFlow, kept in a run's config and in the card of an export."""

import dataclasses
import math

KINDS = ("images", "points", "arrays")
# how samples are stored, and so what the networks' float32 stands for
ENCODINGS = ("uint8", "dequantized", "float32")
_OUTPUTS = {"images": "images", "points": "points", "arrays": "samples"}
_DRAWN = {"images": 64, "points": 1024, "arrays": 64}


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
      shape: of one sample.
      classes: names of the labels, in their order; () for samples without labels.
      encoding: "uint8" (levels 0 … 255 for −1 … 1), "dequantized" (the same, uniform noise of one level added) or
        "float32" (the networks' own values, or `scale` apart from them).
      scale: `Scale` of float32 samples, or None.
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    encoding: str = "float32"
    scale: Scale | None = None

    def __post_init__(self):
        for name, value, known in (("kind", self.kind, KINDS), ("encoding", self.encoding, ENCODINGS)):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}. Received: {name}={value!r}")
        object.__setattr__(self, "shape", tuple(int(side) for side in self.shape))
        object.__setattr__(self, "classes", tuple(self.classes))
        if not self.shape or min(self.shape) < 1:
            raise ValueError(f"shape must have at least one axis, none of them empty. Received: shape={self.shape}")
        if self.scale is not None and self.encoding != "float32":
            raise ValueError(f"Only float32 samples have a scale. Received: encoding={self.encoding!r}")

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
        return _DRAWN[self.kind]

    @property
    def drawable(self):
        """Whether there is a way to draw the samples."""
        return self.kind == "points" or (self.kind == "images" and self.shape[-1] in (1, 3))

    def to_values(self):
        """The spec as JSON holds it; `from_values` is the inverse."""
        values = dataclasses.asdict(self)
        return values | {"shape": list(self.shape), "classes": list(self.classes)}


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
