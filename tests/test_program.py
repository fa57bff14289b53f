"""How the program is started: the words that its hints print, and the line for an interpreter without its packages."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from wgangp_tf import program

_ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture
def started(tmp_path, monkeypatch):
    """started(typed, script, on_path) -> words that start the program again; as from tmp_path with a .venv in it."""
    beside = tmp_path / ".venv" / "bin"
    beside.mkdir(parents=True)
    for name in ("python", "wgangp-tf", "tensorboard"):
        (beside / name).write_text("#!/bin/sh\n")
        (beside / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(beside / "python"))

    def start(typed, script, on_path=()):
        monkeypatch.setenv("PATH", os.pathsep.join([*on_path, "/nowhere"]))
        monkeypatch.setattr(sys, "argv", [script, "--steps=2"])
        monkeypatch.setattr(sys, "orig_argv", [typed, script, "--steps=2"])
        return program.words()

    return start


def test_a_checkout_is_started_by_the_interpreter_that_runs_it(started, tmp_path, monkeypatch):
    beside = str(tmp_path / ".venv" / "bin")
    assert started(".venv/bin/python", "main.py") == [".venv/bin/python", "main.py"]
    # the environment is active: its name is enough, as long as it leads there
    assert started("python", "main.py", [beside]) == ["python", "main.py"]
    (tmp_path / "other").mkdir()
    shutil.copy(f"{beside}/python", tmp_path / "other")
    assert started("python", "main.py", [str(tmp_path / "other")]) == [".venv/bin/python", "main.py"]
    assert started("python", "main.py") == [".venv/bin/python", "main.py"]
    # from another folder
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert started("../.venv/bin/python", "../main.py") == ["../.venv/bin/python", "../main.py"]
    assert started("python", "../main.py") == [f"{beside}/python", "../main.py"]


def test_an_installed_program_is_started_by_its_name_or_its_path(started, tmp_path):
    beside = str(tmp_path / ".venv" / "bin")
    assert started("python", f"{beside}/wgangp-tf", [beside]) == ["wgangp-tf"]
    assert started("python", f"{beside}/wgangp-tf") == [".venv/bin/wgangp-tf"]
    assert started("python", "/site-packages/wgangp_tf/__main__.py", [beside]) == ["python", "-m", "wgangp_tf"]


def test_tensorboard_is_the_one_beside_the_interpreter(started, tmp_path):
    beside = tmp_path / ".venv" / "bin"
    started("python", "main.py", [str(beside)])
    assert program.tensorboard() == ["tensorboard"]
    started("python", "main.py")
    assert program.tensorboard() == [".venv/bin/tensorboard"]
    (tmp_path / "other").mkdir()
    (beside / "tensorboard").rename(tmp_path / "other" / "tensorboard")
    assert program.tensorboard() == [".venv/bin/python", "-m", "tensorboard.main"]
    started("python", "main.py", [str(tmp_path / "other")])
    assert program.tensorboard() == ["tensorboard"]


def test_they_start_it(tmp_path):
    # as a shell does, from the folder the program ran in
    shows = (
        "import shlex, sys; sys.path.insert(0, {!r}); from wgangp_tf import program; print(shlex.join(program.{}()))"
    )
    (tmp_path / "words.py").write_text(shows.format(str(_ROOT), "words"))
    line = subprocess.run([sys.executable, "words.py"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True).stdout == line != ""
    (tmp_path / "words.py").write_text(shows.format(str(_ROOT), "tensorboard"))
    line = subprocess.run([sys.executable, "words.py"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert subprocess.run(["sh", "-c", f"command -v {line.split()[0]}"], capture_output=True).returncode == 0


@pytest.fixture
def checkout(tmp_path):
    """checkout("--flag", cwd=…) runs main.py of a copy by an interpreter that sees no packages: (status, out, err)."""
    copy = tmp_path / "a checkout"
    shutil.copytree(_ROOT / "wgangp_tf", copy / "wgangp_tf", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "main.py", copy)

    def run(*flags, cwd=copy, script="main.py", prefix=()):
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [sys.executable, "-S", *prefix, script, *flags], cwd=cwd, env=environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout, done.stderr

    run.root = copy
    return run


def test_an_interpreter_without_the_packages_is_told_in_one_line_which_one_has_them(checkout, tmp_path):
    status, out, err = checkout("--dataset=x y")
    assert (status, out) == (2, "")
    assert err == f"error: {sys.executable} lacks the package 'absl'; make train makes an environment that has it\n"
    script = str(checkout.root / "main.py")
    assert f"'absl'; make -C '{checkout.root}' train makes" in checkout(cwd=tmp_path, script=script)[2]

    interpreter = checkout.root / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    status, out, err = checkout("--dataset=x y")
    assert (status, out) == (2, "")
    assert err.endswith("lacks the package 'absl'; use the one that has it: .venv/bin/python main.py '--dataset=x y'\n")
    line = checkout(cwd=tmp_path, script=script)[2]
    assert line.endswith(f"use the one that has it: 'a checkout/.venv/bin/python' '{script}'\n")
    assert "Traceback" in checkout("--debug")[2]


def test_an_environment_that_lacks_a_package_is_to_be_made_anew(monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(_ROOT / ".venv"))
    monkeypatch.chdir(_ROOT)
    line = program.remedy(ModuleNotFoundError("No module named 'keras'", name="keras"))
    assert line == f"error: {sys.executable} lacks the package 'keras'; make it anew: make clean, then make train"


def test_a_python_that_is_too_old_is_told(monkeypatch):
    program.check_python()
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(ModuleNotFoundError) as caught:
        program.check_python()
    assert program.remedy(caught.value).startswith("error: Python 3.11 or newer is needed, not 3.9; ")


def test_a_module_of_ours_that_is_missing_is_a_fault_of_ours(checkout):
    (checkout.root / "wgangp_tf" / "cli.py").write_text("import wgangp_tf.nowhere")
    status, _, err = checkout()
    assert status == 1 and "No module named 'wgangp_tf.nowhere'" in err
