"""What a run was made with, as its environment.json says."""

import importlib.metadata
import pathlib
import platform
import shlex
import subprocess

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_versions_are_those_installed(digits):
    versions = digits.read("environment.json")["versions"]
    assert versions.pop("python") == platform.python_version()
    assert {"wgangp_tf", "tensorflow", "keras", "numpy"} <= set(versions)
    for package, version in versions.items():
        assert version == importlib.metadata.version(package)


def test_the_commit_is_the_one_checked_out(digits):
    commit = digits.read("environment.json")["git_commit"]
    if not (_ROOT / ".git").exists():
        assert commit is None
        return
    head = subprocess.run(["git", "-C", str(_ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert commit.removesuffix("-dirty") == head.stdout.strip()


def test_the_machine_and_the_command_are_named(digits):
    environment = digits.read("environment.json")
    assert environment["platform"] == platform.platform()
    assert any("CPU" in device for device in environment["devices"])
    assert shlex.split(environment["command_line"])[-len(digits.words) :] == digits.words
