"""Samples beside real ones, the way between latents, and the training as an animation."""

import io

import numpy as np

from wgangp_tf.figures import style
from wgangp_tf.samples import drawing, spec

_WIDTH, _TITLE = 9.0, 0.45  # inches
_MOST_BYTES = 4_000_000  # of the animation
_FRAME, _LAST = 120, 2000  # milliseconds
_BAND = 16  # pixels below a frame, for its step


def draw(values, arrays):
    """See `drawing.draw`."""
    of = spec.from_values(values["spec"])
    fill, height = (_points, _WIDTH / 2) if of.kind == "points" else (_pictures, _height(arrays))
    return style.drawn(_WIDTH, height + _TITLE, values["caption"], lambda picture: fill(picture, arrays))


def _pictures(picture, arrays):
    """Real and generated samples side by side, and the strip below them."""
    panels = _panels(arrays)
    heights = [_panels_height(arrays) + _TITLE, _strip_height(arrays) + _TITLE]
    above, below = picture.subfigures(2, 1, height_ratios=heights)
    for axes, (title, pixels) in zip(above.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        _show(axes, pixels, title)
    strip = arrays["strip"]
    pixels = drawing.grid(strip.reshape(-1, *strip.shape[2:]), columns=strip.shape[1])
    _show(below.subplots(), pixels, "from one latent to another")


def _points(picture, arrays):
    """Generated points over real ones, and where they go as their latent does."""
    left, right = picture.subplots(1, 2)
    if "frames" in arrays:
        _show(left, arrays["frames"][-1], "real and generated")
    else:
        left.scatter(*arrays["samples"].T, s=4, color=style.BLUE, linewidths=0)
        left.set(aspect="equal", title="generated")
    right.scatter(*arrays["samples"].T, s=4, color=style.REAL, linewidths=0)
    for way, color in zip(arrays["strip"], style.CYCLE, strict=False):
        right.plot(*way.T, color=color, marker="o", markersize=3, linewidth=1)
    right.set(aspect="equal", title="from one latent to another, over generated points")


def extras(values, arrays):
    """The animation, where there are pictures of a training."""
    if len(values["frame_steps"]) < 2:
        return {"samples.gif": None}  # one that is there is of other numbers
    return {"samples.gif": animation(arrays["frames"], values["frame_steps"])}


def animation(frames, steps, most_bytes=_MOST_BYTES):
    """An animated GIF.

    Args:
      frames: uint8 [n, height, width, 1 or 3].
      steps: n ints, written below them.
      most_bytes: int, size that it keeps to by leaving frames out; two are always there.

    Returns:
      bytes.
    """
    kept = list(range(len(frames)))
    while True:
        packed = _packed([_with_step(frames[k], steps[k]) for k in kept])
        if len(packed) <= most_bytes or len(kept) <= 2:
            return packed
        kept = sorted({*kept[::2], kept[-1]} if len(kept) > 3 else {kept[0], kept[-1]})


def _packed(pictures):
    buffer = io.BytesIO()
    durations = [_FRAME] * (len(pictures) - 1) + [_LAST]
    first, *others = pictures
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=durations, loop=0)
    return buffer.getvalue()


def _with_step(pixels, step):
    """A frame over a band that says its step."""
    from PIL import Image, ImageDraw

    grey = pixels.shape[-1] == 1
    band = np.full([_BAND, *pixels.shape[1:]], 255, np.uint8)
    pixels = np.concatenate([pixels, band])
    picture = Image.fromarray(pixels[..., 0] if grey else pixels)
    ImageDraw.Draw(picture).text((3, picture.height - _BAND + 2), f"step {step:,}", fill=0 if grey else (0, 0, 0))
    return picture if grey else picture.quantize(256)


def _height(arrays):
    """Of real and generated samples, the strip and the title between them, in inches."""
    return _panels_height(arrays) + _TITLE + _strip_height(arrays)


def _panels(arrays):
    """{title: pixels [height, width, 1 or 3]}."""
    real = {"real": arrays["real"]} if "real" in arrays else {}
    return real | {"generated": drawing.grid(arrays["samples"])}


def _panels_height(arrays):
    panels = _panels(arrays).values()
    return min(max(_WIDTH / len(panels) * len(pixels) / pixels.shape[1] for pixels in panels), _WIDTH)


def _strip_height(arrays):
    rows, columns, height, width, _ = arrays["strip"].shape
    return min(_WIDTH * rows * height / (columns * width), _WIDTH)


def _show(axes, pixels, title):
    axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255)
    axes.axis("off")
    axes.set_title(title)
