"""The files that Keras writes of a model, and the config that it is made of again."""

import keras

from wgangp_tf.gan import settings_of_model
from wgangp_tf.samples import spec as specs
from wgangp_tf.samples.codec import Codec


class Saved:
    """A part of `keras_model.KerasModel`; stands before `keras.Model` among its bases."""

    def get_config(self):
        """What `from_config` makes the same model from, with weights as networks have them at first."""
        config = dict(self._arguments) | {name: getattr(self, name) for name in settings_of_model.CHANGED}
        for name in ("generator", "critic"):
            config[name] = keras.saving.serialize_keras_object(config[name])
        if config["codec"] is not None:
            config["codec"] = {"spec": config["codec"].spec.to_values(), "flip": config["codec"].flip}
        return config | {"name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The model that `get_config` describes."""
        config = dict(config)
        for name in ("generator", "critic"):
            config[name] = keras.saving.deserialize_keras_object(config[name], custom_objects=custom_objects)
        if config.get("codec") is not None:
            config["codec"] = Codec(specs.from_values(config["codec"]["spec"]), config["codec"]["flip"])
        return cls(**config)

    def check_saved(self, instead, filepath):
        """Raises a ValueError, saying what to do instead, if the model cannot be written whole to a path."""
        if str(filepath).lower().endswith((".h5", ".hdf5")):  # Keras' old form has room for one optimizer
            raise ValueError(
                f"a GAN, which has two optimizers, is saved whole to a file that ends in .keras; else use {instead}. "
                f"Received: {str(filepath)!r}"
            )
        try:
            self.get_config()
            self.get_compile_config()
        except Exception as error:  # of whatever a layer of the user's own does
            reason = str(error).strip().partition("\n")[0]
            raise ValueError(
                f"a model is saved whole where its networks and optimizers have a get_config; else use {instead}. "
                f"Received: one that has none ({reason})"
            ) from error

    def save(self, filepath, *arguments, **keywords):
        """As `keras.Model.save`: networks, averages, both optimizers and the step; `load_model` goes on from there."""
        self.check_saved("save_weights", filepath)
        return super().save(filepath, *arguments, **keywords)

    def export(self, filepath, format="tf_saved_model", verbose=None, input_signature=None, **keywords):
        """As `keras.Model.export`, of what `call` does: latents -> samples. `export_generator` writes more."""
        if input_signature is None:
            latents = keras.InputSpec(shape=(None, self.latent_dim), dtype="float32")
            labels = keras.InputSpec(shape=(None,), dtype="int32")
            input_signature = [latents] if self.classes is None else [[latents, labels]]
        return super().export(filepath, format, verbose, input_signature, **keywords)
