"""The wheel: built without a network, installed elsewhere, and run there."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "wgangp_tf")


def _run(*command, cwd, **variables):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=os.environ | variables, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    # From a copy: an old build folder would find its way into the wheel, and a new one would stay in the repository.
    source = tmp_path_factory.mktemp("source")
    for name in _SOURCES:
        if (_ROOT / name).is_dir():
            shutil.copytree(_ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(_ROOT / name, source)
    (source / "tests").mkdir()
    (source / "tests" / "__init__.py").touch()
    status, output, errors = _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=source)
    assert status == 0, output + errors
    (path,) = (source / "dist").iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-index", "--no-deps")
    status, output, errors = _run(*pip, "--target", target, wheel, cwd=target)
    assert status == 0, output + errors
    return target


@pytest.fixture
def program(installed, tmp_path):
    """Runs the installed console program with the given arguments in an empty folder."""

    def run(*arguments):
        return _run(installed / "bin" / "wgangp-tf", *arguments, cwd=tmp_path, PYTHONPATH=str(installed))

    return run


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = [file for file in (_ROOT / "wgangp_tf").rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    package = {file.relative_to(_ROOT).as_posix() for file in files}
    assert {"wgangp_tf/__init__.py", "wgangp_tf/figures/report.js", "wgangp_tf/figures/report.css"} <= package
    assert {name for name in names if ".dist-info/" not in name} == package


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        text = {name: archive.read(f"{info}/{name}").decode() for name in ("METADATA", "entry_points.txt")}
        licence = archive.read(f"{info}/licenses/LICENSE").decode()
    assert info == "wgangp_tf-0.1.0.dist-info"
    assert "Apache License" in licence
    assert "wgangp-tf = wgangp_tf.__main__:main" in text["entry_points.txt"]
    lines = text["METADATA"].splitlines()
    assert "License: Apache-2.0" in lines
    assert any(line.startswith("Requires-Python: ") and ">=3.11" in line for line in lines)
    assert {line.removeprefix("Provides-Extra: ") for line in lines if line.startswith("Provides-Extra")} == {
        "convert",
        "dev",
        "gpu",
        "parquet",
        "test",
    }


def test_what_runs_is_the_installed_package(installed, tmp_path):
    show = "import wgangp_tf; print(wgangp_tf.__file__)"
    status, output, errors = _run(sys.executable, "-c", show, cwd=tmp_path, PYTHONPATH=str(installed))
    assert status == 0, errors
    assert pathlib.Path(output.strip()).is_relative_to(installed)


def test_help_shows_the_flags(program):
    status, output, errors = program("--helpshort")
    assert status == 0, errors
    assert "--dataset" in output.replace("--[no]", "--")


def test_list(program):
    status, output, errors = program("list")
    assert status == 0, errors
    assert "digits" in output and "wgan-gp" in output


def test_a_report_has_its_look_and_its_script(program, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text("{}")
    status, output, errors = program("report", "--run_dir=run")
    assert (status, output, errors) == (0, "run/report.html\n", "")
    assert "color-scheme" in (tmp_path / "run" / "report.html").read_text()


def test_an_unknown_flag_is_one_line_and_status_2(program, tmp_path):
    status, _, errors = program("--no_such_flag=1")
    assert status == 2
    (line,) = errors.splitlines()
    assert line.startswith("error:") and "no_such_flag" in line
    assert list(tmp_path.iterdir()) == []


def test_the_module_is_the_same_program(installed, tmp_path):
    command = (sys.executable, "-m", "wgangp_tf")
    status, _, errors = _run(*command, "--no_such_flag=1", cwd=tmp_path, PYTHONPATH=str(installed))
    assert status == 2
    assert errors.startswith("error:")
