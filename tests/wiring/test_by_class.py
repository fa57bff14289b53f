"""Networks that take classes, from the command line to the SavedModel."""

import json
import pathlib

import numpy as np
import pytest
from PIL import Image

from tests.wiring.lab import DENSE, load

FLAGS = DENSE | {
    "conditional": True,
    "learning_rate": 0.01,
    "optimizer": "adam",
    "steps": 4,
    "batch_size": 8,
    "ema_decay": 0.5,
    "checkpoint_every": 2,
    "sample_every": 4,
}


@pytest.fixture(scope="module")
def digits(lab):
    return lab.run(**FLAGS)


def test_a_run_knows_its_classes_and_how_frequent_they_are(digits):
    config = digits.read("config.json")
    assert config["data"]["labels"] == "auto" and config["model"]["conditional"] is True
    assert config["model"]["critic_condition"] == "projection"
    assert config["samples"]["classes"] == list("0123456789")
    counts = np.bincount(load(dataset="digits", labels="auto").train.labels)
    np.testing.assert_allclose(config["samples"]["class_frequencies"], counts / 1500, rtol=1e-12)


def test_pictures_have_a_column_for_each_class(digits):
    for name in ("real", "step-00000000", "step-00000004"):
        picture = digits.picture(name)
        assert picture.shape[1] == 10 * 34 + 2 and 8 * 34 + 2 < picture.shape[0] < 8 * 34 + 30
    labels = np.tile(np.arange(10), 8).astype(np.int32)
    samples = digits.served("generate", num_images=80, seed=0, labels=labels)
    shown = digits.picture("step-00000004")
    above = shown.shape[0] - (8 * 34 + 2)
    for k in (0, 13, 79):
        row, column = divmod(k, 10)
        tile = shown[above + 2 + row * 34 :, 2 + column * 34 :][:32:4, :32:4]
        assert np.abs(tile.astype(int) - samples[k, ..., 0]).max() <= 1


def test_a_run_that_is_continued_is_the_run_that_was_not(lab, digits):
    run = lab.run(**FLAGS | {"steps": 2})
    lab.command("train", run_dir=run.path, steps=4, export_dir=run.saved_model)
    for network in ("generator", "critic"):
        np.testing.assert_array_equal(run.weights(network), digits.weights(network))
    for name in ("critic_loss", "generator_loss", "gradient_norm", "validation_critic_loss"):
        np.testing.assert_array_equal([json.loads(line)[name] for line in (
            run.path / "metrics.jsonl").read_text().splitlines()], digits.logged(name))  # fmt: skip


def test_a_config_makes_the_same_run(lab, digits):
    lab.command("train", config=digits.path / "config.json", run_dir=lab.place / "again", log_every=1,
                export_dir=lab.place / "again_model")  # fmt: skip
    again = (lab.place / "again" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["critic_loss"] for line in again] == digits.logged("critic_loss").tolist()


@pytest.mark.parametrize("label, labels", [("7", [7]), ("3, 5", [3, 5]), ("all", list(range(10)))])
def test_samples_of_a_class_are_asked_for_by_its_name(command, digits, label, labels):
    words = (f"--saved_model={digits.saved_model}", f"--label={label}", "--seed=3")
    assert command("generate", *words, "--out=a.npy")[0] == command("generate", *words, "--out=a.png")[0] == 0
    asked = np.tile(np.int32(labels), 8)
    wanted = digits.served("generate", num_images=len(asked), seed=3, labels=asked)
    np.testing.assert_array_equal(np.load("a.npy"), wanted)
    assert np.asarray(Image.open("a.png")).shape[1] == 34 * len(labels) + 2
    assert command("generate", *words, "--out=b.npy", "--num_images=3")[0] == 0
    np.testing.assert_array_equal(np.load("b.npy"), wanted[:3])


def test_without_a_label_classes_come_as_in_the_data(command, digits):
    assert command("generate", f"--saved_model={digits.saved_model}", "--num_images=70", "--out=a.npy")[0] == 0
    left_open = np.full(70, -1, np.int32)
    np.testing.assert_array_equal(np.load("a.npy"), digits.served("generate", num_images=70, seed=0, labels=left_open))


def test_labels_that_cannot_be_drawn_are_refused_in_a_line(command, lab, digits):
    status, _, err = command("generate", f"--saved_model={digits.saved_model}", "--label=ten")
    assert (status, err) == (2, "error: Unknown class 'ten'. Known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.\n")
    plain = lab.run(**DENSE, seed=3)  # which test_pictures.py looks at
    status, _, err = command("generate", f"--saved_model={plain.saved_model}", "--label=7")
    message = "error: --label is for a generator that takes classes. Received: --label=7 for one without\n"
    assert status == 2 and err.endswith(message)


def test_an_evaluation_says_how_many_samples_are_of_the_class_asked_for(command, digits):
    names = "--metrics=conditional_accuracy,trained_on_generated"
    found = []
    for of in (f"--run_dir={digits.path}", f"--saved_model={digits.saved_model}"):
        status, out, _ = command("evaluate", of, names, "--num_images=300", "--features=pixels", "--out=a.jsonl")
        assert status == 0 and "conditional_accuracy" in out
        found.append(json.loads(pathlib.Path("a.jsonl").read_text().splitlines()[-1]))
    for kept in found:
        assert 0 <= kept["conditional_accuracy"] < 0.5  # after four steps
        assert kept["classifier_accuracy"] > 0.97 and kept["trained_on_real_accuracy"] > 0.97
        assert 0 <= kept["trained_on_generated_accuracy"] < 0.9
    assert found[0]["conditional_accuracy"] == pytest.approx(found[1]["conditional_accuracy"], abs=0.01)


@pytest.mark.parametrize(
    "words, message",
    [
        (("--dataset=swiss_roll",), "dataset 'swiss_roll' has no labels. Received: labels=auto"),
        (("--labels=none",), "conditional networks need the labels of the samples. Received: labels=none"),
        (("--network=resnet128",), "network 'resnet128' takes no classes; mlp, mlp12, dcgan,"),
    ],
)
def test_what_has_no_classes_is_refused_in_a_line(command, tmp_path, words, message):
    status, _, err = command("--conditional", *words)
    assert status == 2 and err.startswith(f"error: {message}") and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_condition_without_classes_is_refused(command):
    status, _, err = command("--critic_condition=classifier")
    assert status == 2 and "without --conditional has no critic_condition. Received: critic_condition=classif" in err


def test_a_folder_of_one_class_is_refused(command, tmp_path):
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    for number in range(12):
        Image.fromarray(np.full([8, 8], 20 * number, np.uint8)).save(tmp_path / "photos" / "cats" / f"{number}.png")
    words = ("--dataset=folder", "--data_dir=photos", "--conditional", "--batch_size=4", "--cache=memory")
    status, _, err = command(*words)
    message = "error: conditional expects samples of at least two classes. Received: one class, 'cats'\n"
    assert status == 2 and err.endswith(message)
    assert not (tmp_path / "runs").exists()


def test_a_dry_run_shows_networks_of_as_many_classes_as_the_data_has(command):
    words = ("--dataset=shapes", "--conditional", "--width=4", "--batch_size=4", "--n_critic=1", "--dry_run")
    status, out, _ = command(*words)
    assert status == 0 and '"conditional": true' in out
    assert "latents_and_class" in out and "projection" in out


def test_the_shapes_are_drawn_by_their_names(lab, command):
    flags = {"dataset": "shapes", "conditional": True, "width": 4, "batch_size": 4, "image_size": "8", "steps": 1}
    run = lab.run(**flags, cache_dir=str(lab.place / "cache"))
    assert run.read("config.json")["samples"]["classes"] == ["cross", "disc", "ring", "square", "triangle"]
    words = (f"--saved_model={run.saved_model}", "--label=ring,triangle", "--num_images=4", "--out=a.npy")
    assert command("generate", *words)[0] == 0
    wanted = run.served("generate", num_images=4, seed=0, labels=np.int32([2, 4, 2, 4]))
    np.testing.assert_array_equal(np.load("a.npy"), wanted)
    status, _, err = command("generate", f"--saved_model={run.saved_model}", "--label=rings")
    assert status == 2 and err.startswith("error: Unknown class 'rings'. Did you mean 'ring'?")
