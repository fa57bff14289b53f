import dataclasses

import pytest

from wgangp_tf import config
from wgangp_tf.commands.flags import Flag, of


@dataclasses.dataclass(frozen=True)
class _Fields:
    count: int = config.described(3, "some", "how many")
    rate: float | None = config.described(None, "some", "how fast")
    size: tuple[int, int] | None = config.described(None, "other", "how large")
    place: str = config.described("here", "other", "where", path=True)
    really: bool = config.described(False, "other", "whether")
    nothing_to_ask: int = 7


def test_the_fields_of_a_dataclass_as_flags():
    assert of(_Fields) == (
        Flag("count", int, "some", "how many", 3),
        Flag("rate", float, "some", "how fast"),
        Flag("size", str, "other", "how large"),
        Flag("place", str, "other", "where", "here", path=True),
        Flag("really", bool, "other", "whether", False),
    )
    assert _Fields() == _Fields(3, None, None, "here", False, 7)


def test_a_flag_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Flag("a", int, "some", "what").name = "b"
