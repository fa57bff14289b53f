"""TensorFlow's greeting is kept back, unless it is all there is to explain why it cannot be imported."""

import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[1]
# in place of TensorFlow; it greets below Python, as TensorFlow does
_GREETS = """
import logging, os
os.write(2, b"hello\\n")
def get_logger():
    return logging.getLogger("tensorflow")
"""


@pytest.mark.parametrize("ending, status, shown", [("", 0, False), ("raise ImportError('broken')", 1, True)])
def test_what_is_printed_meanwhile_is_shown_only_where_the_import_fails(tmp_path, ending, status, shown):
    (tmp_path / "tensorflow.py").write_text(_GREETS + ending)
    code = "import os; from wgangp_tf import quiet; quiet.import_tensorflow(); os.write(2, b'after\\n')"
    path = os.pathsep.join([str(tmp_path), str(_ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == status
    assert ("hello" in done.stderr) == shown
    assert ("after" in done.stderr) != shown
    assert ("ImportError: broken" in done.stderr) == shown
