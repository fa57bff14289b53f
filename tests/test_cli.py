"""The command line: what a user types, and what a slip of the hand gets."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wgangp_tf import cli
from wgangp_tf import config as configs
from wgangp_tf.commands import dry_run as dry_run_command
from wgangp_tf.commands import train as train_command
from wgangp_tf.gan import methods

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
    "--dataset=mnist --network=dcgan --image_size=6": "makes images of at least 7x7 pixels. Received: 6x6x1",
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
    "--generator_normalization=instance": "generator_normalization 'instance' needs images in convolutions",
    "--network=nowhere:build": "--network expects module:function that Python can import. Received: 'nowhere:build'",
    "--config=nowhere.json": "--config expects a readable JSON file. Received: 'nowhere.json'",
    "--flagfile=nowhere": "nowhere",
    "--resume": "--resume found no unfinished run of this config in 'runs'",
    "--resume --run_dir=runs/x": "--resume expects a run in --run_dir. Received: 'runs/x', which holds none",
    "--run_dir=/proc/x": "--run_dir expects a directory that can be written. Received: '/proc/x'",
    "--saved_model=x": "command 'train' takes no flag --saved_model",
    "generate": "generate expects --saved_model: there is no 'saved_models/digits' in the current directory",
    "generate --steps=3": "command 'generate' takes no flag --steps",
    "generate --saved_model=nowhere": "--saved_model expects the directory of a SavedModel. Received: 'nowhere'",
    "generate --num_images=0": "num_images must be at least 1",
    "generate --num_images=-5": "Received: num_images=-5",
    "generate --seed=-1": "Received: seed=-1",
    "generate --out=a/b.png": "--out expects a file in a directory that exists. Received: 'a/b.png'",
    "generate --out=b.jpg": "--out expects a .png file, a .npy file or a directory. Received: 'b.jpg'",
    "export": "export expects --run_dir",
    "export --run_dir=nowhere": "--run_dir expects the directory of a run. Received: 'nowhere'",
    "list --steps=3": "command 'list' takes no flag --steps",
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


@pytest.mark.parametrize("flag", ["--help", "--helpshort"])
def test_help_names_commands_and_flags(command, flag):
    status, out, _ = command(flag)
    assert status == 0
    assert "generate" in out and "--dataset: name of the data set" in out and "--gp_weight" in out


def test_every_flag_is_explained():
    flag_values = cli._define()
    assert [name for name in flag_values if len(flag_values[name].help) < 8] == []


def test_every_flag_is_left_out_by_default():
    flag_values = cli._define()
    assert [name for name in flag_values if flag_values[name].value is not None and name != "flagfile"] == []


def test_every_config_field_has_a_flag():
    assert set(configs.to_values(configs.Config())) <= set(cli._define())


def test_list_shows_all_tables(command):
    status, out, _ = command("list")
    assert status == 0
    for name in ("digits", "swiss_roll", "wgan-gp", "dcgan", "mnist_dcgan"):
        assert f"  {name} " in out


def test_a_value_comes_from_the_first_that_has_one(tmp_path):
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"optimization": {"n_critic": 7, "batch_size": 33}}))
    given = {"preset": "mnist_dcgan", "dataset": "digits", "network": "mlp", "config": str(file), "n_critic": 9}
    config = cli.resolve(given)
    assert config.optimization.n_critic == 9  # command line before config file
    assert config.optimization.batch_size == 33  # config file before preset's 50
    assert config.optimization.beta_1 == 0.5  # preset before Config's 0
    wgan = cli.resolve({"dataset": "8gaussians", "method": "wgan"})
    assert wgan.optimization.learning_rate == methods.METHODS["wgan"].defaults["learning_rate"]  # method before data
    assert wgan.optimization.batch_size == 256  # data set before Config's 64
    assert wgan.optimization.n_critic == 5  # Config's


def test_a_flagfile_is_read(command, tmp_path):
    (tmp_path / "flags").write_text("--n_critic=0\n")
    status, _, err = command("--flagfile=flags")
    assert status == 2 and "Received: n_critic=0" in err


def test_debug_shows_the_traceback(command):
    status, _, err = command("--debug", "--n_critic=0")
    assert status == 2
    assert "Traceback" in err and err.splitlines()[-1].startswith("error: ")


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
    """What would be trained, in place of training it; everything before that runs."""
    resolved = []
    for module in (train_command, dry_run_command):
        monkeypatch.setattr(module, "run", lambda config, *_, **__: resolved.append(config))
    return resolved


_NAMES = sorted(name for name in cli._define() if name not in ("flagfile", "undefok"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(_NAMES), _TEXTS), max_size=4))
def test_any_flags_end_in_a_config_or_in_one_line(command, tmp_path, monkeypatch, pairs):
    resolved = _catch_configs(monkeypatch)
    status, _, err = command(*[f"--{name}={value}" for name, value in pairs])
    if status == 0:
        assert resolved and configs.from_values(configs.to_values(resolved[-1])) == resolved[-1]
    else:
        assert status == 2
        lines = [line for line in err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1
        debug = ("debug", "true") in pairs or any(name == "debug" for name, _ in pairs)
        assert debug or "Traceback" not in err
    assert os.listdir(tmp_path) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = sorted(configs.to_values(configs.Config()))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*configs.SECTIONS, "seed"]), st.dictionaries(st.sampled_from(_FIELDS), _JSON)))
def test_any_config_file_ends_in_a_config_or_in_one_line(command, tmp_path, monkeypatch, tree):
    resolved = _catch_configs(monkeypatch)
    (tmp_path / "c.json").write_text(json.dumps(tree))
    status, _, err = command("--config=c.json")
    assert status == 0 and resolved or status == 2 and err.startswith("error: ") and err.count("\n") == 1
