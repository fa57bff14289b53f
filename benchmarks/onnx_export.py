"""The published digits as ONNX: how far its pictures are from those of the SavedModel. Needs the extra `convert`."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

_DIGITS = str(pathlib.Path(__file__).resolve().parents[1] / "saved_models" / "digits")
_COUNT = 64


def main():
    import onnxruntime
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/digits.onnx"
        words = ["--saved-model", _DIGITS, "--signature_def", "serving_default", "--tag", "serve", "--output", path]
        subprocess.run([sys.executable, "-m", "tf2onnx.convert", *words], check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    latents = np.random.default_rng(0).normal(size=(_COUNT, session.get_inputs()[0].shape[1])).astype(np.float32)
    (theirs,) = session.run(None, {"latents": latents})
    ours = tf.saved_model.load(_DIGITS).signatures["serving_default"](latents=latents)["images"].numpy()
    print(f"largest difference of {_COUNT} pictures: {np.abs(theirs.astype(int) - ours).max()} grey levels")


if __name__ == "__main__":
    main()
