"""What values are called: a well-known name only on the features that it stands for.

FID, KID and Inception score are numbers of one network, the Inception v3 of 2015-12-05 (Heusel et al. 2017, Bińkowski
et al. 2018, Salimans et al. 2016). On other features, Keras' Inception v3 too, the same formula gives numbers that do
not compare with published ones, and has its plain name.
"""

EARNED_BY = "inception-2015"  # the name of those features

# value: (its plain name, its name on the features above)
_TITLES = {
    "frechet_distance": ("Fréchet distance", "FID"),
    "frechet_distance_infinity": ("Fréchet distance, infinitely many samples", "FID∞"),
    "kernel_distance": ("kernel distance", "KID"),
    "kernel_distance_std": ("kernel distance, deviation", "KID, deviation"),
    "classifier_score": ("classifier score", "Inception score"),
    "classifier_score_std": ("classifier score, deviation", "Inception score, deviation"),
}


def title(value, features):
    """What a value is called.

    Args:
      value: str, the name it has in files.
      features: name of the features it was measured on, as `evaluator.Evaluator.features` has it, or None.

    Returns:
      str; for values without a well-known name, their own in words.
    """
    plain, earned = _TITLES.get(value, (value.replace("_", " "),) * 2)
    return earned if features == EARNED_BY else plain
