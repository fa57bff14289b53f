"""Samples beside real ones, the way between latents, and the training as an animation."""

import io

import numpy as np

from wgangp_tf.figures import style, ways
from wgangp_tf.samples import drawing, spec

_WIDTH, _TITLE = 9.0, 0.45  # inches
_MOST_BYTES = 4_000_000  # of the animation
_FRAME, _LAST = 120, 2000  # milliseconds
_BAND = 16  # pixels below a frame, for its step


def draw(values, arrays):
    """See `drawing.draw`."""
    of = spec.from_values(values["spec"])
    if of.kind == "arrays":
        return _arrays(of, values, arrays)
    if of.kind == "points":
        height, fill = _WIDTH / 2, lambda picture: _points(picture, arrays, values.get("strip_classes"))
    else:
        height, fill = _height(values, arrays), lambda picture: _pictures(picture, values, arrays)
    return style.drawn(_WIDTH, height + _TITLE, values["caption"], fill)


def _arrays(of, values, arrays):
    """Generated arrays over or beside real ones, as a run draws them, and the ways below them."""
    samples, real = arrays["samples"], arrays.get("real_samples")
    above = drawing.chart(of, samples, real)
    below = ways.chart(of, arrays["strip"], samples if real is None else real, values.get("strip_classes") or ())
    heights = [above.height, below.height]

    def fill(picture):
        for part, chart in zip(picture.subfigures(2, 1, height_ratios=heights), (above, below), strict=True):
            chart.draw(part)

    return style.drawn(max(above.width, below.width), sum(heights), values["caption"], fill)


def _pictures(picture, values, arrays):
    """Real and generated samples side by side, and the strip below them."""
    panels = _panels(values, arrays)
    heights = [_panels_height(panels) + _TITLE, _strip_height(arrays) + _TITLE]
    above, below = picture.subfigures(2, 1, height_ratios=heights)
    for axes, (title, pixels) in zip(above.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        _show(axes, pixels, title)
    strip = arrays["strip"]
    pixels = drawing.grid(strip.reshape(-1, *strip.shape[2:]), columns=strip.shape[1])
    axes, classes = below.subplots(), values.get("strip_classes")
    _show(axes, pixels, f"from one latent to another{', of one class each' if classes else ''}")
    if classes:
        rows = (np.arange(len(classes)) + 0.5) * len(pixels) / len(classes)
        axes.axis("on")
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks(rows, classes, parse_math=False)
        axes.tick_params(length=0)


def _points(picture, arrays, classes):
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
    if classes:
        right.legend(right.lines, classes, title="class", fontsize=8)
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


def _height(values, arrays):
    """Of real and generated samples, the strip and the title between them, in inches."""
    return _panels_height(_panels(values, arrays)) + _TITLE + _strip_height(arrays)


def _panels(values, arrays):
    """{title: pixels [height, width, 1 or 3]}."""
    real = {"real": arrays["real"]} if "real" in arrays else {}
    names = values.get("columns") or None
    return real | {"generated": drawing.grid(arrays["samples"], names and len(names), names)}


def _panels_height(panels):
    each = _WIDTH / len(panels)
    return min(max(each * len(pixels) / pixels.shape[1] for pixels in panels.values()), _WIDTH)


def _strip_height(arrays):
    rows, columns, height, width, _ = arrays["strip"].shape
    return min(_WIDTH * rows * height / (columns * width), _WIDTH)


def _show(axes, pixels, title):
    axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255)
    axes.axis("off")
    axes.set_title(title)
