"""Checkpoints: whole or not there, and found out when damaged."""

import json
import shutil

import keras
import numpy as np
import pytest

from wgangp_tf import config as configs
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import of_pictures
from wgangp_tf.training import build
from wgangp_tf.training.checkpoints import Checkpoints, damage


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model, its generator's weights, and a directory of its checkpoints of steps 1, 2 and 3."""
    values = {"width": 4, "latent_dim": 2, "batch_size": 4, "network": "mlp"}
    model = build.build(configs.from_values(values), of_pictures((8, 8, 1)))
    directory = tmp_path_factory.mktemp("saved")
    kept = Checkpoints(directory, model, keep=3)
    for step in (1, 2, 3):
        model.step.assign(step)
        kept.save()
    return model, model.generator.get_weights(), directory


@pytest.fixture
def model(saved):
    """The model as it was saved, but for its step."""
    model, weights, _ = saved
    model.generator.set_weights(weights)
    model.step.assign(99)
    return model


@pytest.fixture
def checkpoints(model, saved, tmp_path):
    """Those checkpoints, told apart by their step, in a place of their own."""
    shutil.copytree(saved[2], tmp_path, dirs_exist_ok=True)
    return Checkpoints(tmp_path, model, keep=3)


def _names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_damaged_one_that_was_asked_for_is_said_and_stays(checkpoints, model, tmp_path):
    lines = []
    (tmp_path / "step-00000002" / "weights.index").write_bytes(b"")
    with pytest.raises(UserError, match=r"checkpoint '.*step-00000002' is damaged \(weights.index does not have"):
        checkpoints.restore(lines.append, step=2)
    assert lines == [] and (tmp_path / "step-00000002").is_dir()
    assert checkpoints.restore(lines.append) == 3 and lines == []


def test_one_of_another_format_is_not_read(checkpoints, model, tmp_path):
    manifest = tmp_path / "step-00000003" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 99'))
    lines = []
    assert checkpoints.restore(lines.append) == 2
    assert "is damaged (manifest.json has format 99; this version reads 2); the one before it is used" in lines[0]


def test_the_newest_is_restored(checkpoints, model):
    before = model.generator.get_weights()
    model.generator.set_weights([0 * weight for weight in before])
    assert checkpoints.restore(print) == 3
    assert int(model.step) == 3
    for now, then in zip(model.generator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_one_of_a_step_is_restored(checkpoints, model):
    assert checkpoints.restore(print, step=2) == 2 and int(model.step) == 2
    with pytest.raises(UserError, match=r"no checkpoint of step 7 in .* which has: 1, 2, 3. Received: step=7"):
        checkpoints.restore(print, step=7)


def test_the_oldest_goes(checkpoints, model, tmp_path):
    model.step.assign(4)
    checkpoints.save()
    assert _names(tmp_path) == ["step-00000002", "step-00000003", "step-00000004"]


def test_nothing_there(model, tmp_path):
    assert Checkpoints(tmp_path, model).restore(print) is None


@pytest.mark.parametrize("name", ["weights.index", "weights.data-00000-of-00001", "manifest.json"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_found_and_the_checkpoint_before_is_used(checkpoints, model, tmp_path, name, share):
    file = tmp_path / "step-00000003" / name
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    lines = []
    assert checkpoints.restore(lines.append) == 2 and int(model.step) == 2
    assert len(lines) == 1 and "step-00000003 is damaged" in lines[0] and name in lines[0]
    assert _names(tmp_path) == ["damaged-00000003", "step-00000001", "step-00000002"]


@pytest.mark.parametrize("name", ["weights.index", "weights.data-00000-of-00001", "manifest.json"])
def test_a_flipped_bit_is_found(checkpoints, model, tmp_path, name):
    file = tmp_path / "step-00000003" / name
    data = bytearray(file.read_bytes())
    # in the manifest a bit of a digest, elsewhere one in the middle
    position = data.index(b'": "') + 9 if name == "manifest.json" else len(data) // 2
    data[position] ^= 1
    file.write_bytes(bytes(data))
    assert checkpoints.restore(lambda line: None) == 2 and int(model.step) == 2


@pytest.mark.parametrize("name", ["weights.index", "weights.data-00000-of-00001", "manifest.json"])
def test_a_missing_file_is_named(checkpoints, tmp_path, name):
    (tmp_path / "step-00000003" / name).unlink()
    assert damage(tmp_path / "step-00000003") == f"{name} is missing"


def test_without_a_whole_one_the_run_is_not_begun_anew(checkpoints, tmp_path):
    for path in tmp_path.iterdir():
        (path / "manifest.json").write_text("{}")
    for _ in range(2):  # also when the damaged ones were set aside before
        with pytest.raises(UserError, match="no checkpoint in .* is whole; remove the directory to begin anew"):
            checkpoints.restore(lambda line: None)


def test_a_reader_sets_nothing_aside(checkpoints, tmp_path):
    (tmp_path / "step-00000003" / "manifest.json").unlink()
    assert checkpoints.restore(lambda line: None, writer=False) == 2
    assert "step-00000003" in _names(tmp_path)


def test_a_failed_save_leaves_the_earlier_ones_and_nothing_else(checkpoints, model, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    model.step.assign(4)
    monkeypatch.setattr("wgangp_tf.files.sync_tree", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoints.save()
    assert _names(tmp_path) == ["step-00000001", "step-00000002", "step-00000003"]
    assert [damage(path) for path in tmp_path.iterdir()] == [None] * 3


def test_the_same_step_again_replaces_it(checkpoints, model, tmp_path):
    model.step.assign(3)
    model.generator.set_weights([weight + 1 for weight in model.generator.get_weights()])
    checkpoints.save()
    expected = model.generator.get_weights()
    model.generator.set_weights([0 * weight for weight in expected])
    assert checkpoints.restore(print) == 3
    np.testing.assert_array_equal(model.generator.get_weights()[0], expected[0])


def test_other_networks_are_refused(checkpoints, tmp_path):
    values = {"width": 5, "latent_dim": 2, "batch_size": 4, "network": "mlp"}
    other = build.build(configs.from_values(values), of_pictures((8, 8, 1)))
    with pytest.raises(UserError, match="is of other networks or optimizers than this run's"):
        Checkpoints(tmp_path, other).restore(print)


def test_both_optimizers_and_seeds_of_dropout_are_in_it(tmp_path, monkeypatch):
    from wgangp_tf.gan.model import WGANGP

    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dropout(0.5, seed=3)])
    critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model = WGANGP(generator, critic, latent_dim=2, n_critic=1)
    model.compile()
    model.fit(np.ones([4, 3], np.float32), batch_size=4, verbose=0)
    kept = Checkpoints(tmp_path, model)
    kept.save()
    groups = [model.generator.variables, model.generator_optimizer.variables, model.critic_optimizer.variables]
    variables = [variable for group in groups for variable in group]
    before = [variable.numpy() for variable in variables]
    model.fit(np.ones([4, 3], np.float32), batch_size=4, verbose=0)
    assert any(not np.array_equal(now.numpy(), then) for now, then in zip(variables, before, strict=True))
    kept.restore(print)
    for now, then in zip(variables, before, strict=True):
        np.testing.assert_array_equal(now.numpy(), then)
    assert "sha256" in json.loads((tmp_path / "step-00000001" / "manifest.json").read_text())


@pytest.mark.slow
def test_what_the_last_penalty_said_is_restored(tmp_path):
    # a penalty in every second step; the second step logs what the first one's said
    values = {"width": 4, "latent_dim": 2, "batch_size": 4, "network": "mlp", "n_critic": 2, "gp_interval": 4}
    batch = np.random.default_rng(0).integers(0, 256, [8, 8, 8, 1]).astype(np.uint8)

    def step(model):
        logs = model.fit(batch, batch_size=8, shuffle=False, verbose=0).history
        return {name: value for name, (value,) in logs.items()}

    def built():
        return build.build(configs.from_values(values), of_pictures((8, 8, 1)))

    model = built()
    first = step(model)
    Checkpoints(tmp_path, model, keep=1).save()
    second, again = step(model), built()
    assert Checkpoints(tmp_path, again, keep=1).restore(print) == 1
    assert step(again) == second
    for name in ("gradient_penalty", "gradient_norm", "gradient_norm_min", "gradient_norm_max"):
        assert second[name] == first[name] > 0
