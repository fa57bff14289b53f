import errno
import os

import pytest

from wgangp_tf import errors
from wgangp_tf.errors import UserError


def test_unknown_names_are_answered_with_the_nearest_and_a_short_list():
    assert str(errors.unknown_name("thing", "appel", ["pear", "apple"])) == (
        "Unknown thing 'appel'. Did you mean 'apple'? Known: apple, pear."
    )
    assert str(errors.unknown_name("thing", "xyz", ["pear", "apple"])) == "Unknown thing 'xyz'. Known: apple, pear."


def test_names_whose_ends_would_not_be_seen_in_a_list_stand_in_quotes():
    assert str(errors.unknown_name("thing", "xyz", ["a,b", "c d", "", " "])) == (
        "Unknown thing 'xyz'. Known: '', ' ', 'a,b', c d."
    )


def test_a_long_list_is_given_only_where_nothing_is_near():
    known = [f"name{k}" for k in range(20)]
    assert str(errors.unknown_name("thing", "nam1", known)) == "Unknown thing 'nam1'. Did you mean 'name1'?"
    assert str(errors.unknown_name("thing", "zzz", known)).endswith("name8, name9.")


def test_names_in_words():
    assert [errors.either("abc"[:count]) for count in (1, 2, 3)] == ["a", "a or b", "a, b or c"]
    assert errors.either({"a": 0, "b": 1, "c": 2}, "and") == "a, b and c"


def test_an_interruption_knows_its_signal():
    assert errors.Interrupted(15).signal_number == 15
    assert issubclass(UserError, ValueError)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO])
def test_what_the_system_says_is_found_between_names_of_operations_and_files(number):
    said = os.strerror(number)
    told = "{{function_node __wrapped__SaveV2}} /tmp/m/part-00000.tempstate12; " + said + " [Op:SaveV2]"
    assert errors.system_reason(Exception(told)) == said
    assert errors.system_reason(OSError(number, said, "a file")) == said


def test_of_other_errors_the_system_says_nothing():
    assert errors.system_reason(ValueError("no such luck")) is None
    assert errors.system_reason(OSError("timed out")) is None
