"""`evaluate`: runs, SavedModels and folders against data sets and folders."""

import json
import os
import subprocess
import sys
import types

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.commands import evaluate, outputs
from wgangp_tf.commands.evaluate_subjects import Real, Subject
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics.features import Options
from wgangp_tf.samples.spec import of_pictures

FEW = ("--num_images=80", "--metrics=frechet,neighbours")


def _write(folder, count, size=(8, 8), seed=0, mode="RGB"):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    shape = (*size, 3) if mode == "RGB" else size
    for number in range(count):
        Image.fromarray(random.integers(0, 256, shape).astype(np.uint8)).save(folder / f"{number:03}.png")
    return str(folder)


def _refused(command, *words):
    before = sorted(os.listdir())
    status, out, err = command("evaluate", *words)
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert (status, out, len(lines)) == (2, "", 1) and "Traceback" not in err
    assert sorted(os.listdir()) == before
    return lines[0]


def test_a_run_is_evaluated_into_its_own_file(command, digits):
    kept, picture = digits.path / "evaluations.jsonl", digits.path / "nearest.png"
    kept.unlink(missing_ok=True)
    try:
        status, out, _ = command("evaluate", f"--run_dir={digits.path}", *FEW, "--repeats=2", f"--nearest={picture}")
        assert status == 0
        (line,) = [json.loads(line) for line in kept.read_text().splitlines()]
        assert line["step"] == 4 and line["repeats"] == 2 and set(line["std"]) == set(line["features"])
        assert line["features"]["frechet_distance"] == "digits" and list(line["feature_digests"]) == ["digits"]
        assert line["samples"] == 80 and line["real_samples"] == 1500 and line["by"] == "evaluate"
        shown = dict(row.split()[:2] for row in out.splitlines()[1:-2])
        assert shown == {name: f"{line[name]:.4g}" for name in line["features"]}
        assert out.splitlines()[-2:] == [str(kept), str(picture)] and "against 1,500 training samples of digits" in out
        # ten rows: a digit and its five neighbours
        assert np.asarray(Image.open(picture)).shape[0] > np.asarray(Image.open(picture)).shape[1]
    finally:
        kept.unlink(missing_ok=True)
        picture.unlink(missing_ok=True)


def test_an_export_is_as_good_as_its_run(command, digits, tmp_path):
    for flag, value in (("run_dir", digits.path), ("saved_model", digits.saved_model)):
        assert command("evaluate", f"--{flag}={value}", *FEW, "--out=o.jsonl", "--seed=3")[0] == 0
    of_run, of_export = map(json.loads, (tmp_path / "o.jsonl").read_text().splitlines())
    for name in of_run["features"]:
        assert of_run[name] == pytest.approx(of_export[name], rel=1e-3)  # a grey level here and there
    assert of_run["step"] == of_export["step"] == 4
    # what was asked for is all that is left
    assert not (digits.path / "evaluations.jsonl").exists() and not (digits.path / "nearest.png").exists()


def test_a_line_that_cannot_be_read_is_named(command, digits, tmp_path):
    flags = (f"--run_dir={digits.path}", *FEW, "--out=o.jsonl")
    assert command("evaluate", *flags)[0] == 0
    with open(tmp_path / "o.jsonl", "a") as file:
        file.write("{\n")
    status, _, err = command("evaluate", *flags)
    assert status == 0 and "line 2 of 'o.jsonl' is no evaluation that can be read, and is left out" in err
    assert len((tmp_path / "o.jsonl").read_text().splitlines()) == 3


def test_an_earlier_checkpoint_has_other_values(command, digits, tmp_path):
    for step in (2, 4):
        assert command("evaluate", f"--run_dir={digits.path}", f"--step={step}", *FEW, "--out=o.jsonl")[0] == 0
    earlier, later = map(json.loads, (tmp_path / "o.jsonl").read_text().splitlines())
    assert (earlier["step"], later["step"]) == (2, 4)
    assert earlier["frechet_distance"] != later["frechet_distance"]


def test_points_are_evaluated_by_their_modes_too(command, points):
    status, out, _ = command("evaluate", f"--run_dir={points.path}", "--num_images=64", "--out=o.jsonl")
    assert status == 0 and "modes_covered" in out and "within_4_sigma" in out


def test_two_folders(command, tmp_path):
    one, other = _write(tmp_path / "a", 20, seed=0), _write(tmp_path / "b", 30, seed=1)
    status, out, _ = command("evaluate", f"--data_dir={one}", f"--against={other}", "--out=o.jsonl")
    assert status == 0 and out.startswith(f"folder {one}: 20 samples, against 30 pictures of folder {other}\n")
    (line,) = map(json.loads, (tmp_path / "o.jsonl").read_text().splitlines())
    assert (line["samples"], line["real_samples"], line["step"], line["seed"]) == (20, 30, None, None)
    assert "few samples: frechet says mostly how many there are, below 257" in out  # the features are 256
    # the same folder twice is as good as it can be
    flags = (f"--data_dir={one}", f"--against={one}", "--metrics=neighbours", "--out=p.jsonl")
    assert command("evaluate", *flags)[0] == 0
    line = json.loads((tmp_path / "p.jsonl").read_text())
    assert (line["precision"], line["recall"], line["coverage"]) == (1, 1, 1)


def test_a_grey_folder_against_the_digits(command, tmp_path):
    one = _write(tmp_path / "a", 12, mode="L")
    status, out, _ = command("evaluate", f"--data_dir={one}", "--against=digits", "--metrics=neighbours")
    assert status == 0 and "precision" in out


def test_what_cannot_be_evaluated_is_one_line(command, digits, points, tmp_path):
    grey, small = _write(tmp_path / "grey", 8, mode="L"), _write(tmp_path / "small", 8, size=(4, 8))
    _write(tmp_path / "mixed", 2), _write(tmp_path / "mixed" / "more", 2, size=(9, 8))
    mine = tmp_path / "mine.jsonl"
    mine.write_text("my notes\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.png").write_text("no picture")
    run = f"--run_dir={digits.path}"
    for words, message in (
        ([run, "--saved_model=x"], "evaluate expects one of --run_dir, --saved_model and --data_dir"),
        (["--run_dir=nowhere"], "--run_dir expects the directory of a run. Received: 'nowhere'"),
        ([run, "--step=3"], "which has: 2, 4. Received: --step=3"),
        ([run, "--metrics=fid"], "Unknown metric 'fid'"),
        ([run, "--metrics=fid", "--out=new.jsonl"], "Unknown metric 'fid'"),
        ([run, "--features=pixel"], "Unknown features 'pixel'. Did you mean 'pixels'?"),
        ([run, "--metrics=neighbours", "--num_images=5"], "metric 'neighbours' needs at least 6 generated samples"),
        ([run, "--num_images=0"], "num_images must be"),
        ([run, "--repeats=0"], "repeats must be"),
        ([run, "--out=nowhere/o.jsonl"], "--out expects a .jsonl file in a directory that exists"),
        ([run, "--out=o.txt"], "--out expects a .jsonl file in a directory that exists"),
        ([run, "--out=/proc/o.jsonl"], "--out expects a file that can be written"),
        ([run, "--features=inception", "--inception_weights=none.pb"], "--inception_weights expects a file of weights"),
        ([run, f"--out={mine}"], "--out expects a new file, or one with evaluations"),
        ([run, "--against=digit"], "that is there. Unknown dataset 'digit'. Did you mean 'digits'?"),
        ([run, "--against=folder"], "--against expects the path of a folder of pictures. Received: 'folder'"),
        ([run, "--against=array"], "--against expects the path of a file of arrays. Received: 'array'"),
        ([run, "--against=8gaussians"], "samples of the same kind are expected: run "),
        ([run, f"--against={small}"], "--against expects pictures of the same size: run "),
        ([run, f"--against={tmp_path / 'empty'}"], "--against expects a folder with JPEG"),
        ([run, f"--against={tmp_path / 'gone'}"], "--against expects a folder of pictures. Received: "),
        ([run, f"--against={mine}"], "--against expects a folder of pictures. Received: "),
        ([run, f"--against={tmp_path / 'text'}"], "--against expects a folder with pictures that can be read. "),
        ([run, f"--against={tmp_path / 'mixed'}"], "--against expects pictures of one size in "),
        ([f"--data_dir={grey}", "--against=./gone"], "--against expects a folder of pictures. Received: './gone'"),
        (["--data_dir=gone", "--against=digits"], "--data_dir expects a folder of pictures. Received: 'gone'"),
        ([f"--data_dir={tmp_path / 'empty'}", "--against=digits", "--image_size=8"], "--data_dir expects a folder "),
        ([f"--data_dir={grey}", f"--against={tmp_path / 'empty'}", "--image_size=8"], "--against expects a folder "),
        ([f"--data_dir={grey}"], "--data_dir expects --against=<data set or folder> beside it"),
        ([f"--data_dir={grey}", f"--against={small}"], "--against expects pictures of the same size: folder "),
        ([f"--data_dir={tmp_path / 'mixed'}", "--against=digits"], "--data_dir expects pictures of one size in "),
        ([f"--data_dir={grey}", "--against=digits", "--num_images=9"], "--num_images must be at most the 8 pictures"),
        (
            [f"--data_dir={grey}", "--against=digits", "--repeats=2"],
            "the pictures of a folder are those that there are",
        ),
        (["--step=2"], "--step is for --run_dir"),
        ([run, "--nearest=x.jpg"], "--nearest expects a .png file in a directory that exists"),
        ([run, f"--nearest={grey}/000.png"], "--nearest expects a new file, or a picture that this program"),
        ([run, "--image_size=8"], "--image_size is for the pictures of --data_dir"),
    ):
        assert message in _refused(command, *words), words
    assert mine.read_text() == "my notes\n"


def test_flags_of_files_and_of_inception_are_refused_where_neither_is_looked_at(command, digits, points, tmp_path):
    (tmp_path / "w.pb").touch()
    for words, message in (
        (
            [f"--run_dir={digits.path}", "--max_bad_files=0.5"],
            "dataset 'digits' has no use for max_bad_files. Received: ",
        ),
        (["--against=digits", "--max_bad_files=0"], "dataset 'digits' has no use for max_bad_files"),
        ([f"--run_dir={points.path}"], "nothing here does. Received: --inception_weights=w.pb"),
        ([f"--run_dir={digits.path}", "--features=pixels"], "nothing here does. Received: --inception_weights=w.pb"),
        ([f"--run_dir={points.path}", "--metrics=modes"], "nothing here does. Received: --inception_weights=w"),
    ):
        if "--against=digits" in words:
            words += [f"--run_dir={digits.path}"]
        if "inception" in message:
            words += ["--inception_weights=w.pb"]
        assert message in _refused(command, *words)


def test_inception_is_looked_at_by_metrics_and_by_the_picture():
    options = Options(inception_weights="w.pb")
    judged = types.SimpleNamespace(features={"frechet_distance": "inception-2015", "modes_covered": None})
    values = {"nearest": None, "features": None}
    real = Real("pictures", Split(np.zeros((4, 8, 8, 3), np.uint8)))
    evaluate._check_inception(judged, real, values, options)
    judged.features = {"frechet_distance": "pixels"}
    evaluate._check_inception(judged, real, {"nearest": "n.png", "features": "inception"}, options)
    with pytest.raises(UserError, match="nothing here does"):
        evaluate._check_inception(judged, real, values, options)


def test_a_run_that_cannot_be_written_is_refused_unless_its_line_goes_elsewhere(command, digits, monkeypatch):
    def denied(path, mode="r", *args):
        raise PermissionError(13, "Permission denied")

    kept = digits.path / "evaluations.jsonl"
    kept.touch()
    monkeypatch.setattr(outputs, "open", denied, raising=False)
    line = f"error: {str(kept)!r} cannot be added to: --out=<a .jsonl file> puts the line elsewhere\n"
    assert command("evaluate", f"--run_dir={digits.path}") == (2, "", line)
    kept.unlink()


def test_a_folder_that_cannot_be_compared_with_is_refused_before_the_seconds_of_imports(digits, tmp_path):
    small = _write(tmp_path / "small", 2, size=(4, 8))
    (tmp_path / "empty").mkdir()
    code = "import sys; from wgangp_tf import cli; print(cli.main(sys.argv), 'tensorflow' in sys.modules)"
    for folder, message in ((small, "--against expects pictures of the same size"), (tmp_path / "empty", "--against")):
        words = ["evaluate", f"--run_dir={digits.path}", f"--against={folder}"]
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
        assert done.stdout.split() == ["2", "False"] and f"error: {message}" in done.stderr


def test_a_run_without_checkpoints(command, digits, tmp_path):
    bare = tmp_path / "bare"
    (bare / "checkpoints").mkdir(parents=True)
    (bare / "config.json").write_text((digits.path / "config.json").read_text())
    for step in ((), ("--step=best",)):
        assert "has no checkpoint yet" in _refused(command, f"--run_dir={bare}", *step, *FEW)


def test_a_picture_that_evaluate_did_not_make_is_not_replaced_unasked(tmp_path):
    mine = tmp_path / "nearest.png"
    mine.write_bytes(b"mine")
    subject = Subject("a", of_pictures((8, 8, 1)), 1, blocks=None)  # to draw it would end in an error
    real = Real("b", Split(np.zeros((3, 8, 8, 1), np.uint8)))
    evaluate._draw_nearest(subject, real, None, {"seed": 1}, mine, asked=False)
    assert mine.read_bytes() == b"mine"


def test_a_file_without_a_line_yet_can_be_added_to(tmp_path):
    out = tmp_path / "o.jsonl"
    out.touch()
    evaluate._check_out(out)
    assert out.exists()


def test_metrics_are_named_with_spaces_and_counted_once():
    assert evaluate._names("frechet, kernel ,frechet") == ["frechet", "kernel"]


def test_the_table_is_aligned_and_says_what_was_not_measured():
    kept = {
        "of": "a",
        "samples": 1234,
        "seed": 2,
        "repeats": 3,
        "against": "b",
        "precision": 0.5,
        "frechet_distance": 12.25,
        "std": {"precision": 0.125, "frechet_distance": 1.0},
        "features": {"precision": "pixels", "frechet_distance": None},
    }
    assert list(evaluate.table(kept, {"modes": "it needs modes"}, {"frechet": 2000})) == [
        "a: 1,234 samples, seeds 2 to 4, mean ± standard deviation, against b",
        "precision           0.5  ± 0.12  pixels",
        "frechet_distance  12.25  ± 1",
        "few samples: frechet says mostly how many there are, below 2,000",
        "not measured: modes; it needs modes",
    ]
