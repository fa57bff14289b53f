"""The command line: what a user types, and what a slip of the hand gets."""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wgangp_tf import cli
from wgangp_tf import config as configs
from wgangp_tf import settings as run_settings
from wgangp_tf.commands import dry_run as dry_run_command
from wgangp_tf.commands import list as list_command

_ROOT = pathlib.Path(__file__).resolve().parents[1]

# what is typed → part of the line that answers
_MISTAKES = {
    "trian": "Unknown command 'trian'. Did you mean 'train'?",
    "--n_critc=3": "Unknown flag '--n_critc'. Did you mean '--n_critic'?",
    "--dataset=digit": "Unknown dataset 'digit'. Did you mean 'digits'?",
    "--method=wgan_gp": "Unknown method 'wgan_gp'. Did you mean 'wgan-gp'?",
    "--network=dcgn": "Unknown network 'dcgn'. Did you mean 'dcgan'?",
    "--preset=celeba_dcgan": "Unknown preset 'celeba_dcgan'. Did you mean 'celeb_a_dcgan'?",
    "--optimizer=adan": "Unknown optimizer 'adan'. Did you mean 'adam'?",
    "--strategy=mirorred": "Unknown strategy 'mirorred'. Did you mean 'mirrored'?",
    "--batch_size=1e3": "flag --batch_size expects an integer. Received: '1e3'",
    "--learning_rate=fast": "flag --learning_rate expects a number. Received: 'fast'",
    "--resume=maybe": "flag --resume expects true or false. Received: 'maybe'",
    "--steps": "Missing value for flag --steps",
    "--steps=5 left over": "expected flags after the command. Received: 'left'",
    "--steps=0": "steps must be at least 1",
    "--steps=-1": "Received: steps=-1",
    "--gp_interval=2": "gp_interval must divide n_critic or be a multiple of it. Received: gp_interval=2, n_critic=3",
    "--method=wgan --gp_interval=3": "method 'wgan' has no gp_interval. Received: gp_interval=3",
    "--n_critic=0": "n_critic must be at least 1 and at most 100. Received: n_critic=0",
    "--batch_size=0": "batch_size must be at least 1",
    "--batch_size=99999999999999999999": "Received: batch_size=99999999999999999999",
    "--batch_size=1501": "batch_size must be at most the 1500 training samples of data set 'digits'",
    "--learning_rate=nan": "Received: learning_rate=nan",
    "--learning_rate=inf": "Received: learning_rate=inf",
    "--learning_rate=0": "Received: learning_rate=0.0",
    "--critic_learning_rate=-1": "Received: critic_learning_rate=-1.0",
    "--gp_weight=-1": "Received: gp_weight=-1.0",
    "--clip_value=0": "Received: clip_value=0.0",
    "--beta_1=1": "beta_1 must be at least 0 and below 1. Received: beta_1=1.0",
    "--ema_decay=1": "Received: ema_decay=1.0",
    "--latent_dim=0": "Received: latent_dim=0",
    "--width=9000": "Received: width=9000",
    "--network=dcgan --width=4000": "must have at most 1e+09 parameters",
    "--seed=-1": "Received: seed=-1",
    "--log_every=0": "Received: log_every=0",
    "--sample_every=-3": "Received: sample_every=-3",
    "--checkpoint_every=0": "Received: checkpoint_every=0",
    "--image_size=16": "dataset 'digits' has 8x8 pictures. Received: image_size=16x16",
    "--image_size=4x": "expects a size in pixels, such as 64 or 48x80",
    "--image_size=1": "image_size must be at least 4",
    "--dataset=mnist --network=resnet --image_size=6": "makes images of at least 7x7 pixels. Received: 6x6x1",
    "--crop=Centre": "crop expects center, none or a size in pixels, such as 64 or 48x80",
    "--data_dir=": "flag --data_dir expects a path. Received: ''",
    "--dataset=mnist --cache_dir=": "flag --cache_dir expects a path. Received: ''",
    "--data_dir=photos": "dataset 'digits' has no use for data_dir. Received: data_dir=photos. Did you mean dataset=fo",
    "--dataset=shapes --download": "dataset 'shapes' has no use for download. Received: download=True.",
    "--dataset=folder --manual_dir=x --dry_run": "dataset 'folder' has no use for manual_dir. Received: manual_dir=x.",
    "--labels=folder": "dataset 'digits' has no folders to take labels from. Received: labels=folder",
    "--dataset=8gaussians --flip --dry_run": "points of the plane, not pictures. Received: flip=True",
    "--dry_run --image_size=16": "dataset 'digits' has 8x8 pictures. Received: image_size=16x16",
    "--dry_run --channels=3": "dataset 'digits' has 1 channel. Received: channels=3",
    "--clip_value=0.1": "method 'wgan-gp' has no clip_value. Received: clip_value=0.1",
    "--method=wgan --gp_weight=1": "method 'wgan' has no gp_weight. Received: gp_weight=1.0",
    "--optimizer=sgd --beta_2=0.5": "optimizer 'sgd' has no beta_2. Received: beta_2=0.5",
    "--critic_normalization=batch": "which batch normalization in the critic mixes",
    "--channels=2": "channels must be one of 1, 3. Received: channels=2",
    "--generator_normalization=instance": "generator_normalization of network 'mlp' must be none, layer or batch",
    "--network=nowhere:build": "--network expects module:function that Python can import. Received: 'nowhere:build'",
    "--config=nowhere.json": "--config expects a readable JSON file. Received: 'nowhere.json'",
    "--flagfile=nowhere": "--flagfile expects a file that can be read. Received: No such file or directory (nowhere)",
    "--run_dir --resume": "flag --run_dir expects a path. Received: '--resume'",
    "--name=a/b": "--name expects at most 100 letters, digits, '_', '-' and '.', a letter, digit or '_' first. Receive",
    "--name=.": "Received: '.'",
    "--name=x --run_dir=r": "--name names a new directory in 'runs'. Received: --run_dir=r beside it",
    "--max_minutes=0": "max_minutes must be at least 0.001 and at most 1,000,000. Received: max_minutes=0.0",
    "--max_minutes=nan": "Received: max_minutes=nan",
    "--keep_checkpoints=0": "keep_checkpoints must be at least 1 and at most 1,000,000,000. Received:",
    "--resume": "--resume found no unfinished run in 'runs'; leave it out to begin one",
    "--resume --seed=3": "--resume found no unfinished run of this config in 'runs'",
    "--resume --run_dir=runs/x": "--resume expects a run in --run_dir. Received: 'runs/x', which holds none",
    "--run_dir=/proc/x": "--run_dir expects a directory that can be written. Received: '/proc/x'",
    "--saved_model=x": "command 'train' takes no flag --saved_model; it belongs to generate",
    "generate": "generate expects --saved_model or --run_dir: no run in 'runs' has an export, and there is no 'saved_m",
    "generate --steps=3": "command 'generate' takes no flag --steps; it belongs to train",
    "generate --noflip": "command 'generate' takes no flag --noflip; it belongs to train",
    "generate --export_dir=x": "command 'generate' takes no flag --export_dir; it belongs to train and export",
    "generate --sed=3": "Unknown flag '--sed'. Did you mean '--seed'?",
    "--steps=3 generate": "expected the command before its flags. Received: 'generate' after them",
    "--noflip=1": "--noflip=1 does not take an argument",
    "generate --saved_model=nowhere": "--saved_model expects the directory of a SavedModel. Received: 'nowhere'",
    "generate --num_images=0": "num_images must be at least 1",
    "generate --num_images=-5": "Received: num_images=-5",
    "generate --seed=-1": "Received: seed=-1",
    "generate --out=a/b.png": "--out expects a file in a directory that exists. Received: 'a/b.png'",
    "generate --out=b.jpg": "--out expects a .png, .npy, .npz or .csv file, or a directory. Received: 'b.jpg'",
    "export": "export expects --run_dir",
    "export --run_dir=nowhere": "--run_dir expects the directory of a run. Received: 'nowhere'",
    "export --run_dir=x --step=last": "--step expects the step of a checkpoint, or best. Received: 'last'",
    "export --run_dir=x --step=-1": "--step expects the step of a checkpoint, or best. Received: '-1'",
    "export --run_dir=x --step=best": "--run_dir expects the directory of a run. Received: 'x'",
    "evaluate --step=best": "--step is for --run_dir. Received: --step=best without it",
    "evaluate": "evaluate expects --saved_model or --run_dir: no run in 'runs' has an export, and there is no 'saved_m",
    "list --steps=3": "command 'list' takes no flag --steps; it belongs to train",
}


@pytest.mark.parametrize("words", _MISTAKES)
def test_a_mistake_gets_one_line_and_leaves_nothing(command, tmp_path, words):
    status, out, err = command(*words.split())
    assert status == 2
    assert out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert _MISTAKES[words] in err
    assert list(tmp_path.iterdir()) == []


# content of a config file → part of the line that answers
_CONFIG_FILES = {
    "{": "--config expects JSON",
    "[1]": "--config expects a JSON object",
    '{"dta": {}}': "Unknown section or key in 'c.json' 'dta'. Did you mean 'data'?",
    '{"data": 3}': "Section 'data' of 'c.json' expects a JSON object. Received: 3",
    '{"model": {"wdth": 3}}': "Unknown key in section 'model' of 'c.json' 'wdth'. Did you mean 'width'?",
    '{"model": {"width": "3"}}': "width expects an integer. Received: width='3'",
    '{"model": {"width": 3.0}}': "width expects an integer. Received: width=3.0",
    '{"model": {"method": null}}': "method expects a string. Received: method=None",
    '{"data": {"flip": 1}}': "flip expects true or false. Received: flip=1",
    '{"data": {"image_size": [8]}}': "image_size expects a size such as 64 or 48x80. Received: image_size=[8]",
    '{"optimization": {"n_critic": true}}': "n_critic expects an integer. Received: n_critic=True",
    '{"optimization": {"learning_rate": 1e999}}': "Received: learning_rate=inf",
    '{"optimization": {"learning_rate": NaN}}': "Received: learning_rate=nan",
    '{"seed": "x"}': "seed expects an integer. Received: seed='x'",
    '{"model": {"network": "os:getcwd"}}': "which only the command line may: add --network=os:getcwd",
}


@pytest.mark.parametrize("content", _CONFIG_FILES)
def test_a_bad_config_file_gets_one_line(command, tmp_path, content):
    (tmp_path / "c.json").write_text(content)
    status, _, err = command("--config=c.json", "--dry_run")
    assert status == 2
    assert err.startswith("error: ") and err.count("\n") == 1
    assert _CONFIG_FILES[content] in err


def test_deeply_nested_json_is_refused(command, tmp_path):
    (tmp_path / "c.json").write_text("[" * 100_000)
    status, _, err = command("--config=c.json")
    assert status == 2 and "--config expects JSON" in err


_PATHS = [(name, flag.name) for name in cli.COMMANDS for flag in cli.module(name).FLAGS if flag.path]


def test_what_names_a_file_or_a_directory_is_known_as_a_path():
    assert {name for _, name in _PATHS} == {
        *(
            "config",
            "run_dir",
            "export_dir",
            "inception_weights",
            "saved_model",
            "out",
            "data_dir",
            "bedrooms",
            "data_file",
            "init_from",
            "manual_dir",
            "cache_dir",
            "nearest",
            "page",
            "against",
            "compare",
            "inception_weights",
        )
    }


@pytest.mark.parametrize("name, flag", _PATHS)
def test_a_path_that_is_none_is_refused(command, tmp_path, name, flag):
    for text, said in {
        "": "expects a path. Received: ''",
        "gs://bucket/run": "expects a path on this machine, not a URL. Received: 'gs://bucket/run'",
        "s3+x://b": "expects a path on this machine, not a URL. Received: 's3+x://b'",
        "a\0b": "expects a path. Received: 'a\\x00b'",
    }.items():
        status, _, err = command(name, f"--{flag}={text}")
        assert (status, err) == (2, f"error: flag --{flag} {said}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, flag", _PATHS)
def test_a_path_may_lie_in_the_home_directory(command, monkeypatch, name, flag):
    seen = []
    monkeypatch.setattr(cli.module(name), "run", lambda given, stop: seen.append(given))
    monkeypatch.setenv("HOME", "/home/somebody")
    assert command(name, f"--{flag}=~/a:b/~c")[0] == 0
    path = "/home/somebody/a:b/~c"
    assert seen == [{flag: [path] if flag == "compare" else path}]


def test_a_command_gets_the_flags_that_were_given_and_nothing_else(command, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(cli.module("train"), "run", lambda given, stop: seen.append((given, stop)))
    (tmp_path / "flags").write_text("--seed=0\n")
    status, _, _ = command(
        "--flagfile=flags", "--undefok=nothing", "--nothing=1", "--debug", "--n_critic=3", "--noflip", "--gp_weight=2"
    )
    ((given, stop),) = seen
    assert status == 0
    assert given == {"seed": 0, "n_critic": 3, "flip": False, "gp_weight": 2.0}
    assert type(given["gp_weight"]) is float and stop.requested is None


def test_the_status_of_a_command_is_that_of_the_program(command, monkeypatch):
    monkeypatch.setattr(cli.module("list"), "run", lambda given, stop: 7)
    assert command("list")[0] == 7


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_declares_what_it_takes(name):
    module = cli.module(name)
    names = [flag.name for flag in module.FLAGS]
    assert module.SUMMARY and "\n" not in module.SUMMARY
    assert len(set(names)) == len(names)
    assert [flag.name for flag in module.FLAGS if len(flag.help) < 8] == []
    assert not set(names) & {"debug", "help", "h", "flagfile", "undefok"}


def test_every_config_field_and_setting_has_a_flag():
    names = {flag.name for flag in cli.module("train").FLAGS}
    kinds = (*configs.SECTIONS.values(), run_settings.Execution, run_settings.Cadence, run_settings.Storage)
    assert {"seed"}.union(*(kind.__dataclass_fields__ for kind in kinds)) <= names


_IMPORTS = """
import sys
from wgangp_tf import cli
for name in cli.COMMANDS:
    cli.module(name)
    heavy = {"tensorflow", "keras", "sklearn", "matplotlib", "plotly", "tensorflow_datasets"}
    print(name, *sorted(heavy & set(sys.modules)))
"""


def test_to_import_a_command_costs_nothing():
    done = subprocess.run([sys.executable, "-c", _IMPORTS], cwd=_ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split("\n") == [*cli.COMMANDS, ""]


_HELP = """
import sys
from wgangp_tf import cli
status = [cli.main(["main.py", *words]) for words in (["--help"], ["generate", "--helpshort"])]
print("status", *status, *sorted({"tensorflow", "keras", "sklearn", "matplotlib"} & set(sys.modules)))
"""


def test_help_needs_neither_docstrings_nor_tensorflow():
    variables = os.environ | {"PYTHONOPTIMIZE": "2"}
    done = subprocess.run([sys.executable, "-c", _HELP], cwd=_ROOT, env=variables, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.endswith("status 0 0\n")
    assert "critic updates per generator update (default: 5)" in done.stdout
    assert "usage: python main.py generate [flags]" in done.stdout


@pytest.mark.parametrize("words", ["list", "--help"])
def test_output_that_was_asked_for_and_is_lost_is_an_error(command, monkeypatch, words):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        status, _, err = command(*words.split())
    assert (status, err) == (2, "error: cannot write to standard output (No space left on device)\n")
    monkeypatch.setattr(sys, "stdout", None)
    status, _, err = command(*words.split())
    assert (status, err) == (2, "error: cannot write to standard output (Bad file descriptor)\n")


def test_a_reader_who_leaves_is_no_error(command, monkeypatch):
    source, sink = os.pipe()
    os.close(source)
    with open(sink, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert command("list")[::2] == (0, "")


@pytest.mark.parametrize("place, encoding", [("/dev/full", "utf-8"), (os.devnull, "ascii")])
def test_a_line_that_only_says_where_a_file_is_may_be_lost(command, monkeypatch, place, encoding):
    def prints(given, stop):
        for stream in (sys.stdout, sys.stderr):
            print("SavedModel modèle", file=stream)

    monkeypatch.setattr(cli.module("list"), "run", prints)
    with open(place, "w", encoding=encoding) as stream:
        for standard in (stream, None):
            for name in ("stdout", "stderr"):
                monkeypatch.setattr(sys, name, standard)
            assert command("list")[0] == 0


def test_a_command_may_run_in_another_thread(command, monkeypatch):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)]
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        for _ in range(2):
            assert threads.submit(command, "list").result()[0] == 0
            assert threads.submit(command, "--steps=0").result()[0] == 2
    assert command("list")[0] == 0
    assert handlers == [
        signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_ends_a_command_with_its_status_unless_it_is_ignored(command, monkeypatch, number):
    monkeypatch.setattr(cli.module("list"), "run", lambda given, stop: signal.raise_signal(number))
    before = signal.getsignal(number)
    assert command("list")[0] == 128 + number
    assert signal.getsignal(number) == before
    signal.signal(number, signal.SIG_IGN)  # as nohup has it
    try:
        assert command("list")[0] == 0
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_current_directory_that_was_removed_is_one_line(command, tmp_path, monkeypatch):
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path / "x")
    (tmp_path / "x").rmdir()
    status, _, err = command("--run_dir=/tmp/never")
    assert status == 2 and err.startswith(
        "error: expected a current directory that is there. Received: one that is not"
    )
    assert command("list")[0] == 0


@pytest.mark.parametrize(
    "text, told", [("~nobody-there/x", "and no home directory is known of"), ("mod\udce8le", "a path that is in UTF-8")]
)
def test_a_path_that_nobody_could_write_is_refused(command, text, told):
    status, _, err = command(f"--run_dir={text}")
    assert status == 2 and told in err and err.count("\n") == 1


def test_list_shows_all_tables(command):
    status, out, _ = command("list")
    assert status == 0
    for name in ("digits", "swiss_roll", "wgan-gp", "dcgan", "mnist", "toy_25gaussians_small"):
        assert f"  {name} " in out


def test_a_flagfile_is_read(command, tmp_path):
    (tmp_path / "flags").write_text("--n_critic=0\n")
    status, _, err = command("--flagfile=flags")
    assert status == 2 and "Received: n_critic=0" in err


@pytest.mark.parametrize("flag", ["--debug", "--debug=1", "--debug=t", "--flagfile=flags"])
def test_debug_shows_the_traceback(command, tmp_path, flag):
    (tmp_path / "flags").write_text("--debug\n")
    status, _, err = command(flag, "--n_critic=0")
    assert status == 2
    assert "Traceback" in err and err.splitlines()[-1].startswith("error: ")


def test_debug_may_be_taken_back(command):
    assert "Traceback" not in command("--debug", "--nodebug", "--n_critic=0")[2]


@pytest.mark.parametrize(
    "error, told",
    [
        (PermissionError(13, "Permission denied", "x"), "Permission denied (x)"),
        (MemoryError(), "out of memory"),
        (ModuleNotFoundError("No module named 'absent'", name="absent"), "has no package 'absent'"),
    ],
)
def test_debug_shows_where_an_error_comes_from_that_is_said_in_other_words(command, monkeypatch, error, told):
    def raises(given, stop):
        raise error

    monkeypatch.setattr(list_command, "run", raises)
    status, _, err = command("list", "--debug")
    assert status == 2 and told in err.splitlines()[-1]
    assert "Traceback" in err and "in raises" in err


def test_dry_run_shows_what_would_be_and_touches_nothing(command, tmp_path):
    status, out, _ = command("--dry_run", "--width=8", "--batch_size=16")
    assert status == 0
    assert '"batch_size": 16' in out and "GFLOP" in out
    assert 'Model: "generator"' in out and 'Model: "critic"' in out and "Total params" in out
    assert list(tmp_path.iterdir()) == []


_TEXTS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["", "-", "--", "0", "-0", "1e400", "true", "null", "64x", "x64", "0x10", "mlp", "wgan", "digits"]),
)


def _catch_configs(monkeypatch):
    """What --dry_run would show, in place of showing it; everything before that runs."""
    resolved = []
    monkeypatch.setattr(dry_run_command, "run", lambda run: resolved.append(run.config))
    return resolved


_NAMES = sorted(flag.name for flag in cli.module("train").FLAGS)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(_NAMES), _TEXTS), max_size=4))
def test_any_flags_end_in_a_config_or_in_one_line(command, tmp_path, monkeypatch, pairs):
    resolved = _catch_configs(monkeypatch)
    status, _, err = command(*[f"--{name}={value}" for name, value in pairs], "--dry_run")
    if status == 0:
        assert resolved
        again = configs.from_values(configs.to_values(resolved[-1]))
        assert dataclasses.replace(again, samples=resolved[-1].samples) == resolved[-1]
    else:
        assert status == 2
        lines = [line for line in err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1
        assert "Traceback" not in err
    assert os.listdir(tmp_path) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = sorted(configs.to_values(configs.Config()))


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*configs.SECTIONS, "seed"]), st.dictionaries(st.sampled_from(_FIELDS), _JSON)))
def test_any_config_file_ends_in_a_config_or_in_one_line(command, tmp_path, monkeypatch, tree):
    resolved = _catch_configs(monkeypatch)
    (tmp_path / "c.json").write_text(json.dumps(tree))
    status, _, err = command("--config=c.json", "--dry_run")
    assert status == 0 and resolved or status == 2 and err.startswith("error: ") and err.count("\n") == 1
