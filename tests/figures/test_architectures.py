import numpy as np

from wgangp_tf.figures import architectures
from wgangp_tf.samples import drawing


def test_each_panel_has_its_samples_and_their_quality():
    methods, names = ["wgan-gp", "wgan"], {"gated": "gates", "tanh": "tanh"}
    keys = [f"{method} {name}" for method in methods for name in names]
    pictures = np.random.default_rng(0).integers(0, 256, [5, 16, 4, 4, 1]).astype(np.uint8)
    arrays = {"real": pictures[4]} | {f"samples {key}": some for key, some in zip(keys, pictures, strict=False)}
    found = {key: {"diverged": False, "distance": 0.25} for key in keys}
    found["wgan tanh"] = {"diverged": True, "distance": None}
    found["wgan gated"] = {"diverged": False, "distance": None}
    arrays["samples wgan tanh"] = pictures[3][:0]
    values = {"methods": methods, "architectures": names, "found": found, "caption": "Words."}
    axes = architectures.draw(values, arrays).subfigs[0].axes
    assert [a.get_title() for a in axes[:3]] == ["real", "gates", "tanh"]
    near = "distance 0.25"
    assert [a.get_xlabel() for a in axes] == ["", near, near, "", "distance not finite", "diverged"]
    np.testing.assert_array_equal(axes[0].images[0].get_array(), drawing.grid(pictures[4])[..., 0])
    np.testing.assert_array_equal(axes[2].images[0].get_array(), drawing.grid(pictures[1])[..., 0])
    assert not axes[5].images
