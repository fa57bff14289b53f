"""A run that begins with the networks of another one."""

import json
import pathlib
import shutil

import keras
import numpy as np
import pytest
from keras import layers

from tests.training.test_multi_worker import TOGETHER, logged, run, weights
from wgangp_tf import config as configs
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import of_pictures
from wgangp_tf.training import build, evaluation, init_from, resolve
from wgangp_tf.training.checkpoints import Checkpoints, checkpoint_steps
from wgangp_tf.training.run_directory import RunDirectory


def dense(width, depth=2, name=None):
    """A network of layers without names of their own."""
    x = given = keras.Input((3,))
    for _ in range(depth):
        x = layers.Dense(width)(x)
    return keras.Model(given, layers.BatchNormalization(name=name)(x))


def values(run, part, step=None):
    """The arrays of a part of a checkpoint, the newest where no step is given, in their order."""
    found = {name.split("/")[1]: value for name, value in weights(run, step).items() if name.startswith(f"{part}/")}
    return [found[str(number)] for number in range(len(found))]


def clock(name):
    """Whether a logged number depends on the clock."""
    return name.endswith("seconds") or name == "images_per_second"


def forget(run, steps):
    """Removes the checkpoints of some steps, as if the run had been killed before it saved them."""
    for step in steps:
        shutil.rmtree(run / "checkpoints" / f"step-{step:08d}")


def same(one, other):
    assert len(one) == len(other) > 0
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


TINY = {
    "dataset": "digits",
    "width": 8,
    "latent_dim": 4,
    "batch_size": 16,
    "n_critic": 2,
    "learning_rate": 0.01,
    "learning_rate_decay": "none",
    "steps": 4,
    "log_every": 2,
    "sample_every": 4,
    "checkpoint_every": 2,
}


@pytest.fixture(scope="module")
def trained(lab):
    """A run of four steps, whose weights move."""
    return lab.run(**TINY, seed=1).path


@pytest.fixture(scope="module")
def begun(lab, trained):
    """A run that begins with its networks."""
    return lab.run(**TINY, init_from=str(trained)).path


@pytest.fixture
def old(trained, tmp_path):
    """A copy of the old run in a place of its own."""
    return pathlib.Path(shutil.copytree(trained, tmp_path / "old"))


def other_model(**values):
    """A model of networks like those of `trained`, and weights of its own."""
    values = {name: value for name, value in TINY.items() if name not in ("log_every", "sample_every")} | values
    config = configs.from_values({k: v for k, v in values.items() if k != "checkpoint_every"} | {"network": "mlp"})
    spec = of_pictures(values.get("image_size", (8, 8)) + (values.get("channels", 1),))
    return build.build(resolve.complete(config, spec), spec)


def arrays(variables):
    return [variable.numpy() for variable in variables]


# ---- what a new run begins with


def test_the_networks_are_those_that_were_trained(trained, begun):
    assert not np.array_equal(values(trained, "averages")[0], values(trained, "generator")[0])
    for part, wanted in {"generator": "averages", "averages": "averages", "critic": "critic"}.items():
        same(values(begun, part, step=0), values(trained, wanted))
    assert not np.any(values(begun, "critic_optimizer", step=0)[0])  # its count of updates


def test_a_run_says_what_it_took(trained, begun):
    config, environment = (json.loads((begun / f"{name}.json").read_text()) for name in ("config", "environment"))
    assert config["optimization"]["init_from"] == str(trained)
    taken = environment["init_from"]
    assert taken["step"] == 4
    assert taken["run_id"] == json.loads((trained / "environment.json").read_text())["run_id"]
    assert "dense_1/kernel" in taken["weights"]["critic"]["taken"]
    assert taken["weights"]["generator"]["begun_anew"] == []


def test_over_replicas_the_networks_are_the_same(trained, mirrored):
    with mirrored.scope():
        model = other_model()
    init_from.TrainedPair(str(trained)).give(model, "mlp", print)
    same(arrays(model.generator.weights), values(trained, "averages"))
    same(arrays(model.critic.weights), values(trained, "critic"))
    for weights_ in (model.generator.weights, model.averages.weights):
        for number, weight in enumerate(weights_):
            for of_replica in weight.value.values:
                np.testing.assert_array_equal(of_replica, values(trained, "averages")[number])


def test_other_pictures_take_the_layers_that_fit(trained):
    said, model = [], other_model(image_size=(12, 10), channels=3)
    first = model.critic.weights[0].numpy()
    report = init_from.TrainedPair(str(trained)).give(model, "mlp", said.append)
    assert said == [
        f"begins with the networks of {trained} at step 4",
        # to and from the pictures nothing fits, between them all does
        f"generator: {len(model.generator.weights) - 2} of {len(model.generator.weights)} weights fit, 2 begin anew "
        "(environment.json names them)",
        "critic: 7 of 8 weights fit, 1 begin anew (environment.json names them)",
    ]
    of_critic = report["weights"]["critic"]
    assert of_critic["begun_anew"] == of_critic["left_behind"] == ["dense_1/kernel"]
    same(arrays(model.critic.weights)[1:], values(trained, "critic")[1:])
    np.testing.assert_array_equal(model.critic.weights[0], first)


def test_the_best_checkpoint_is_taken_where_they_were_evaluated(trained, monkeypatch):
    monkeypatch.setattr(evaluation, "best", lambda path, judge, steps: {"step": 2, judge: 0.25})
    said, model = [], other_model()
    report = init_from.TrainedPair(str(trained)).give(model, "mlp", said.append)
    assert report["step"] == 2
    assert said[0].startswith(f"begins with the networks of {trained} at step 2, its best by ")
    assert said[0].endswith(" (0.25)")
    same(arrays(model.generator.weights), values(trained, "averages", step=2))


def test_without_averages_the_generator_itself_is_taken(old):
    config = json.loads((old / "config.json").read_text())
    config["optimization"]["ema_decay"] = 0.0
    (old / "config.json").write_text(json.dumps(config))
    without, model = other_model(ema_decay=0.0, seed=5), other_model()
    without.step.assign(5)
    Checkpoints(old / "checkpoints", without).save()
    assert not np.array_equal(model.averages.weights[0], without.generator.weights[0])
    init_from.TrainedPair(str(old)).give(model, "mlp", print)
    same(arrays(model.averages.weights), arrays(without.generator.weights))


def test_layers_without_names_are_known_by_their_place():
    first, second = dense(4), dense(4)
    assert first.layers[1].name != second.layers[1].name
    fit = init_from.Fitting(first, second)
    assert [(old.path, new.path) for old, new in fit.pairs.values()] == [
        (old.path, new.path) for old, new in zip(first.weights, second.weights, strict=True)
    ]
    assert fit.in_words() == "all 8 weights fit"


def test_weights_without_names_are_known_by_their_place():
    class Affine(layers.Layer):
        def build(self, shape):
            self.factor, self.offset = (self.add_weight(shape=shape[1:]) for _ in range(2))

        def call(self, inputs):
            return inputs * self.factor + self.offset

    networks = [keras.Sequential([keras.Input((3,)), Affine(name="own")]) for _ in range(2)]
    (_, factor, *_), (_, other, *_) = ([weight.name for weight in network.weights] * 2 for network in networks)
    assert factor != other
    fit = init_from.Fitting(*networks)
    assert [name.rpartition("/")[2] for name in fit.pairs] == ["variable_1", "variable_2"]
    assert [new for _, new in fit.pairs.values()] == networks[1].weights


def test_only_the_same_name_and_shape_fit():
    fit = init_from.Fitting(dense(4, name="last"), dense(5, name="last"))
    assert not fit.pairs
    fit = init_from.Fitting(dense(4, depth=3, name="last"), dense(4, name="end"))
    assert fit.names() == {
        "taken": ["dense_1/kernel", "dense_1/bias", "dense_2/kernel", "dense_2/bias"],
        "begun_anew": ["end/gamma", "end/beta", "end/moving_mean", "end/moving_variance"],
        "left_behind": [
            "dense_3/kernel",
            "dense_3/bias",
            "last/gamma",
            "last/beta",
            "last/moving_mean",
            "last/moving_variance",
        ],
    }


# ---- how it goes on


def test_a_killed_run_goes_on_as_if_nothing_had_been(command, trained, begun, old):
    wanted = weights(begun)
    for name, steps in (("killed", [2, 4]), ("nothing_saved", [0, 2, 4])):
        run = pathlib.Path(shutil.copytree(begun, name))
        (run / "export.json").unlink()
        forget(run, steps)
        moved = trained.with_name("elsewhere")
        if 0 not in steps:
            trained.rename(moved)  # it needs the old run no more
        try:
            status, _, err = command(f"--run_dir={name}", f"--export_dir={name}_m", f"--init_from={trained}")
        finally:
            if moved.exists():
                moved.rename(trained)
        assert status == 0 and ("begins with" in err) == (0 in steps), err
        found = weights(run)
        assert found.keys() == wanted.keys()
        for part, value in wanted.items():
            np.testing.assert_array_equal(found[part], value, err_msg=part)
        for lines in zip(logged(begun), logged(run), strict=True):
            one, other = ({k: v for k, v in line.items() if not clock(k)} for line in lines)
            assert one == other
        assert json.loads((run / "environment.json").read_text())["init_from"]["step"] == 4


def test_nothing_saved_and_the_old_run_gone_is_said(command, begun, old):
    run = pathlib.Path(shutil.copytree(begun, "run"))
    forget(run, [0, 2, 4])
    config = json.loads((run / "config.json").read_text())
    config["optimization"]["init_from"] = "gone"
    (run / "config.json").write_text(json.dumps(config))
    status, _, err = command("--run_dir=run", "--export_dir=m")
    assert status == 2 and "error: init_from expects the directory of a run. Received: 'gone'" in err


def test_a_run_that_began_otherwise_is_not_continued(command, old):
    status, _, err = command("--run_dir=old", "--init_from=other/")
    assert status == 2 and "holds a run of another config: init_from None (now 'other')" in err


# ---- what cannot be


def _empty(old):
    forget(old, checkpoint_steps(old / "checkpoints"))


def _damaged(old):
    for step in checkpoint_steps(old / "checkpoints"):
        (old / "checkpoints" / f"step-{step:08d}" / "weights.index").write_bytes(b"")


def _of_own_code(old):
    config = json.loads((old / "config.json").read_text())
    config["model"]["network"] = "mine:build"
    (old / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    "change, flags, message",
    [
        (None, {"init_from": "nowhere"}, "init_from expects the directory of a run. Received: 'nowhere'"),
        (_empty, {}, "init_from expects a run with a checkpoint. Received: 'old', which has none"),
        (_damaged, {}, "no checkpoint in 'old/checkpoints' is whole"),
        (_of_own_code, {}, "'old/config.json' names code of yours as its network, which only the command line may"),
        (
            None,
            {"network": "dcgan"},
            "init_from expects a run whose weights fit. Received: 'old', of network 'mlp': no weight of its generator "
            "has the name and shape of one of 'dcgan' here",
        ),
    ],
)
def test_what_cannot_be_begun_with_is_one_line_and_begins_nothing(command, old, change, flags, message):
    if change is not None:
        change(old)
    flags = {"run_dir": "new", "export_dir": "m", "init_from": "old", "width": 8, "latent_dim": 4} | flags
    status, _, err = command(*(f"--{name}={value}" for name, value in flags.items()))
    assert status == 2
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: {message}"), line
    assert not pathlib.Path("new").exists()


def test_a_run_that_may_not_be_read_is_named_by_its_flag(command, old, monkeypatch):
    def denied(self, **keywords):
        raise PermissionError(13, "Permission denied", str(self.config_file))

    monkeypatch.setattr(RunDirectory, "read_config", denied)
    status, _, err = command("--init_from=old", "--run_dir=new", "--width=8", "--latent_dim=4")
    told = "init_from expects the directory of a run that can be read. Received: 'old' (Permission denied: "
    assert status == 2 and f"error: {told}'old/config.json')" in err
    assert not pathlib.Path("new").exists()


def test_a_model_that_nothing_fits_stays_as_it_is(trained):
    config = resolve.resolve({"network": "dcgan", "width": 8, "latent_dim": 4})
    model = build.build(config, config.samples)
    before = arrays([*model.generator.weights, *model.critic.weights])
    with pytest.raises(UserError, match="weights fit"):
        init_from.TrainedPair(str(trained)).give(model, "dcgan", print)
    same(before, arrays([*model.generator.weights, *model.critic.weights]))


@pytest.mark.slow
def test_two_processes_begin_with_what_the_chief_read(tmp_path):
    flags = ("--export_dir=model", "--learning_rate=0.1")
    assert run(tmp_path, "--steps=2", "--run_dir=old", *flags)[0] == 0
    alone = run(tmp_path, "--steps=2", "--run_dir=one", "--init_from=old", "--export_dir=m1")
    together = run(tmp_path, "--steps=2", "--run_dir=two", "--init_from=old", "--export_dir=m2", *TOGETHER)
    for status, said in (alone, together):
        assert status == 0 and said.count("begins with the networks of old at step 2") == 1, said
    for step, tolerance in ((0, 0), (2, 1e-5)):
        one, two = (weights(tmp_path / name, step) for name in ("one", "two"))
        for name in one:
            np.testing.assert_allclose(two[name], one[name], rtol=tolerance, atol=tolerance, err_msg=name)
