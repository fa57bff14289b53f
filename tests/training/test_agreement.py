"""What one process is asked, all do: by stand-ins for the others; two real ones are in `test_multi_worker`."""

import signal

import pytest

from wgangp_tf.errors import Interrupted
from wgangp_tf.stopping import Stop
from wgangp_tf.training import agreement, workers


class Others:
    """Processes of which another one says a code."""

    def __init__(self, other):
        self.other, self.said = other, []

    def agree(self, code):
        self.said.append(code)
        return max(code, self.other)


@pytest.mark.parametrize(
    "here, there", [(None, signal.SIGTERM), (signal.SIGHUP, None), (signal.SIGHUP, signal.SIGTERM)]
)
def test_a_signal_to_one_process_ends_all_before_there_are_steps(here, there):
    stop, others = Stop(), Others(workers.GO if there is None else workers.STOP + there)
    stop.requested = here
    with pytest.raises(Interrupted) as caught:
        agreement.check(others, stop)
    assert caught.value.signal_number == (here or there)
    assert others.said == [workers.GO if here is None else workers.STOP + here]


def test_without_a_signal_all_go_on():
    agreement.check(Others(workers.GO), Stop())


def test_where_another_cannot_go_on_it_is_said():
    with pytest.raises(agreement.OtherFailed, match="another worker cannot go on, its own line says why"):
        agreement.check(Others(workers.FAILED), Stop())
