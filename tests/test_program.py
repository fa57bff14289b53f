"""What hints tell a user to type."""

import sys

import pytest

from wgangp_tf import program


@pytest.mark.parametrize("package", ["absl", "sklearn.datasets"])
def test_a_package_that_is_missing_is_named_in_one_line(command, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    status, out, err = command("--steps=1")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"error: this Python ({sys.executable}) has no package {package!r}; ")
    assert "Traceback" not in err


def test_a_module_of_our_own_that_is_missing_is_no_mistake_of_the_user(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "wgangp_tf.commands.list", None)
    with pytest.raises(ModuleNotFoundError):
        command("list")


def test_the_remedy_is_the_python_that_has_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = ModuleNotFoundError("No module named 'absl'", name="absl")
    start = f"this Python ({sys.executable}) has no package 'absl'; "
    assert str(program.lacks(error, tmp_path)) == start + "install it there with pip"
    (tmp_path / "Makefile").touch()
    assert str(program.lacks(error, tmp_path)) == start + "`make train` installs one that has it into .venv"
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert str(program.lacks(error, tmp_path)) == start + "use .venv/bin/python, which `make train` has set up"
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert f"; use {tmp_path}/.venv/bin/python, which" in str(program.lacks(error, tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert (
        str(program.lacks(error, tmp_path)) == start + f"`make train` in {tmp_path} installs one that has it into .venv"
    )


@pytest.mark.parametrize(
    "path, expected",
    [
        ("main.py", [".venv/bin/python", "main.py"]),
        ("/somewhere/wgangp_tf/__main__.py", [".venv/bin/python", "-m", "wgangp_tf"]),
        ("/usr/bin/wgangp-tf", ["/usr/bin/wgangp-tf"]),
    ],
)
def test_the_words_that_start_the_program_again(monkeypatch, path, expected):
    monkeypatch.setattr(sys, "orig_argv", [".venv/bin/python", *sys.orig_argv[1:]])
    monkeypatch.setattr(sys, "argv", [path])
    assert program.words() == expected


def test_tensorboard_is_that_of_this_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("own", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tensorboard").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "own" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    assert program.tensorboard() == "own/tensorboard"
    monkeypatch.chdir("own")
    monkeypatch.setattr(program.os.path, "relpath", lambda path: "../elsewhere")
    assert program.tensorboard() == str(tmp_path / "own" / "tensorboard")
    monkeypatch.setenv("PATH", str(tmp_path / "own"))
    assert program.tensorboard() == "tensorboard"
    (tmp_path / "own" / "tensorboard").unlink()
    assert program.tensorboard() == "tensorboard"
