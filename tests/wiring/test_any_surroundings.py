"""Whatever surrounds the program, a run is trained and exported, or a line says why not and nothing is written."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_TINY = ("--steps=1", "--dataset=8gaussians", "--width=8", "--latent_dim=2", "--batch_size=16", "--n_critic=1")
# None: the variable is not set
_VARIABLES = {
    "PYTHONOPTIMIZE": ["1", "2"],
    "PYTHONUNBUFFERED": ["1"],
    "PYTHONIOENCODING": ["ascii", "latin-1", "utf-8:surrogateescape"],
    "PYTHONWARNINGS": ["error", "ignore", "error::DeprecationWarning", "default"],
    "PYTHONUTF8": ["0", "1"],
    "PYTHONCOERCECLOCALE": ["0"],
    "PYTHONHASHSEED": ["0", "7"],
    "PYTHONDEVMODE": ["1"],
    "PYTHONSAFEPATH": ["1"],
    "LC_ALL": ["C", "POSIX", "C.UTF-8", "xx_YY.nonsense"],
    "LANG": ["C", "de_DE", ""],
    "HOME": [None, "", "/nonexistent", "/dev/null", "relative"],
    "USER": [None, "nobody knows"],
    "XDG_CACHE_HOME": ["/nonexistent/cache", "relative"],
    "XDG_CONFIG_HOME": ["/dev/null"],
    "KERAS_BACKEND": ["jax", "torch", "nonsense", ""],
    "KERAS_MAX_EPOCHS": ["0", "one"],
    "KERAS_MAX_STEPS_PER_EPOCH": ["1", "one"],
    "KERAS_NNX_ENABLED": ["true"],
    "MPLBACKEND": ["TkAgg", "nonsense"],
    "MPLCONFIGDIR": ["/nonexistent"],
    "TMPDIR": ["/nonexistent", "/dev/null", "/proc", ""],
    "COLUMNS": ["0", "-3", "many", "100000"],
    "NO_COLOR": ["1"],
    "FORCE_COLOR": ["1"],
    "TERM": ["dumb", None, "nonsense"],
    "TZ": ["nonsense", "Pacific/Kiritimati"],
    "PATH": ["", "/nonexistent"],
    "TF_CPP_MIN_LOG_LEVEL": ["0", "nonsense"],
    "TF_ENABLE_ONEDNN_OPTS": ["0", "nonsense"],
    "TF_NUM_INTEROP_THREADS": ["1", "nonsense"],
    "TF_USE_LEGACY_KERAS": ["1"],
    "TF_XLA_FLAGS": ["--nonsense", "nonsense", "--tf_xla_auto_jit=many", "--tf_xla_auto_jit=0"],
    "XLA_FLAGS": ["--nonsense", "/nonexistent", ""],
    "TF_DETERMINISTIC_OPS": ["1"],
    "TF_CONFIG": ["", "nonsense", "{}"],
    "TFDS_DATA_DIR": ["/nonexistent"],
    "CUDA_VISIBLE_DEVICES": ["", "-1", "nonsense"],
    "OMP_NUM_THREADS": ["1", "nonsense"],
    "SLURM_PROCID": ["0"],
    "SLURM_STEP_NUM_TASKS": ["many"],
    "SOURCE_DATE_EPOCH": ["nonsense"],
}
_KERAS_JSON = [
    '{"backend": "jax", "floatx": "float16", "image_data_format": "channels_first", "epsilon": 0.001}',
    '{"floatx": "float64"}',
    '{"floatx": "nonsense"}',
    "nonsense",
    "[]",
]
_UNKNOWN_USER = """
import pwd

def getpwuid(number):
    raise KeyError("getpwuid(): uid not found")

pwd.getpwuid = getpwuid
"""
_SURROUNDINGS = st.fixed_dictionaries(
    {
        "variables": st.lists(
            st.sampled_from(sorted(_VARIABLES)).flatmap(
                lambda name: st.tuples(st.just(name), st.sampled_from(_VARIABLES[name]))
            ),
            max_size=6,
            unique_by=lambda pair: pair[0],
        ),
        "closed": st.sets(st.sampled_from([0, 1, 2])),
        "stdout": st.sampled_from(["read", "full", "left"]),
        "stderr": st.sampled_from(["read", "read", "full", "left"]),
        "umask": st.sampled_from(["022", "000", "077", "777"]),
        "where": st.sampled_from(["here", "here", "/proc", "/", "removed", b"mod\xe8le"]),
        "keras": st.sampled_from([None, None, *_KERAS_JSON]),
        "unknown_user": st.booleans(),
        "export": st.sampled_from(["e", "modèle"]),
    }
)


def _stream(kind):
    """Where a standard stream of a process leads: a number for `subprocess`, and whether it is to be closed."""
    if kind == "read":
        return subprocess.PIPE
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    source, sink = os.pipe()
    os.close(source)
    return sink


def _environment(place, drawn):
    variables = os.environ | {"TF_NUM_INTRAOP_THREADS": "1"}
    for name, value in drawn["variables"]:
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    paths = [str(_ROOT)]
    if drawn["unknown_user"]:
        (place / "site").mkdir()
        (place / "site" / "sitecustomize.py").write_text(_UNKNOWN_USER)
        paths.insert(0, str(place / "site"))
    if drawn["keras"] is not None:
        (place / "keras").mkdir()
        (place / "keras" / "keras.json").write_text(drawn["keras"])
        variables["KERAS_HOME"] = str(place / "keras")
    return variables | {"PYTHONPATH": os.pathsep.join(paths)}


def _run(place, drawn):
    """(exit status, what standard error got or None, what the run left)."""
    work = place / "work"
    here = {"here": work, "removed": work / "removed", b"mod\xe8le": os.fsencode(work) + b"/mod\xe8le"}
    here = here.get(drawn["where"], drawn["where"])
    for folder in (work, here):
        os.makedirs(folder, exist_ok=True)
    out, err = _stream(drawn["stdout"]), _stream(drawn["stderr"])
    words = [
        sys.executable,
        str(_ROOT / "main.py"),
        *_TINY,
        f"--run_dir={work}/r",
        f"--export_dir={work}/{drawn['export']}",
    ]
    closed = " ".join({0: "<&-", 1: ">&-", 2: "2>&-"}[number] for number in sorted(drawn["closed"]))
    # by its path: PATH is one of the things that are drawn
    removed = f'{shutil.which("rmdir")} "$PWD"; ' if drawn["where"] == "removed" else ""
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", f'umask {drawn["umask"]}; {removed}exec "$0" "$@" {closed}', *words],
            cwd=here,
            env=_environment(place, drawn),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            timeout=300,
        )
    finally:
        for stream in (out, err):
            if stream != subprocess.PIPE:
                os.close(stream)
    heard = None if 2 in drawn["closed"] or drawn["stderr"] != "read" else done.stderr.decode(errors="replace")
    if os.path.isdir(here) and here != work and str(place) in os.fsdecode(here):
        os.rmdir(here)
    return done.returncode, heard, sorted(os.listdir(work))


def _check(drawn):
    place = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        status, heard, left = _run(place, drawn)
        if status == 0:
            assert left == sorted(["r", drawn["export"]])
            assert (place / "work" / "r" / "export.json").stat().st_size > 0
            assert (place / "work" / drawn["export"] / "saved_model.pb").is_file()
        else:
            assert (status, left) == (2, []), heard
            assert heard is None or (heard.startswith("error: ") and heard.count("\n") == 1), heard
        assert heard is None or "Traceback" not in heard, heard
    finally:
        shutil.rmtree(place)


def any_of_them(examples, draw=0):
    """A test of so many tiny runs, in surroundings that are drawn: others of each draw, an int."""
    few = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],  # an example takes seconds: the first that fails is told as it is
        suppress_health_check=list(HealthCheck),
    )
    return seed(draw)(few(given(_SURROUNDINGS)(_check)))


_PLAIN = {
    "variables": [],
    "closed": set(),
    "stdout": "read",
    "stderr": "read",
    "umask": "022",
    "where": "here",
    "keras": None,
    "unknown_user": False,
    "export": "e",
}
_HARSH = {
    "all that a run outlives": {
        "variables": [
            *(("HOME", None), ("PYTHONOPTIMIZE", "2"), ("PYTHONIOENCODING", "ascii"), ("PYTHONWARNINGS", "error")),
            *(("KERAS_BACKEND", "jax"), ("TMPDIR", "/nonexistent"), ("COLUMNS", "0"), ("MPLBACKEND", "nonsense")),
        ],
        "closed": {0, 2},
        "stdout": "full",
        "keras": _KERAS_JSON[0],
        "unknown_user": True,
        "export": "modèle",
        "where": "/proc",
    },
    "no directory": {"where": "removed"},
    "a directory that TensorFlow cannot be told of": {"where": b"mod\xe8le"},
}


@pytest.mark.parametrize("name", _HARSH)
def test_a_tiny_run_in_harsh_surroundings(name):
    _check(_PLAIN | _HARSH[name])


@pytest.mark.parametrize("draw", [1, 2])
def test_a_tiny_run_in_any_surroundings(draw):
    any_of_them(10, draw)()  # 200 of draw 0: benchmarks/any_surroundings.py
