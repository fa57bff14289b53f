"""The house: imports go down only, and what answers at once imports nothing heavy."""

import ast
import pathlib
import subprocess
import sys

import pytest

_PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "wgangp_tf"

_ABOVE_ALL = 11
_FLOORS = {
    "__init__": _ABOVE_ALL,
    "__main__": _ABOVE_ALL,
    "cli": 10,
    "commands": 9,
    "experiments": 8,
    "speed": 8,
    "figures": 7,
    "training": 6,
    "serving": 6,
    "gan": 5,
    "networks": 5,
    "metrics": 5,
    "data": 4,
    "config": 3,
    "config_file": 3,
    "settings": 3,
    "presets": 3,
    "samples": 2,
    "console": 1,
    "errors": 1,
    "files": 1,
    "paths": 1,
    "program": 1,
    "quantities": 1,
    "quiet": 1,
    "randomness": 1,
    "stopping": 1,
    "streams": 1,
    "surroundings": 1,
}
# single files of one floor may use each other
_FILES = {room for room, floor in _FLOORS.items() if floor in (1, 3)}

_LIGHT = [
    "wgangp_tf",
    "wgangp_tf.cli",
    "wgangp_tf.config",
    "wgangp_tf.settings",
    "wgangp_tf.presets",
    "wgangp_tf.commands.report",
    "wgangp_tf.commands.benchmark",
    "wgangp_tf.data.registry",
    "wgangp_tf.gan.methods",
    "wgangp_tf.networks.registry",
]
_HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "plotly"}


def _room(parts):
    """The room that a module of wgangp_tf is in, from its path inside the package."""
    return parts[0] if parts else "__init__"


def _are_neighbours(room, other):
    """Whether both are single files of one floor."""
    return _FLOORS[other] == _FLOORS[room] and {room, other} <= _FILES


def _imported_rooms(tree, folder):
    """(line, room) of each import of wgangp_tf, wherever it stands.

    Args:
      tree: the parsed module.
      folder: names of the packages the module is in, such as ["wgangp_tf", "data"]; resolves relative imports.
    """
    for node in ast.walk(tree):
        for name in _imported_names(node, folder):
            parts = name.split(".")
            if parts[0] == "wgangp_tf":
                yield node.lineno, _room(parts[1:])


def _imported_names(node, folder):
    """Full names of the modules that one node of the syntax tree imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = _absolute("." * node.level + (node.module or ""), folder)
        if module == "wgangp_tf":  # `from wgangp_tf import gan` is an import of gan; any other name is __init__'s own
            names = [alias.name for alias in node.names if alias.name != "__version__"]
            return [f"{module}.{name}" if name in _FLOORS else module for name in names]
        return [module]
    if isinstance(node, ast.Call) and node.args and _called(node) in ("import_module", "__import__"):
        start = _leading_text(node.args[0])
        return [_absolute(start, folder).rstrip(".")] if start else []
    return []


def _absolute(name, folder):
    """`name` with its leading dots resolved in `folder`."""
    stripped = name.lstrip(".")
    level = len(name) - len(stripped)
    if not level:
        return name
    return ".".join([*folder[: len(folder) - level + 1], *([stripped] if stripped else [])])


def _called(call):
    return getattr(call.func, "attr", None) or getattr(call.func, "id", None)


def _leading_text(argument):
    """The text that a string or an f-string certainly starts with."""
    if isinstance(argument, ast.JoinedStr) and argument.values:
        argument = argument.values[0]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return ""


def _violations(path, source):
    """What is wrong with the imports of one module: a list of sentences.

    Args:
      path: of the module inside wgangp_tf, with slashes.
      source: its text.
    """
    parts = path.removesuffix(".py").split("/")
    room = _room(parts)
    if room not in _FLOORS:
        return [f"wgangp_tf/{path}: {room!r} has no floor; give it one in tests/test_imports.py and in docs/house.md"]
    found = []
    for line, other in _imported_rooms(ast.parse(source), ["wgangp_tf", *parts[:-1]]):
        if other not in _FLOORS:
            found.append(f"wgangp_tf/{path}:{line} imports {other!r}, which has no floor; give it one")
        elif not (other == room or _FLOORS[other] < _FLOORS[room] or _are_neighbours(room, other)):
            found.append(
                f"wgangp_tf/{path}:{line} imports {other!r} (floor {_FLOORS[other]}) "
                f"from {room!r} (floor {_FLOORS[room]}); imports go down only"
            )
    return found


def test_imports_go_down_only():
    files = sorted(_PACKAGE.rglob("*.py"))
    assert len(files) > 10
    found = []
    for file in files:
        found += _violations(file.relative_to(_PACKAGE).as_posix(), file.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path, source, expected",
    [
        ("data/bad.py", "import wgangp_tf.gan.model", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/bad.py", "from wgangp_tf.gan import model", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/bad.py", "from wgangp_tf import config, gan", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/bad.py", "from ..gan import model", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/bad.py", "from .. import gan", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/deep/bad.py", "from ...gan import model", "'gan' (floor 5) from 'data' (floor 4)"),
        ("data/bad.py", "import wgangp_tf", "'__init__' (floor 11)"),
        ("data/bad.py", "from wgangp_tf import WGANGP", "'__init__' (floor 11)"),
        ("config.py", "from wgangp_tf.data import digits", "'data' (floor 4) from 'config' (floor 3)"),
        ("gan/bad.py", "from wgangp_tf.networks import mlp", "'networks' (floor 5) from 'gan' (floor 5)"),
        ("training/bad.py", "from wgangp_tf import serving", "'serving' (floor 6) from 'training' (floor 6)"),
        ("commands/bad.py", "from wgangp_tf.cli import console", "'cli' (floor 10) from 'commands' (floor 9)"),
        ("gan/bad.py", "import importlib\nimportlib.import_module(f'wgangp_tf.commands.{name}')", "'commands'"),
        ("gan/bad.py", "from importlib import import_module\nimport_module('wgangp_tf.training')", "'training'"),
        (
            "gan/bad.py",
            "def inside():\n    if True:\n        from wgangp_tf.cli import console",
            "bad.py:3 imports 'cli'",
        ),
        ("gan/bad.py", "from wgangp_tf.cellar import wine", "'cellar', which has no floor; give it one"),
        ("cellar/wine.py", "", "'cellar' has no floor; give it one"),
        ("attic.py", "", "'attic' has no floor; give it one"),
    ],
)
def test_a_bad_import_is_found(path, source, expected):
    (sentence,) = _violations(path, source)
    assert expected in sentence


@pytest.mark.parametrize(
    "path, source",
    [
        ("cli.py", "from wgangp_tf.commands import train"),
        ("__init__.py", "import importlib\nimportlib.import_module(f'wgangp_tf.{room}')"),
        ("__main__.py", "from wgangp_tf.cli import console"),
        ("commands/train.py", "from wgangp_tf import config, gan, serving\nfrom wgangp_tf.training import loop"),
        ("gan/model.py", "from wgangp_tf.gan import losses\nfrom . import penalties\nfrom .losses import mean"),
        ("data/registry.py", "import importlib\nimportlib.import_module(f'wgangp_tf.data.{name}')"),
        ("presets.py", "from wgangp_tf.config import Config"),
        ("training/run_directory.py", "from wgangp_tf import __version__"),
        ("data/digits.py", "import wgangp_tfx\nimport sklearn.datasets\nfrom numpy import gan"),
    ],
)
def test_a_good_import_is_left_alone(path, source):
    assert _violations(path, source) == []


@pytest.mark.parametrize("module", _LIGHT)
def test_what_answers_at_once_imports_nothing_heavy(module):
    program = f"import sys, {module}; print(*sorted({_HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=_PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
