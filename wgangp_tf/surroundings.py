"""What surrounds a program and is not its own: descriptors, warnings, variables, what Keras was told elsewhere.

The program settles its own process (`settle`). Where its code is called in a process of somebody else's, nothing is
changed: what cannot be computed with is refused in a line (`check_keras`).
"""

import json
import os
import re
import signal
import subprocess
import sys
import warnings

from wgangp_tf.errors import UserError

# of Keras: what it must be told, and how
_NEEDED = {
    "backend": ("tensorflow", "set KERAS_BACKEND=tensorflow before Keras is imported"),
    "floatx": ("float32", "call keras.config.set_floatx('float32') first"),
    "image_data_format": ("channels_last", "call keras.config.set_image_data_format('channels_last') first"),
}
# what is set for this program, whatever other programs of the user's want
_VARIABLES = {"KERAS_BACKEND": "tensorflow", "MPLBACKEND": "agg"}
# of Keras: they end a training early, or are of another backend, or of another Keras, which TensorBoard's import
# does not find
_UNWANTED = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED", "TF_USE_LEGACY_KERAS")
# each is read by TensorFlow when it first needs it, and ends the process where it knows a word of it not
_READ_LATE = ("TF_XLA_FLAGS", "XLA_FLAGS", "TF_JITRT_FLAGS")
_READS_THEM = "import tensorflow as tf; tf.function(lambda x: x + 1, jit_compile=True)(tf.constant(1.0))"
_MISREAD = re.compile(r"Flag parsing failed\.\s+usage: (.+)")
_READING = 120.0  # seconds that it may take, an import of TensorFlow
_own = []  # whether the process is the program's own: not empty


def settle():
    """Makes this process, the program's own, one that its surroundings do not stop.

    Standard descriptors that are closed lead nowhere from here on: a file that is opened in their place would get the
    words of a library. Warnings are no errors. Keras computes with TensorFlow, in float32, channels last.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            os.set_inheritable(number, True)  # or the processes it starts would meet the same
    for number, (action, *rest) in enumerate(warnings.filters):
        if action == "error":
            warnings.filters[number] = ("default", *rest)
    os.environ.update(_VARIABLES)
    for name in _UNWANTED:
        os.environ.pop(name, None)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        # counts for nothing, by the standard of the latter two; Matplotlib would make it where the user stands
        if not os.path.isabs(os.environ.get(name, os.sep)):
            del os.environ[name]
    if not os.environ.get("SOURCE_DATE_EPOCH", "0").isdecimal():  # SciPy's import makes a number of it
        del os.environ["SOURCE_DATE_EPOCH"]
    if not _can_be_read():
        os.environ["KERAS_HOME"] = os.path.join(os.devnull, "keras")  # where no file can be, so that none is read
    _own.append(True)


def _can_be_read():
    """Whether keras.json, which TensorFlow reads as well as Keras, leaves their imports alone."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    path = os.path.expanduser(os.path.join(home, "keras.json"))
    if not os.path.isabs(path):  # of no home: they would make it in the current directory
        return False
    try:
        with open(path) as file:
            told = json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # they pass over what is no JSON
        return True
    except OSError:
        return False
    return (
        isinstance(told, dict)
        and told.get("floatx", "float32") in ("float16", "float32", "float64")
        and told.get("image_data_format", "channels_last") in ("channels_first", "channels_last")
        and isinstance(told.get("epsilon", 1e-7), float)
        and not told.get("nnx_enabled")  # of another backend
    )


def check_flags_of_tensorflow():
    """Raises a UserError for variables with flags by which TensorFlow would end the process, with no word of Python's.

    Which flags it knows only it can say: where there are some, a process is started that reads them and does no more.
    """
    threads = os.environ.get("TF_NUM_INTRAOP_THREADS")
    # TensorFlow 2.21 ends the process at a negative number, and passes over what is no number without a word
    if threads and (threads.strip().startswith("-") or (_own and not re.fullmatch("[0-9]{1,4}", threads))):
        raise UserError(
            f"TF_NUM_INTRAOP_THREADS expects a number of threads, at most 9999, or 0. Received: {threads!r}"
        )
    told = [name for name in _READ_LATE if os.environ.get(name)]
    if not (told and _own):
        return
    try:
        read = subprocess.run(
            [sys.executable, "-P", "-c", _READS_THEM],
            env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_READING,
        )
    except subprocess.TimeoutExpired:
        return
    said = next((line for line in read.stderr.splitlines() if any(_names(name, line) for name in told)), "")
    misread = _MISREAD.search(read.stderr)  # a flag that it knows, of a value that it does not
    # what ends it otherwise ends the import to come too, which says why
    if read.returncode == 0 or not (said or misread or read.returncode == -signal.SIGABRT):
        return
    named = [name for name in told if _names(name, said) or misread and misread[1] in os.environ[name]] or told
    received = ", ".join(f"{name}={os.environ[name]!r}" for name in named)
    why = said.partition("] ")[2] or (f"not {misread[1]}" if misread else f"it ends with status {read.returncode}")
    raise UserError(
        f"expected {' and '.join(named)} to hold flags that TensorFlow knows. Received: {received} ({why}); unset it"
    )


def _names(name, line):
    """Whether a line names a variable; XLA_FLAGS is also the end of another's name."""
    return re.search(rf"(?<![A-Z_]){name}\b", line) is not None


def check_keras():
    """Imports Keras, and looks what it was told: in the program's own process it is told what is needed.

    Raises:
      UserError: it cannot be imported as it was told, or computes otherwise than this package needs.
    """
    try:
        import keras
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name in ("keras", "tensorflow"):
            raise
        told = os.environ.get("KERAS_BACKEND") or "that of keras.json"
        raise UserError(
            f"expected Keras to start with backend tensorflow. Received: backend {told} ({_first_line(error)}); set "
            "KERAS_BACKEND=tensorflow, and see that keras.json, in KERAS_HOME or ~/.keras, can be read"
        ) from error
    if _own:
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
    for name, (needed, remedy) in _NEEDED.items():
        found = getattr(keras.config, name)()
        if found != needed:
            raise UserError(f"expected Keras with {name} {needed}. Received: {found}; {remedy}")


def _first_line(error):
    return str(error).strip().partition("\n")[0] or type(error).__name__
