"""The house: imports go down only, and what answers at once imports nothing heavy."""

import ast
import pathlib
import subprocess
import sys

import pytest

_PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "wgangp_tf"

_ABOVE_ALL = 8
_FLOORS = {
    "__init__": _ABOVE_ALL,
    "__main__": _ABOVE_ALL,
    "cli": 7,
    "commands": 6,
    "experiments": 5,
    "figures": 4,
    "training": 4,
    "serving": 4,
    "gan": 3,
    "networks": 3,
    "metrics": 3,
    "data": 2,
    "config": 1,
    "console": 1,
    "settings": 1,
    "presets": 1,
    "program": 1,
    "errors": 1,
    "randomness": 1,
    "files": 1,
    "quiet": 1,
    "stopping": 1,
}
_GROUND = {room for room, floor in _FLOORS.items() if floor == 1}  # single files, which may use each other

_LIGHT = [
    "wgangp_tf",
    "wgangp_tf.cli",
    "wgangp_tf.config",
    "wgangp_tf.settings",
    "wgangp_tf.presets",
    "wgangp_tf.data.registry",
    "wgangp_tf.gan.methods",
    "wgangp_tf.networks.registry",
]
_HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib"}


def _room(parts):
    """The room that a module of wgangp_tf is in, from its path inside the package."""
    return parts[0] if parts else "__init__"


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
        return [f"wgangp_tf/{path}: {room!r} has no floor; give it one in tests/test_imports.py and in the README"]
    found = []
    for line, other in _imported_rooms(ast.parse(source), ["wgangp_tf", *parts[:-1]]):
        if other not in _FLOORS:
            found.append(f"wgangp_tf/{path}:{line} imports {other!r}, which has no floor; give it one")
        elif not (other == room or _FLOORS[other] < _FLOORS[room] or {room, other} <= _GROUND):
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
        ("data/bad.py", "import wgangp_tf.gan.model", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/bad.py", "from wgangp_tf.gan import model", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/bad.py", "from wgangp_tf import config, gan", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/bad.py", "from ..gan import model", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/bad.py", "from .. import gan", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/deep/bad.py", "from ...gan import model", "'gan' (floor 3) from 'data' (floor 2)"),
        ("data/bad.py", "import wgangp_tf", "'__init__' (floor 8)"),
        ("data/bad.py", "from wgangp_tf import WGANGP", "'__init__' (floor 8)"),
        ("config.py", "from wgangp_tf.data import digits", "'data' (floor 2) from 'config' (floor 1)"),
        ("gan/bad.py", "from wgangp_tf.networks import mlp", "'networks' (floor 3) from 'gan' (floor 3)"),
        ("training/bad.py", "from wgangp_tf import serving", "'serving' (floor 4) from 'training' (floor 4)"),
        ("commands/bad.py", "from wgangp_tf.cli import console", "'cli' (floor 7) from 'commands' (floor 6)"),
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
