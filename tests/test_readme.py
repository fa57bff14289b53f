"""The examples of the README run as they stand."""

import pathlib
import re
import shutil

import pytest

from wgangp_tf import cli

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_EXAMPLES = re.findall(r"```python\n(.*?)```", (_ROOT / "README.md").read_text(), re.S)


@pytest.mark.parametrize("code", _EXAMPLES, ids=["saved_model", "parts"])
def test_an_example_runs(code, tmp_path, monkeypatch, capsys):
    shutil.copytree(_ROOT / "saved_models" / "digits", tmp_path / "saved_models" / "digits")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    for expected in re.findall(r"# (\(.*)", code):
        assert expected in printed.replace("<dtype: 'uint8'>", "uint8")


def test_every_file_that_is_named_exists():
    for name in re.findall(r"\]\(([\w/.]+)\)|python (benchmarks/\w+\.py)", (_ROOT / "README.md").read_text()):
        path = next(filter(None, name))
        assert (_ROOT / path).exists(), path


def test_every_training_command_resolves(monkeypatch):
    monkeypatch.chdir(_ROOT)
    text = (_ROOT / "README.md").read_text()
    lines = re.findall(r"^    (?:.venv/bin/)?python main.py(?: (--[^#\n]*))?(?:#|$)", text, re.M)
    assert len(lines) >= 5
    resolved = []
    monkeypatch.setattr("wgangp_tf.commands.dry_run.run", lambda config, *_: resolved.append(config))
    for line in lines:
        if "--helpshort" not in line:
            assert cli.main(["main.py", *line.split(), "--dry_run"]) == 0, line
    assert len(resolved) == len([line for line in lines if "--helpshort" not in line])


def test_every_method_is_described():
    from wgangp_tf.gan.methods import METHODS

    text = (_ROOT / "README.md").read_text()
    assert [name for name in METHODS if f"| `{name}` |" not in text] == []
