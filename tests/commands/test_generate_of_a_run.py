"""`generate`: samples of a SavedModel, in each form they can be asked for."""

import numpy as np
from PIL import Image


def test_samples_are_those_of_the_saved_model(command, digits):
    assert (
        command("generate", f"--saved_model={digits.saved_model}", "--seed=7", "--num_images=70", "--out=a.npy")[0] == 0
    )
    samples = np.load("a.npy")
    assert samples.dtype == np.uint8 and samples.shape == (70, 8, 8, 1)
    np.testing.assert_array_equal(samples, digits.served("generate", num_images=70, seed=7))


def test_a_directory_gets_a_file_for_each_sample(command, digits, tmp_path):
    status, out, _ = command("generate", f"--saved_model={digits.saved_model}", "--num_images=3", "--out=three")
    assert status == 0 and out == "three\n"
    files = sorted((tmp_path / "three").iterdir())
    shown = [np.asarray(Image.open(file))[..., None] for file in files]
    np.testing.assert_array_equal(shown, digits.served("generate", num_images=3, seed=0))


def test_left_out_are_a_grid_of_64_samples_of_seed_0(command, digits, tmp_path):
    assert command("generate", f"--saved_model={digits.saved_model}")[0] == 0
    explicit = ("--num_images=64", "--seed=0", "--out=other.png")
    assert command("generate", f"--saved_model={digits.saved_model}", *explicit)[0] == 0
    assert (tmp_path / "generated.png").read_bytes() == (tmp_path / "other.png").read_bytes()
    pixels = np.asarray(Image.open("generated.png"))
    levels = np.unique(digits.served("generate", num_images=64, seed=0))
    assert set(np.unique(pixels)) == {*levels, 255}  # 255 between the pictures


def test_points_are_drawn_or_kept_as_numbers(command, points, tmp_path):
    assert command("generate", f"--saved_model={points.saved_model}", "--num_images=5", "--out=a.npy")[0] == 0
    samples = np.load("a.npy")
    assert samples.dtype == np.float32 and samples.shape == (5, 2)
    np.testing.assert_array_equal(samples, points.served("generate", num_images=5, seed=0))
    assert command("generate", f"--saved_model={points.saved_model}", "--num_images=5", "--out=a.png")[0] == 0
    assert len(np.unique(np.asarray(Image.open("a.png")).reshape(-1, 3), axis=0)) > 2
    status, _, err = command("generate", f"--saved_model={points.saved_model}", "--num_images=5", "--out=many")
    assert status == 2 and err == "error: --out expects a .png, .npy, .npz or .csv file for points. Received: 'many'\n"
    assert not (tmp_path / "many").exists()
