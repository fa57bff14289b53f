"""Config files: what they hold is found, and what they should not hold is said."""

import pytest

from wgangp_tf import config, config_file
from wgangp_tf.errors import UserError


def test_a_file_may_leave_anything_out(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"optimization": {"steps": 3}}')
    assert config_file.read_values(str(path)) == {"steps": 3}


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "--config expects JSON. Received: '{path}' (Expecting"),
        ("", "--config expects JSON. Received: '{path}' ("),
        ("\xff\xfe", "--config expects JSON. Received: '{path}' ("),
        ("[" * 100_000, "--config expects JSON. Received: '{path}' ("),
        ("[]", "--config expects a JSON object with the sections data, model, optimization. Received: '{path}'"),
        ("3", "--config expects a JSON object with the sections"),
        ('{"model": 3}', "Section 'model' of '{path}' expects a JSON object. Received: 3"),
        ('{"modle": {}}', "Unknown section or key in '{path}' 'modle'. Did you mean 'model'?"),
        ('{"n_critic": 5}', "Unknown section or key in '{path}' 'n_critic'."),
        (
            '{"optimization": {"n_critics": 5}}',
            "Unknown key in section 'optimization' of '{path}' 'n_critics'. Did you mean 'n_critic'?",
        ),
        ('{"model": {"steps": 5}}', "Unknown key in section 'model' of '{path}' 'steps'."),
    ],
)
def test_files_that_are_no_config_are_refused(text, message, tmp_path):
    path = tmp_path / "config.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError) as caught:
        config_file.read_values(str(path))
    assert str(caught.value).startswith(message.replace("{path}", str(path)))


def test_files_that_cannot_be_read_are_refused(tmp_path):
    for path, reason in ((tmp_path / "none.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(UserError) as caught:
            config_file.read_values(str(path))
        assert str(caught.value) == f"--config expects a readable JSON file. Received: {str(path)!r} ({reason})"


def test_numbers_that_json_should_not_have_are_refused(tmp_path):
    path = tmp_path / "config.json"
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        path.write_text(f'{{"optimization": {{"gp_weight": {number}}}}}')
        with pytest.raises(UserError, match="^gp_weight must be at least 0"):
            config.from_values(config_file.read_values(str(path)))
