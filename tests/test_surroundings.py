"""The process of the program is made sound; somebody else's is left alone, and refused in a line where it must be."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys

import keras
import pytest

from wgangp_tf import surroundings
from wgangp_tf.errors import UserError

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_STAND_IN = """
import os
BACKEND, FLOATX, FORMAT = os.environ.get("KERAS_BACKEND", "jax"), "float16", "channels_first"
if BACKEND == "jax":
    raise ModuleNotFoundError("No module named 'jax'", name="jax")

class config:
    backend, floatx, image_data_format = lambda: BACKEND, lambda: FLOATX, lambda: FORMAT

    def set_floatx(value):
        global FLOATX
        FLOATX = value

    def set_image_data_format(value):
        global FORMAT
        FORMAT = value
"""


@pytest.fixture
def run(tmp_path):
    """Runs code beside a stand-in for a Keras that was told of another backend, float type and format."""

    def run(code, words=(), **variables):
        (tmp_path / "keras.py").write_text(_STAND_IN)
        code = f"import os, sys, warnings\nfrom wgangp_tf import surroundings\n{code}"
        env = {name: value for name, value in os.environ.items() if not name.startswith("KERAS_")}
        return subprocess.run(
            [sys.executable, *words, "-c", code],
            env=env | {"PYTHONPATH": f"{tmp_path}:{_ROOT}"} | variables,
            capture_output=True,
            text=True,
        )

    return run


_TOLD = "import keras; print(keras.config.backend(), keras.config.floatx(), keras.config.image_data_format())"


def test_the_program_has_keras_as_it_needs_it_whatever_was_told(run):
    done = run(f"surroundings.settle(); surroundings.check_keras(); {_TOLD}", KERAS_BACKEND="jax", KERAS_MAX_EPOCHS="x")
    assert (done.stdout, done.stderr) == ("tensorflow float32 channels_last\n", "")


def test_the_program_takes_no_limit_from_the_variables_of_keras(run):
    done = run("surroundings.settle(); print('KERAS_MAX_EPOCHS' in os.environ)", KERAS_MAX_EPOCHS="1")
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "told, passed_over",
    [
        ("[]", True),
        ('{"floatx": "x"}', True),
        ('{"epsilon": 1}', True),
        ('{"nnx_enabled": true}', True),
        ('{"floatx": "float16"}', False),
        ("{", False),
    ],
)
def test_a_keras_json_that_fails_the_imports_is_passed_over(run, tmp_path, told, passed_over):
    (tmp_path / "keras.json").write_text(told)
    done = run("surroundings.settle(); print(os.environ['KERAS_HOME'])", KERAS_HOME=str(tmp_path))
    assert done.stdout == f"{'/dev/null/keras' if passed_over else tmp_path}\n"


@pytest.mark.parametrize("told", [{"KERAS_HOME": "relative"}, {"KERAS_HOME": "~nobody at all/k"}])
def test_no_keras_json_is_made_in_the_current_directory(run, told):
    done = run("surroundings.settle(); print(os.environ['KERAS_HOME'])", **told)
    assert done.stdout == "/dev/null/keras\n"


def test_variables_that_libraries_fail_by_are_gone_from_the_program(run):
    told = {"TF_USE_LEGACY_KERAS": "1", "SOURCE_DATE_EPOCH": "today", "XDG_CACHE_HOME": "relative", "HOME": "relative"}
    kept = {"XDG_CONFIG_HOME": "/absolute"}
    code = f"surroundings.settle(); print([name for name in {[*told, *kept]} if name in os.environ])"
    assert run(code, **told, **kept).stdout == "['XDG_CONFIG_HOME']\n"


def test_the_warnings_of_the_program_are_no_errors(run):
    done = run("surroundings.settle(); warnings.warn('a warning'); print('on')", ["-W", "error"])
    assert (done.stdout, done.returncode) == ("on\n", 0)
    assert "a warning" in done.stderr


def test_closed_descriptors_lead_nowhere(run):
    code = """
for number in (0, 1, 2):
    os.close(number)
surroundings.settle()
opened = os.open(sys.argv[0] if os.path.exists(sys.argv[0]) else os.devnull, os.O_RDONLY)
os._exit(opened if all(os.get_inheritable(number) for number in (0, 1, 2)) else 0)
"""
    assert run(code).returncode == 3


_READS_FLAGS = """
import os
for name in ("XLA_FLAGS", "TF_XLA_FLAGS"):
    told = os.environ.get(name, "")
    if told == "--dies":
        os._exit(7)
    if told and not told.startswith(("--xla_", "--tf_xla_")):
        os.write(2, f"F0000 00:00:1.2    3 parse_flags_from_env.cc:234] Unknown flag in {name}: {told}".encode())
        os._exit(1)
    if told.endswith("=many"):
        os.write(2, f"F0000 00:00:1.2    3 f.cc:2] Flag parsing failed.\\nusage: {told}\\nFlags:".encode())
        os._exit(1)
function = lambda call, jit_compile: call
constant = float
"""


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    "name, other", [("XLA_FLAGS", {"TF_XLA_FLAGS": "--tf_xla_ours"}), ("TF_XLA_FLAGS", {"XLA_FLAGS": "--xla_ours"})]
)
@pytest.mark.parametrize("told, refused", [("--x", True), ("--dies", False), ("--xla_dump_to=d", False), ("", False)])
def test_flags_that_end_tensorflow_are_refused_in_the_program(run, tmp_path, name, other, told, refused, own):
    (tmp_path / "tensorflow.py").write_text(_READS_FLAGS)
    code = "surroundings.settle()" if own else ""
    done = run(f"{code}\nsurroundings.check_flags_of_tensorflow(); print('on')", **{name: told}, **other)
    if own and refused:
        assert done.stderr.splitlines()[-1] == (
            f"wgangp_tf.errors.UserError: expected {name} to hold flags that TensorFlow knows. "
            f"Received: {name}='--x' (Unknown flag in {name}: --x); unset it"
        )
    else:
        assert (done.stdout, done.stderr) == ("on\n", "")


@pytest.mark.parametrize("name, other", [("XLA_FLAGS", "TF_XLA_FLAGS"), ("TF_XLA_FLAGS", "XLA_FLAGS")])
def test_flags_of_a_value_that_tensorflow_cannot_read_are_refused(run, tmp_path, name, other):
    (tmp_path / "tensorflow.py").write_text(_READS_FLAGS)
    told, known = f"--{name.lower()[:-6]}_jit=many", f"--{other.lower()[:-6]}_jit=1"
    done = run("surroundings.settle()\nsurroundings.check_flags_of_tensorflow()", **{name: told, other: known})
    assert done.stderr.splitlines()[-1] == (
        f"wgangp_tf.errors.UserError: expected {name} to hold flags that TensorFlow knows. "
        f"Received: {name}={told!r} (not {told}); unset it"
    )


def test_elsewhere_another_backend_is_refused_in_a_line_and_nothing_changed(run):
    code = """
before = dict(os.environ)
try:
    import wgangp_tf
    wgangp_tf.GAN
except ValueError as error:
    print(error)
print(before == dict(os.environ))
"""
    done = run(code, KERAS_BACKEND="jax")
    assert done.stderr == ""
    line, unchanged = done.stdout.splitlines()
    assert line == (
        "expected Keras to start with backend tensorflow. Received: backend jax (No module named 'jax'); set "
        "KERAS_BACKEND=tensorflow, and see that keras.json, in KERAS_HOME or ~/.keras, can be read"
    )
    assert unchanged == "True"


_REFUSED = {
    "floatx": ("float16", "expected Keras with floatx float32. Received: float16; call keras.config.set_floatx('float"),
    "image_data_format": (
        "channels_first",
        "expected Keras with image_data_format channels_last. Received: channels_f",
    ),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_elsewhere_another_type_or_format_is_refused_and_stays(monkeypatch, command, name):
    value, told = _REFUSED[name]
    before = getattr(keras.config, name)()
    set_value = getattr(keras.config, f"set_{name}")
    set_value(value)
    try:
        with pytest.raises(UserError) as refused:
            surroundings.check_keras()
        assert str(refused.value).startswith(told)
        assert getattr(keras.config, name)() == value
        status, out, err = command("--dry_run")
        assert (status, out) == (2, "") and err.startswith(f"error: {told}") and err.count("\n") == 1
    finally:
        set_value(before)


def test_a_keras_that_is_missing_is_a_missing_package(run):
    code = "sys.modules['keras'] = None; surroundings.check_keras()"
    assert "ModuleNotFoundError" in run(code).stderr


@pytest.mark.parametrize(
    "own, told, refused",
    [
        (True, "-1", True),  # at which TensorFlow 2.21 ends the process
        (True, "2.5", True),
        (True, "99999999999", True),
        (True, "abc", True),
        (True, "2", False),
        (True, "0", False),
        (True, "", False),
        (False, "abc", False),
        (False, "-1", True),
        (False, " -2", True),
    ],
)
def test_threads_that_are_no_number_are_refused(monkeypatch, own, told, refused):
    monkeypatch.setattr(surroundings, "_own", [True] if own else [])
    for name in surroundings._READ_LATE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", told)
    words = f"TF_NUM_INTRAOP_THREADS expects a number of threads, at most 9999, or 0. Received: {told!r}"
    with pytest.raises(UserError, match=re.escape(words)) if refused else contextlib.nullcontext():
        surroundings.check_flags_of_tensorflow()
