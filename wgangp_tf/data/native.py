"""What the pictures of a folder are by themselves, and all of them as samples: for folders that are compared."""

import dataclasses
import io

from PIL import Image

from wgangp_tf.config import Data
from wgangp_tf.data import folder, prepare
from wgangp_tf.data.arrays import Joined
from wgangp_tf.data.listing import list_pictures, readable
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError

BROUGHT = "--image_size brings them to one"
_ORIENTATION = 0x0112  # of EXIF; from 5 on a picture lies on its side
_ON_ITS_SIDE = 5
_GREY = ("1", "L", "LA", "I", "I;16", "F")


@dataclasses.dataclass(frozen=True)
class Native:
    """What all pictures of a folder have.

    Attributes:
      size: (height, width).
      channels: 3, or 1 where every picture is grey.
    """

    size: tuple[int, int]
    channels: int


def of_folder(directory, named="data_dir", hint=BROUGHT):
    """What the pictures under a directory are; their files are looked at, not decoded.

    Pictures that cannot be read are left to whoever reads them.

    Args:
      directory: path.
      named: what the user named it by, for messages.
      hint: what to do about pictures of different sizes.

    Returns:
      `Native`.

    Raises:
      UserError: no folder, no pictures, none that can be read, or pictures of different sizes.
    """
    listing = list_pictures(directory, named)
    size = first = None
    channels = 1
    for entry in range(len(listing)):
        try:
            found, grey = _header(listing.read(entry))
        except (prepare.BadPicture, OSError, SyntaxError, ValueError):
            continue
        if not grey:
            channels = 3
        if size is None:
            size, first = found, entry
        elif found != size:
            raise UserError(
                f"{named} expects pictures of one size in {listing.shown}; {hint}. Received: "
                f"{_words(size)} ({readable(listing.name(first))!r}) and {_words(found)} "
                f"({readable(listing.name(entry))!r})"
            )
    if size is None:
        raise UserError(f"{named} expects a folder with pictures that can be read. Received: {listing.shown}")
    return Native(size, channels)


def _header(encoded):
    """((height, width), whether it is grey) of a picture's file."""
    return prepare.by_pixels(_look, encoded)


def _look(encoded):
    with Image.open(io.BytesIO(encoded), formats=prepare.FORMATS) as image:
        width, height = image.size
        if image.getexif().get(_ORIENTATION, 1) >= _ON_ITS_SIDE:
            width, height = height, width
        return (height, width), image.mode in _GREY


def _words(size):
    return "x".join(map(str, size))


def everything(directory, native, storage):
    """All pictures under a directory.

    Args:
      directory: path.
      native: `Native`, what they are brought to.
      storage: `settings.Storage`.

    Returns:
      (`data.source.Split`, notes to say).

    Raises:
      UserError: see `folder.load_tree`.
    """
    data = Data(dataset="folder", image_size=native.size, channels=native.channels)
    source = folder.load_tree(data, storage, directory, name="folder")
    samples = Joined(source.train.samples, source.validation.samples)
    return Split(samples, identity=f"{source.fingerprint}-all"), source.notes
