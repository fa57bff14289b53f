"""What a sample is, through JSON and back."""

import dataclasses
import json

import pytest

from wgangp_tf.samples import spec as specs
from wgangp_tf.samples.spec import Scale, Spec, of_pictures, of_shape

SPECS = [
    of_pictures((8, 8, 1), "0123456789"),
    of_pictures((48, 80, 3), dequantized=True),
    Spec("points", (2,), ["mode 0"]),
    Spec("arrays", (5,), scale=Scale((1.0,) * 5, (0.5,) * 5, (5,))),
    Spec("arrays", (16, 2), scale=Scale((3.0,), (0.0,))),
    Spec("arrays", (16, 7, 1), reach=0.95, channel_axis=False),
    Spec("arrays", (2,), features=["mass", "age"]),
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_survives_json(spec):
    assert specs.from_values(json.loads(json.dumps(spec.to_values()))) == spec
    hash(spec)


@pytest.mark.parametrize(
    "shape, kind, dtype, output, drawn, drawable",
    [
        ((8, 8, 1), "images", "uint8", "images", 64, True),
        ((7, 5, 3), "images", "uint8", "images", 64, True),
        ((2,), "points", "float32", "points", 1024, True),
        ((3,), "arrays", "float32", "samples", 1024, True),
        ((9, 2), "arrays", "float32", "samples", 16, True),
        ((4, 4, 2), "arrays", "float32", "samples", 24, True),
        ((4, 4, 4, 1), "arrays", "float32", "samples", 6, True),
        ((2, 2, 2, 2, 2), "arrays", "float32", "samples", 0, False),
    ],
)
def test_what_is_made_of_a_shape(shape, kind, dtype, output, drawn, drawable):
    spec = of_shape(shape)
    assert (spec.kind, spec.dtype, spec.output, spec.drawn, spec.drawable) == (kind, dtype, output, drawn, drawable)


def test_what_only_arrays_have_is_not_written_of_others():
    assert not {"reach", "channel_axis", "features"} & set(SPECS[0].to_values())
    assert SPECS[-1].to_values()["features"] == ["mass", "age"]


def test_a_field_more_hides_none_of_the_others():
    @dataclasses.dataclass(frozen=True)
    class More(specs.Spec):
        last: int = 0

    values = More("images", (8, 8, 1), encoding="uint8").to_values()
    assert values["last"] == 0 and not {"reach", "channel_axis", "features"} & set(values)


@pytest.mark.parametrize(
    "spec, stored, bounded",
    [
        (of_pictures((8, 8, 1)), (8, 8, 1), True),
        (of_pictures((8, 8, 1), dequantized=True), (8, 8, 1), True),
        (Spec("points", (2,)), (2,), False),
        (Spec("arrays", (16, 7, 1)), (16, 7, 1), False),
        (Spec("arrays", (16, 7, 1), reach=0.5, channel_axis=False), (16, 7), True),
    ],
)
def test_what_is_stored_and_what_is_bounded(spec, stored, bounded):
    assert (spec.stored_shape, spec.bounded) == (stored, bounded)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Spec("image", (2,)), "kind must be one of images, points, arrays. Received: kind='image'"),
        (lambda: Spec("points", (2,), encoding="int8"), "encoding must be one of .* Received: encoding='int8'"),
        (lambda: Spec("arrays", ()), r"at least one axis, none of them empty. Received: shape=\(\)"),
        (lambda: Spec("arrays", (3, 0)), r"Received: shape=\(3, 0\)"),
        (lambda: Spec("images", (8, 8, 1), encoding="uint8", scale=Scale((1.0,), (0.0,))), "Only float32 samples"),
        (
            lambda: Scale((1.0, 2.0), (0.0,), (2,)),
            r"Expected 2 factors and offsets .* Received: 2 and 1",
        ),
        (
            lambda: Spec("arrays", (2,), reach=1.0),
            "reach is of float32 samples, and between 0 and 1. Received: reach=1",
        ),
        (lambda: Spec("images", (8, 8, 1), encoding="uint8", reach=0.5), "reach is of float32 samples"),
        (lambda: Spec("arrays", (4, 2), channel_axis=False), r"has 1 channel, beside others. Received: shape=\(4, 2\)"),
        (lambda: Spec("arrays", (1,), channel_axis=False), r"has 1 channel, beside others. Received: shape=\(1,\)"),
        (lambda: Spec("arrays", (4, 2), features=["a"]), "names for all 2 features. Received: 1 names"),
        (lambda: Scale((0.0,), (0.0,)), "no factor of 0"),
        (lambda: Scale((float("nan"),), (0.0,)), "finite factors"),
        (lambda: specs.from_values({"kind": "points"}), "Expected a spec of samples"),
        (lambda: specs.from_values({"kind": "points", "shape": [2], "color": 1}), "Expected a spec of samples"),
    ],
)
def test_nonsense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
