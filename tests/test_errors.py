from wgangp_tf import errors
from wgangp_tf.errors import UserError


def test_unknown_names_are_answered_with_the_nearest_and_a_short_list():
    assert str(errors.unknown_name("thing", "appel", ["pear", "apple"])) == (
        "Unknown thing 'appel'. Did you mean 'apple'? Known: apple, pear."
    )
    assert str(errors.unknown_name("thing", "xyz", ["pear", "apple"])) == "Unknown thing 'xyz'. Known: apple, pear."


def test_a_long_list_is_given_only_where_nothing_is_near():
    known = [f"name{k}" for k in range(20)]
    assert str(errors.unknown_name("thing", "nam1", known)) == "Unknown thing 'nam1'. Did you mean 'name1'?"
    assert str(errors.unknown_name("thing", "zzz", known)).endswith("name8, name9.")


def test_an_interruption_knows_its_signal():
    assert errors.Interrupted(15).signal_number == 15
    assert issubclass(UserError, ValueError)
