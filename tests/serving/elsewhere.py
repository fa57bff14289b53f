"""Runs every signature of SavedModels with TensorFlow alone; our package cannot be imported."""

import importlib.abc
import json
import pathlib
import sys


class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("wgangp_tf", "tests"):
            raise ImportError(f"{name} is blocked")


sys.meta_path.insert(0, Blocker())

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

root, out = map(pathlib.Path, sys.argv[1:])
latents = np.load(out / "latents.npy")
results, described = {}, {}
for directory in sorted(path for path in root.iterdir() if path.is_dir()):
    model = tf.saved_model.load(str(directory))
    signatures = described[directory.name] = {}
    for name, signature in model.signatures.items():
        inputs = {
            key: [spec.dtype.name, spec.shape.as_list()]
            for key, spec in signature.structured_input_signature[1].items()
        }
        outputs = {key: [spec.dtype.name, spec.shape.as_list()] for key, spec in signature.structured_outputs.items()}
        signatures[name] = {"inputs": inputs, "outputs": outputs}
        if "latents" in inputs:
            (result,) = signature(latents=tf.constant(latents)).values()
            results[f"{directory.name}/{name}"] = result.numpy()
            continue
        for count in (0, 1, 10, 64, 65, 130):
            (result,) = signature(num_images=tf.constant(count), seed=tf.constant(5)).values()
            if name == "generate_png":
                decoded = [tf.io.decode_png(png).numpy() for png in result]
                result = np.array(decoded, np.uint8)
            results[f"{directory.name}/{name}/{count}"] = np.asarray(result)
    try:
        model.signatures["generate"](num_images=tf.constant(-1), seed=tf.constant(5))
    except tf.errors.InvalidArgumentError as error:
        signatures["negative"] = str(error)
assert "wgangp_tf" not in sys.modules
np.savez(out / "results.npz", **results)
(out / "signatures.json").write_text(json.dumps(described))
