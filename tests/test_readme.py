"""What the README and the docs say holds: examples run, commands resolve, files, anchors and flags exist."""

import contextlib
import io
import pathlib
import re
import shutil

import numpy as np
import pytest

from tests import test_imports
from wgangp_tf import cli

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_PAGES = {page.relative_to(_ROOT).as_posix(): page.read_text() for page in sorted(_ROOT.glob("docs/*.md"))}
_PAGES |= {"README.md": (_ROOT / "README.md").read_text()}
_ALL = "\n".join(_PAGES.values())
_EXAMPLES = [
    pytest.param(code, id=f"{pathlib.Path(name).stem}-{number}")
    for name, text in _PAGES.items()
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.S))
]
# commands of other programs, whose flags are not ours
_OTHERS = re.compile(r"(?:tensorboard |#SBATCH |apt-get |python (?:-m |benchmarks/)|git |pip )[^`\n]*")

every_page = pytest.mark.parametrize("name", _PAGES)


def _run(code, place, monkeypatch, capsys):
    """What an example prints, run by itself in a directory that holds the published generator."""
    shutil.copytree(_ROOT / "saved_models" / "digits", place / "saved_models" / "digits")
    monkeypatch.chdir(place)
    names = {}
    exec(compile(code, "example", "exec"), names)
    return capsys.readouterr().out, names


@pytest.mark.parametrize("code", _EXAMPLES)
def test_an_example_runs(code, tmp_path, monkeypatch, capsys):
    printed, names = _run(code, tmp_path, monkeypatch, capsys)
    for expected in re.findall(r"# (\(.*)", code):
        assert expected in printed.replace("<dtype: 'uint8'>", "uint8")
    if "of the circle" in code:
        assert int(re.search(r"(\d+)%", printed)[1]) >= 80  # of the points are where they should be
    if "def networks" in code:
        generator, critic = names["networks"]((8, 8, 1), latent_dim=3, width=None)
        assert generator.output_shape == critic.input_shape == (None, 8, 8, 1)


def test_the_examples_are_found():
    assert len(_EXAMPLES) >= 6
    assert {case.id.rpartition("-")[0] for case in _EXAMPLES} == {"README", "python", "arrays"}


def test_the_readme_is_short():
    assert len(_PAGES["README.md"].splitlines()) <= 150


@every_page
def test_every_link_leads_somewhere(name):
    page = _ROOT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", _prose(_PAGES[name])):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = page if not path else page.parent / path
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target.read_text()), link


def _prose(text):
    """A page without its examples."""
    return re.sub(r"```.*?```", "", text, flags=re.S)


def _anchors(text):
    """Names of the headings of a page, as links give them."""
    headings = re.findall(r"^#+ (.*)$", _prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_anchors_are_named_as_on_the_page():
    assert _anchors("# One: `two`, three\n```\n# no heading\n```\n## Four-five") == {"one-two-three", "four-five"}


@every_page
def test_every_script_that_is_named_exists(name):
    for path, module in re.findall(r"python (?:(benchmarks/\w+\.py)|-m ([\w.]+))", _PAGES[name]):
        if module == "tf2onnx.convert":  # of the extra `convert`
            continue
        path = path or f"{module.replace('.', '/')}.py"
        assert (_ROOT / path).exists(), path


@every_page
def test_every_file_of_the_code_that_is_named_exists(name):
    for path in re.findall(r"`((?:\w+/)*\w+\.py)`", _PAGES[name]):
        places = [_ROOT / path, _ROOT / "wgangp_tf" / path]
        assert any(place.exists() for place in places) or path == "mine.py", path


@pytest.fixture(scope="module")
def flags_of():
    """{command: names of its flags}, from what it prints as its help."""
    found = {}
    for command in cli.COMMANDS:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert cli.main(["main.py", command, "--help"]) == 0
        found[command] = set(re.findall(r"^ +--(?:\[no\])?(\w+)", printed.getvalue(), re.M))
    return found


@every_page
def test_every_flag_that_is_named_exists(name, flags_of):
    known = set().union(*flags_of.values(), {"helpshort"})
    named = set(re.findall(r"(?<![\w-])--(\w+)", _OTHERS.sub("", _PAGES[name])))
    assert sorted(named - known) == []


def test_the_flags_of_other_programs_do_not_count():
    line = "`python benchmarks/x.py --out=y` then --steps=3, and `tensorboard --logdir=runs` beside --name"
    assert re.findall(r"--(\w+)", _OTHERS.sub("", line)) == ["steps", "name"]


def _command_lines():
    """The words of each command of ours in a line of its own, without the program."""
    lines = re.findall(r"^    (?:\.venv/bin/)?python main\.py(?: ([^#\n]*))?(?:#|$)", re.sub(r"\\\n *", "", _ALL), re.M)
    return [line.strip() for line in lines]


def _write_arrays():
    """The files that commands name with --data_file."""
    for name in ("wine.csv", "x.csv"):
        pathlib.Path(name).write_text("kind,alcohol\n" + "0,13.2\n1,12.4\n" * 9)
    np.save("signals.npy", np.zeros([20, 32, 1]))
    np.savez("all.npz", signals=np.zeros([20, 32, 1]), kinds=np.arange(20) % 2)


def test_every_training_command_resolves(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    _write_arrays()
    lines = [line for line in _command_lines() if not line or line.startswith("--")]
    lines = [line for line in lines if not re.search("--helpshort|--resume|--config=runs/", line)]  # of runs there are
    assert len(lines) >= 15
    resolved = []
    monkeypatch.setattr("wgangp_tf.commands.dry_run.run", lambda config, *_: resolved.append(config))
    for line in lines:
        line = line.replace("mine:networks", "mlp")
        for name in re.findall(r"--data_dir=(\w+)(?: |$)", line):  # where it would be is looked at before anything else
            pathlib.Path(name).mkdir(exist_ok=True)
        assert cli.main(["main.py", *line.split(), "--dry_run"]) == 0, line
    assert len(resolved) == len(lines)


def test_every_other_command_takes_its_flags(flags_of):
    lines = [line.split() for line in _command_lines() if line and not line.startswith("--")]
    assert {words[0] for words in lines} == set(cli.COMMANDS) - {"train"}
    for command, *words in lines:
        assert {word.removeprefix("--").partition("=")[0] for word in words} <= flags_of[command]


def test_every_method_is_described():
    from wgangp_tf.gan.methods import METHODS

    assert [name for name in METHODS if f"| `{name}` |" not in _ALL] == []


def test_commands_that_need_a_download_or_days_say_so():
    lines = re.findall(r"^    python main\.py .*$", _ALL, re.M)
    assert [line for line in lines if "--download" in line and "fetches" not in line] == []
    slow = [line for line in lines if "celeb_a" in line]
    assert len(slow) >= 2
    assert [line for line in slow if not re.search(r"steps of 4\.4 to 7(\.4)? s, ten to 16 days", line)] == []


@every_page
def test_where_gpus_are_named_it_says_that_none_was_used(name):
    text = " ".join(_PAGES[name].replace("**", "").split())
    assert ("GPU" in text) == bool(re.search(r"[Nn]ever run on a GPU", text))


def test_the_house_is_drawn_as_it_is_held():
    drawn = dict(re.findall(r"^      (\w+)(?:/|\.py) +(\d+)  ", _PAGES["docs/house.md"], re.M))
    package = _ROOT / "wgangp_tf"
    rooms = {room for room in test_imports._FLOORS if not room.startswith("__")}
    there = {room for room in rooms if (package / room).is_dir() or (package / f"{room}.py").exists()}
    assert {room: int(floor) for room, floor in drawn.items()} == {
        room: floor for room, floor in test_imports._FLOORS.items() if room in there
    }
