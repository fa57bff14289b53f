"""What a run or an export was made with."""

import importlib.metadata
import pathlib
import platform
import shlex
import subprocess
import sys

_PACKAGES = ("wgangp_tf", "tensorflow", "keras", "tensorflow-datasets", "numpy", "scikit-learn")


def versions():
    """{package: version} of what shapes numbers."""
    found = {"python": platform.python_version()}
    return found | {package: version(package) for package in _PACKAGES}


def version(package):
    """Of an installed package; "not installed" where it is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def command_line():
    """The command line of this process, as a shell would take it."""
    return shlex.join(["python", *sys.argv]) if sys.argv[0].endswith(".py") else shlex.join(sys.argv)


def git_commit():
    """The commit this code stands at, with "-dirty" where it is changed, or None outside a checkout."""
    root = pathlib.Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        result = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.decode(errors="replace").strip() or None


def describe():
    """The content of environment.json that does not depend on the run."""
    import tensorflow as tf

    return {
        "versions": versions(),
        "platform": platform.platform(),
        "devices": [device.name for device in tf.config.list_logical_devices()],
        "git_commit": git_commit(),
        "command_line": command_line(),
    }
