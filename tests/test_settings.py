import math

import pytest

from wgangp_tf import settings
from wgangp_tf.errors import UserError

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("name", ["log_every", "sample_every", "checkpoint_every"])
@pytest.mark.parametrize("value", [0, -1, NAN, INF, 10**10])
def test_cadences_out_of_range_are_refused(name, value):
    with pytest.raises(UserError) as caught:
        settings.Cadence(**{name: value})
    assert str(caught.value) == f"{name} must be at least 1 and at most 1,000,000,000. Received: {name}={value}"


@pytest.mark.parametrize("value", [-0.1, 1.1, NAN, INF])
def test_shares_out_of_range_are_refused(value):
    with pytest.raises(UserError, match="max_bad_files must be at least 0 and at most 1. Received: max_bad_files="):
        settings.Storage(max_bad_files=value)


def test_settings_that_are_no_choice_are_refused():
    with pytest.raises(UserError, match=r"Unknown strategy 'miror'. Did you mean 'mirrored'\? Known: .*one"):
        settings.Execution(strategy="miror")
    with pytest.raises(UserError, match=r"Unknown cache 'dsk'. Did you mean 'disk'\?"):
        settings.Storage(cache="dsk")


@pytest.mark.parametrize(
    "values, message",
    [
        ({"strategy": "parameter_server"}, "strategy must not be parameter_server, over which Keras 3 cannot train"),
        (
            {"local_workers": 2},
            "local_workers is for --strategy=multi_worker.*=2, strategy=auto",
        ),
        ({"strategy": "multi_worker", "local_workers": 0}, "local_workers must be at least 1"),
        ({"steps_per_execution": 0}, "steps_per_execution must be at least 1"),
        ({"jit_compile": "maybe"}, "Unknown jit_compile 'maybe'"),
    ],
)
def test_execution_that_cannot_be(values, message):
    with pytest.raises(UserError, match=message):
        settings.Execution(**values)
