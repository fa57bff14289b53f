"""`reproduce`: what cannot be made or drawn is one line."""

import json
import pathlib

import numpy as np


def test_what_cannot_be_made_is_refused(command, tmp_path):
    (tmp_path / "file").touch()
    for words, line in (
        ((), "reproduce expects --figure=<name>. Known: gradient_norms"),
        (("--figure=gradient_norm",), "Unknown figure 'gradient_norm'. Did you mean 'gradient_norms'?"),
        (("--figure=gradient_norms", "--redraw", "--out=d"), "--redraw expects the numbers of figure 'gradient_norms'"),
        (("--figure=gradient_norms", "--out=file"), "--out expects a directory. Received: 'file', a file"),
    ):
        status, _, err = command("reproduce", *words)
        assert status == 2 and err.startswith(f"error: {line}") and err.count("\n") == 1, words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_numbers_of_another_format_are_not_drawn(command, tmp_path):
    pathlib.Path("d").mkdir()
    pathlib.Path("d/numbers.json").write_text(json.dumps({"format": 99, "figure": "gradient_norms"}))
    np.savez("d/numbers.npz", a=np.zeros(1))
    status, _, err = command("reproduce", "--figure=gradient_norms", "--redraw", "--out=d")
    assert status == 2 and "expected to have format 1. Received: 99; make the numbers anew" in err
