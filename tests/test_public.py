"""The names of `wgangp_tf` itself."""

import importlib

import pytest

import wgangp_tf


@pytest.mark.parametrize("name", wgangp_tf.__all__)
def test_a_public_name_is_what_its_module_has(name):
    value = getattr(wgangp_tf, name)
    assert value.__doc__ and value.__name__ == name
    assert getattr(importlib.import_module(value.__module__), name) is value
    assert name in dir(wgangp_tf)


def test_the_names_that_are_promised():
    assert {"GAN", "WGANGP", "gradient_norms", "gradient_penalty", "export_generator"} <= set(wgangp_tf.__all__)


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'wgangp_tf' has no attribute 'WGANGPP'"):
        wgangp_tf.WGANGPP  # noqa: B018
