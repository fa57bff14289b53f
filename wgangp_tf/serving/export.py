"""A generator as a SavedModel that needs none of our code."""

import json
import os
import pathlib
import shutil

import keras
import tensorflow as tf

from wgangp_tf import files
from wgangp_tf.data import pictures
from wgangp_tf.errors import UserError
from wgangp_tf.gan import sampling
from wgangp_tf.serving import target

_OUTPUT = {"images": "images", "points": "points", "arrays": "samples"}
_PICTURE = pathlib.Path("assets.extra") / "samples.png"


def export_generator(model, directory, *, kind=None, card=None, dequantized=False, overwrite=False):
    """Exports a model's generator, by its averaged weights where it has some, in float32.

    Signatures: `serving_default` (latents float32 [n, latent_dim]), `generate` (num_images int32 [], seed int32 []),
    for images `generate_png` (the same, PNG files as strings), and `raw` (latents; the generator's own output).
    Sample k of `generate` depends on (seed, k) alone.

    Args:
      model: `GAN`.
      directory: of the SavedModel; its parents are made.
      kind: "images" (samples in [−1, 1] become uint8 pixels), "points" or "arrays"; None for images where samples are
        [height, width, 1 or 3], points where they are [2], else arrays.
      card: dict for assets.extra/card.json: config, numbers, versions, licence; None for none.
      dequantized: see `pictures.to_uint8`.
      overwrite: replace a SavedModel of another run. One whose card has the same "run_id" is always replaced.

    Raises:
      UserError: the directory holds something else, or cannot be written.
    """
    directory = pathlib.Path(directory)
    target.check(directory, (card or {}).get("run_id"), overwrite)
    generator = _float32_copy(model)
    kind = kind or _kind(generator.output_shape[1:])
    beside = directory.with_name(f".{directory.name}.{os.getpid()}.part")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        _write(generator, model.latent_dim, kind, dequantized, beside)
        (beside / target.CARD).parent.mkdir()
        if card is not None:
            files.replace(beside / target.CARD, json.dumps(card, indent=2) + "\n")
        samples = _finish(kind, dequantized)(sampling.generate(generator, 64, 0, model.latent_dim))
        if kind != "arrays":
            files.replace(beside / _PICTURE, pictures.png(pictures.draw(samples)))
        files.sync_tree(beside)
        _swap(beside, directory)
    except OSError as error:
        raise UserError(
            f"--export_dir expects a directory that can be written. Received: {str(directory)!r} ({error.strerror})"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _float32_copy(model):
    """The generator with the averaged weights, outside any strategy, whatever precision it was trained in."""
    generator = model.generator
    if isinstance(generator, (keras.Sequential, keras.src.models.Functional)):
        copy = keras.models.clone_model(generator, clone_function=_float32_layer)
    else:
        copy = type(generator).from_config(generator.get_config())
        copy(tf.zeros([1, model.latent_dim]))
    weights = model.averages.weights if model.averages is not None else generator.weights
    copy.set_weights([weight.numpy() for weight in weights])
    return copy


def _float32_layer(layer):
    return type(layer).from_config(layer.get_config() | {"dtype": "float32"})


def _kind(sample_shape):
    if len(sample_shape) == 3 and sample_shape[-1] in (1, 3):
        return "images"
    return "points" if tuple(sample_shape) == (2,) else "arrays"


def _finish(kind, dequantized):
    """From what the generator gives to what a user is given."""
    return (lambda samples: pictures.to_uint8(samples, dequantized)) if kind == "images" else tf.identity


def _write(generator, latent_dim, kind, dequantized, directory):
    finish = _finish(kind, dequantized)
    output = _OUTPUT[kind]
    sample = finish(tf.zeros([sampling.CHUNK, *generator.output_shape[1:]]))

    def raw(latents):
        return generator(latents, training=False)

    def chunk(number, seed):
        return finish(raw(sampling.latents_of_chunk(seed, number, latent_dim)))

    def generate(num_images, seed):
        tf.debugging.assert_greater_equal(num_images, 0, "num_images must be at least 0")
        numbers = tf.range(-(-num_images // sampling.CHUNK))
        # one chunk at a time: memory for activations does not grow with num_images
        chunks = tf.map_fn(
            lambda number: chunk(number, seed),
            numbers,
            fn_output_signature=tf.TensorSpec(sample.shape, sample.dtype),
            parallel_iterations=1,
        )
        return tf.reshape(chunks, [-1, *sample.shape[1:]])[:num_images]

    def generate_png(num_images, seed):
        return tf.map_fn(tf.io.encode_png, generate(num_images, seed), fn_output_signature=tf.string)

    latents = tf.TensorSpec([None, latent_dim], tf.float32, name="latents")
    number_and_seed = [tf.TensorSpec([], tf.int32, name="num_images"), tf.TensorSpec([], tf.int32, name="seed")]
    archive = keras.export.ExportArchive()
    archive.track(generator)
    archive.add_endpoint("serving_default", lambda latents: {output: finish(raw(latents))}, [latents])
    archive.add_endpoint("generate", lambda num_images, seed: {output: generate(num_images, seed)}, number_and_seed)
    if kind == "images":
        archive.add_endpoint(
            "generate_png", lambda num_images, seed: {"png": generate_png(num_images, seed)}, number_and_seed
        )
    archive.add_endpoint("raw", lambda latents: {output: raw(latents)}, [latents])
    archive.write_out(str(directory), verbose=False)


def _swap(beside, directory):
    """Puts `beside` in the place of `directory`."""
    old = directory.with_name(f".{directory.name}.{os.getpid()}.old")
    if directory.exists():
        os.rename(directory, old)
    os.rename(beside, directory)
    files.sync(directory.parent)
    shutil.rmtree(old, ignore_errors=True)
