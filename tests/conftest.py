"""Set up before TensorFlow starts: processors only, two logical ones, so that replicas are tested on any machine."""

import contextlib
import fcntl
import gc
import os
import pty
import signal
import struct
import sys
import termios

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as `quiet` has it

import keras
import pytest
import tensorflow as tf
from tensorflow.python.util import _pywrap_determinism

from wgangp_tf import cli
from wgangp_tf.settings import Execution
from wgangp_tf.training import loop, runtime

# ignored where a shell runs the tests in its background; a program that is started so keeps it that way
for _signal in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, signal.default_int_handler if _signal is signal.SIGINT else signal.SIG_DFL)

# What the imports made stays: a collection that looks through all of it takes longer than a test, and minutes where a
# machine has put memory aside that nobody used. So collections of everything are also rarer than Python's own.
gc.freeze()
gc.set_threshold(700, 10, 100)

tf.config.set_visible_devices([], "GPU")
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(autouse=True)
def _as_in_a_new_process():
    """The same seed for each test, and none is deterministic because one before it was."""
    keras.utils.set_random_seed(0)
    yield
    _pywrap_determinism.enable(False)  # TensorFlow has no public way back


@pytest.fixture(scope="session")
def mirrored():
    """Two replicas; the strategy that runs of this process have too."""
    return runtime.start(Execution(strategy="mirrored"), seed=0).strategy


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Runs a command line in an empty directory: command("--steps=2") -> (exit status, output, errors)."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        status = cli.main(["main.py", *words])
        return status, *capfd.readouterr()

    return run


@pytest.fixture
def train(command, monkeypatch):
    """Runs a tiny training: train("--steps=4") -> (exit status, output, errors). What happens comes by steps alone."""
    for name in ("_LOG_PATIENCE", "_PICTURE_PATIENCE", "_SAVE_PATIENCE"):  # a busy machine must not change a test
        monkeypatch.setattr(loop, name, None)
    tiny = (
        "--width=8 --latent_dim=4 --batch_size=16 --n_critic=2 --learning_rate_decay=none "
        "--log_every=2 --sample_every=4 --checkpoint_every=2"
    )

    def run(*words):
        return command(*tiny.split(), *words)

    return run


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 120 columns as standard error: `with terminal() as shown:`, then shown() -> what it was sent."""

    @contextlib.contextmanager
    def opened():
        master, slave = pty.openpty()
        os.set_blocking(master, False)
        sent = []
        with open(slave, "w") as stream, monkeypatch.context() as patch:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
            patch.setattr(sys, "stderr", stream)
            yield lambda: "".join(sent)
            stream.flush()
            with contextlib.suppress(BlockingIOError):
                while True:
                    sent.append(os.read(master, 1 << 16).decode())
        os.close(master)

    return opened
