"""Arrays of one's own through the command line: each rank, each scale, to the exported SavedModel and back."""

import csv
import json
import os
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.marks import each
from tests.wiring.networks import linear_critic
from wgangp_tf.config import Data
from wgangp_tf.data import registry
from wgangp_tf.gan.model import WGANGP
from wgangp_tf.samples.codec import Codec
from wgangp_tf.serving.export import export_generator
from wgangp_tf.settings import Storage

_RANDOM = np.random.default_rng(0)
_TINY = {"dataset": "array", "network": "mlp", "width": 4, "latent_dim": 3, "batch_size": 4, "n_critic": 1, "steps": 1}
RANKS = {
    "vectors": ((20, 3), {}),
    "signals": ((20, 7, 2), {"scale": "minmax"}),
    "two dimensions": ((20, 5, 7, 2), {"scale": "none"}),
    "volumes": ((20, 4, 5, 7, 2), {"scale_axes": "all"}),
    "signals without channels": ((20, 7), {"channels_last": False}),
    "two dimensions without channels": ((20, 5, 7), {"channels_last": False, "scale": "minmax"}),
    "volumes without channels": ((20, 4, 5, 7), {"channels_last": False}),
}


def _saved(lab, name, shape):
    """A file of an array whose channels have nothing in common; its path."""
    values = (1 + 9 * np.arange(shape[-1])) ** 3 * _RANDOM.normal(5, 1, size=shape)
    np.save(lab.place / name, values)
    return str(lab.place / name)


@pytest.mark.parametrize("rank", each(RANKS, quick=["vectors", "volumes", "two dimensions without channels"]))
def test_each_rank_through_an_update_and_an_export(lab, rank):
    shape, options = RANKS[rank]
    file = _saved(lab, f"{len(shape)}{options}.npy".replace(" ", ""), shape)
    run = lab.run(**_TINY | options | {"data_file": file})
    latents = _RANDOM.normal(size=(5, 3)).astype(np.float32)
    raw, units = run.served("raw", latents=latents), run.served("serving_default", latents=latents)
    samples = run.read("config.json")["samples"]
    assert raw.shape == (5, *samples["shape"]) and units.shape == (5, *shape[1:])
    if "reach" in samples:
        assert np.abs(raw).max() <= 1
        raw = np.clip(raw, -samples["reach"], samples["reach"])
    if samples["scale"] is not None:
        factor, offset = (
            np.reshape(samples["scale"][name], samples["scale"]["shape"]) for name in ("factor", "offset")
        )
        rounding = 4 * np.finfo(np.float32).eps * (np.abs(raw * factor) + np.abs(offset))  # where they nearly cancel
        raw = raw * factor + offset
    else:
        rounding = np.zeros_like(raw)
    assert (np.abs(units - raw.reshape(units.shape)) <= rounding.reshape(units.shape)).all()
    drawn = run.served("generate", num_images=np.int32(70), seed=np.int32(2))
    assert drawn.shape == (70, *shape[1:]) and drawn.dtype == np.float32
    assert set(run.signatures) == {"serving_default", "generate", "raw"}


@pytest.mark.parametrize("scale", ["standard", "minmax", "none"])
@pytest.mark.parametrize("shape, channels_last", [((30, 4), True), ((30, 3, 4), True), ((30, 3, 4), False)])
def test_a_saved_model_gives_back_what_the_networks_were_given(tmp_path, shape, channels_last, scale):
    np.save(tmp_path / "x.npy", 1e4 + _RANDOM.normal(size=shape) * [1, 10, 100, 1000])
    data = Data(dataset="array", scale=scale, channels_last=channels_last)
    source = registry.load(data, Storage(data_file=str(tmp_path / "x.npy")))
    latents = keras.Input((int(np.prod(shape[1:])),))
    generator = keras.Model(latents, keras.layers.Reshape(source.spec.shape)(latents))
    model = WGANGP(generator, linear_critic(source.spec.shape), latent_dim=latents.shape[1], codec=Codec(source.spec))
    export_generator(model, tmp_path / "model")
    stored = source.train.samples[:]
    inside = tf.reshape(Codec(source.spec).decode(tf.constant(stored)), [len(stored), -1])
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    (given,) = loaded.signatures["serving_default"](inside).values()
    assert given.shape == stored.shape
    # float32 rounds numbers of 10,000 by half of 2⁻¹⁰ at each of two operations
    np.testing.assert_allclose(given, stored, rtol=0, atol=2.0**-10)


@pytest.fixture(scope="module")
def table(lab):
    """A run on a table with names and labels."""
    with open(lab.place / "table.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "kind", "b c"])
        writer.writerows((k, "xy"[k % 2], f"{1e6 - k * k:.1f}") for k in range(40))
    flags = {"data_file": str(lab.place / "table.csv"), "labels": "kind", "steps": 2, "checkpoint_every": 1}
    return lab.run(**_TINY | flags)


def test_a_run_knows_where_its_data_lie(lab, table, command, tmp_path):
    samples = table.read("config.json")["samples"]
    assert (samples["features"], samples["classes"]) == (["a", "b c"], ["x", "y"])
    kept = table.read("environment.json")["storage"]["data_file"]
    assert kept["absolute"] == str(lab.place / "table.csv")
    assert command(f"--run_dir={table.path}", "--steps=2")[0] == 0
    # both moved: the file is found beside the run, where it was
    shutil.copytree(table.path, tmp_path / "there" / "runs" / table.path.name)
    shutil.copy(lab.place / "table.csv", tmp_path / "there")
    os.remove(tmp_path / "there" / "runs" / table.path.name / "export.json")
    shutil.rmtree(tmp_path / "there" / "runs" / table.path.name / "checkpoints" / "step-00000002")
    status, _, err = command(f"--run_dir={tmp_path}/there/runs/{table.path.name}", f"--export_dir={tmp_path}/m")
    assert status == 0, err
    # other values of the same shape are not gone on with
    text = (tmp_path / "there" / "table.csv").read_text().replace("39,", "38.5,")
    (tmp_path / "other.csv").write_text(text)
    shutil.rmtree(tmp_path / "there" / "runs" / table.path.name / "checkpoints" / "step-00000002")
    status, _, err = command(f"--run_dir={tmp_path}/there/runs/{table.path.name}", "--data_file=other.csv")
    assert status == 2 and "error: the samples of data set 'array' are not those the run began with" in err


def test_generated_tables_keep_the_names(table, command, tmp_path):
    draw = ("generate", f"--run_dir={table.path}", "--num_images=2100", "--seed=3")
    assert command(*draw)[:2] == (0, "generated.csv\n")
    for out in ("x.npy", "x.npz"):
        assert command(*draw, f"--out={out}")[0] == 0
    with open(tmp_path / "generated.csv", newline="") as file:
        first, *rows = csv.reader(file)
    samples = np.load(tmp_path / "x.npy")
    assert first == ["a", "b c"] and samples.shape == (2100, 2)
    np.testing.assert_array_equal(np.array(rows, np.float32), samples)  # every digit that float32 has
    with np.load(tmp_path / "x.npz") as archive:
        np.testing.assert_array_equal(archive["samples"], samples)
    status, _, err = command(*draw, "--out=many/")
    assert status == 2 and "Received: 'many'" in err and not (tmp_path / "many").exists()


def test_a_run_and_its_saved_model_are_evaluated(lab, table, command, tmp_path):
    few = ("--num_images=50", "--metrics=wasserstein,neighbours", "--out=e.jsonl")
    against = f"--against={lab.place / 'table.csv'}"
    assert command("evaluate", f"--run_dir={table.path}", *few)[0] == 0
    assert command("evaluate", f"--saved_model={table.saved_model}", against, *few)[0] == 0
    of_run, of_export = map(json.loads, (tmp_path / "e.jsonl").read_text().splitlines())
    for name in of_run["features"]:
        assert of_run[name] == pytest.approx(of_export[name], rel=1e-4)
    # in deviations, where the second feature is a million
    assert of_run["wasserstein_floor"] < 2
    _, _, err = command("evaluate", f"--saved_model={table.saved_model}", *few)
    assert "was trained on a file of arrays; --against=<that file of arrays> says which" in err
    np.save(tmp_path / "three.npy", np.zeros([9, 3]))
    _, _, err = command("evaluate", f"--run_dir={table.path}", "--against=three.npy", *few)
    assert err.startswith("error: samples of the same kind are expected: ")


def test_a_report_and_a_dry_run(table, lab, command, tmp_path):
    assert command("report", f"--run_dir={table.path}", "--out=r.html")[0] == 0
    assert (tmp_path / "r.html").stat().st_size > 10_000
    words = [f"--{name}={value}" for name, value in _TINY.items()]
    status, out, _ = command(*words, f"--data_file={lab.place / 'table.csv'}", "--labels=kind", "--dry_run")
    assert status == 0 and '"scale": "standard"' in out and "the run: 1 steps, 4 images" in out
