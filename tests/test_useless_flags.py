"""Every flag of every command has an effect, or is refused, in one line and before any work, where it can have none."""

import json

import numpy as np
import pytest

from wgangp_tf import cli

# what is typed → part of the line that answers
_USELESS = {
    "--cache=none": "dataset 'digits' has no use for cache. Received: cache=none",
    "--cache_dir=c": "dataset 'digits' has no use for cache_dir. Received: cache_dir=c",
    "--max_bad_files=0.5 --dry_run": "dataset 'digits' has no use for max_bad_files. Received: max_bad_files=0.5",
    "--dataset=mnist --max_bad_files=0.5": "dataset 'mnist' has no use for max_bad_files",
    "--dataset=25gaussians --cache=memory": "dataset '25gaussians' has no use for cache",
    "--data_dir=photos": "dataset 'digits' has no use for data_dir",
    "--data_file=a.npy --dataset=digits": "dataset 'digits' has no use for data_file",
    "--manual_dir=m": "dataset 'digits' has no use for manual_dir",
    "--download": "dataset 'digits' has no use for download",
    "--inception_weights=download --download": "dataset 'digits' has no use for download",
    "--dataset=shapes --inception_weights=download": "a training makes none without --evaluate_every",
    "--crop=none": "dataset 'digits' has 8x8 pictures, which are not cut or resized. Received: crop=none",
    "--resize=bicubic": "which are not cut or resized. Received: resize=bicubic",
    "--image_size=16": "dataset 'digits' has 8x8 pictures",
    "--channels=3": "dataset 'digits' has 1 channel",
    "--dataset=wine --flip": "holds arrays, not pictures. Received: flip=True",
    "--dataset=wine --dequantize": "holds arrays, not pictures. Received: dequantize=True",
    "--dataset=wine --augment=flip": "augment changes pictures",
    "--array=a": "dataset 'digits' is no array of your own. Received: array=a",
    "--channels_last=false": "is no array of your own. Received: channels_last=False",
    "--scale=minmax": "is no array of your own. Received: scale=minmax",
    "--scale_axes=all": "is no array of your own. Received: scale_axes=all",
    "--dataset=swiss_roll --labels=auto": "dataset 'swiss_roll' has no labels",
    "--critic_condition=classifier": "a pair of networks without --conditional has no critic_condition",
    "--generator_normalization=none --sync_batch_norm": "network 'mlp' without batch normalization has no sync_batch_n",
    "--method=wgan --gp_weight=1": "method 'wgan' has no gp_weight",
    "--method=wgan --gp_interval=5": "method 'wgan' has no gp_interval",
    "--method=wgan --gp_batch_fraction=0.5": "method 'wgan' has no gp_batch_fraction",
    "--clip_value=0.1": "method 'wgan-gp' has no clip_value",
    "--method=r3gan --generator_batch_size=64": "has no generator_batch_size",
    "--optimizer=rmsprop --beta_1=0.5": "optimizer 'rmsprop' has no beta_1",
    "--optimizer=sgd --beta_2=0.5": "optimizer 'sgd' has no beta_2",
    "--name=x --run_dir=r": "--name names a new directory in 'runs'",
    "--local_workers=2 --strategy=one": "local_workers is for --strategy=multi_worker",
    "--resume": "--resume found no unfinished run",
    "generate --saved_model=a --run_dir=b": "generate expects --saved_model or --run_dir, not both",
    "evaluate --saved_model=a --run_dir=b": "evaluate expects one of --run_dir, --saved_model and --data_dir",
    "evaluate --saved_model=a --step=3": "--step is for --run_dir",
    "evaluate --saved_model=a --network=a:b": "--network is for --run_dir",
    "evaluate --run_dir=a --image_size=8": "--image_size is for the pictures of --data_dir",
    "evaluate --metrics=modes,marginals --features=pixels": "samples by features, and none of these does: modes, ma",
    "report --run_dir=a --compare=a,b": "report expects --run_dir=<run> or --compare=<run>,<run>,… Received: both",
    "reproduce --figure=toy_samples --run_dir=r": "--run_dir is for --figure=samples",
    "reproduce --figure=toy_samples --saved_model=r": "--saved_model is for --figure=samples",
    "reproduce --figure=toy_samples --small --data_dir=d": "has no use for data_dir",
    "reproduce --figure=toy_samples --small --manual_dir=d": "has no use for manual_dir",
    "reproduce --figure=toy_samples --small --download": "has no use for download",
    "reproduce --figure=toy_samples --small --cache_dir=d": "has no use for cache_dir",
    "reproduce --figure=toy_samples --small --bedrooms=d": "has no use for bedrooms",
    "reproduce --figure=toy_samples --redraw --cache_dir=d": "--redraw reads no data set",
}
# flags that always do something; what is in neither table nobody has thought of
_ALWAYS = {
    "train": "preset config export_dir overwrite dry_run dataset method network width latent_dim initializer "
    "conditional critic_normalization n_critic optimizer learning_rate critic_learning_rate learning_rate_decay "
    "batch_size steps ema_decay precision accumulate init_from seed jit_compile steps_per_execution "
    "deterministic log_every sample_every checkpoint_every evaluate_every keep_checkpoints max_minutes",
    "generate": "num_images seed label out overwrite",
    "evaluate": "data_dir against metrics num_images seed repeats out nearest manual_dir download cache_dir "
    "max_bad_files inception_weights",
    "report": "out",
    "export": "run_dir step export_dir overwrite network",
    "reproduce": "figure out",
    "benchmark": "preset precision beside batch_size turns curves max_minutes out page",
}


@pytest.mark.parametrize("words", _USELESS)
def test_a_flag_that_can_do_nothing_is_refused(command, tmp_path, words):
    status, out, err = command(*words.split())
    assert (status, out) == (2, "") and err.startswith("error: ") and err.count("\n") == 1
    assert _USELESS[words] in err
    assert not list(tmp_path.iterdir())


def _named(words):
    first, *rest = words.split()
    command, flags = (cli.COMMANDS[0], [first, *rest]) if first.startswith("-") else (first, rest)
    return {(command, flag.lstrip("-").partition("=")[0]) for flag in flags}


def test_every_flag_is_decided():
    known = {(command, name) for command, names in _ALWAYS.items() for name in names.split()}
    known = known.union(*map(_named, _USELESS))
    flags = {(name, flag.name) for name in cli.COMMANDS for flag in cli.module(name).FLAGS}
    assert flags == known


def test_what_is_scaled_by_itself_says_nothing_where_nothing_is_scaled(command, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((8, 3), np.float32))
    words = ("--dataset=array", "--data_file=a.npy", "--scale_axes=all", "--scale=none", "--dry_run")
    status, _, err = command(*words)
    assert status == 2 and "scale 'none' has no scale_axes. Received: scale_axes=all" in err


def test_processes_are_not_started_where_there_are_some(command, monkeypatch):
    told = {"cluster": {"worker": ["a:1", "b:1", "c:1"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(told))
    status, _, err = command("--local_workers=2")
    assert status == 2 and "TF_CONFIG tells of 3: leave one of them out. Received: --local_workers=2" in err
