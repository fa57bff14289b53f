import pytest

from wgangp_tf.metrics.titles import title


@pytest.mark.parametrize(
    "value, features, expected",
    [
        ("frechet_distance", "inception-2015", "FID"),
        ("frechet_distance", "inception-keras", "Fréchet distance"),
        ("frechet_distance", "shapes", "Fréchet distance"),
        ("frechet_distance", None, "Fréchet distance"),
        ("frechet_distance_infinity", "inception-2015", "FID∞"),
        ("frechet_distance_infinity", "random_conv", "Fréchet distance, infinitely many samples"),
        ("kernel_distance", "inception-2015", "KID"),
        ("kernel_distance", "inception", "kernel distance"),
        ("classifier_score", "inception-2015", "Inception score"),
        ("classifier_score", "digits", "classifier score"),
        ("class_ratio_min", "inception-2015", "class ratio min"),
    ],
)
def test_a_well_known_name_has_to_be_earned(value, features, expected):
    assert title(value, features) == expected
