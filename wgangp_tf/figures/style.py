"""How figures look: colours that colour-blind people tell apart, labelled axes, the caption under the picture."""

import io
import textwrap

# Okabe and Ito 2008: told apart with every common kind of colour blindness
BLUE, ORANGE, GREEN, RED, SKY, PINK, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#F0E442",
    "#000000",
)
CYCLE = (BLUE, ORANGE, GREEN, RED, PINK, SKY, BLACK, YELLOW)
CYCLE_ON_DARK = (SKY, ORANGE, GREEN, RED, PINK, YELLOW, "#FFFFFF", BLUE)  # what is dark comes last
REAL = "#999999"
_SETTINGS = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "wgangp_tf",  # the same numbers, the same file
    "figure.constrained_layout.use": True,
}
_POINTS_A_LINE = 13.0
_CHARACTERS_AN_INCH = 14.5


def drawn(width, height, caption, draw):
    """A figure.

    Args:
      width, height: of the picture in inches, without the caption.
      caption: text under it.
      draw: callable of a matplotlib subfigure that fills it.

    Returns:
      matplotlib.figure.Figure.
    """
    import matplotlib
    from matplotlib.figure import Figure

    lines = textwrap.wrap(caption, int(width * _CHARACTERS_AN_INCH))
    below = (len(lines) + 1) * _POINTS_A_LINE / 72
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height + below))
        picture, text = figure.subfigures(2, 1, height_ratios=[height, below])
        draw(picture)
        how = {"va": "top", "ha": "left", "fontsize": 9, "color": "#333333", "linespacing": 1.25}
        text.text(0.02, 0.9, "\n".join(lines), parse_math=False, **how)  # the name of a run may hold a $
    return figure


def pictures(figure, name):
    """The files of a figure: {name.png: bytes, name.svg: bytes}."""
    import matplotlib

    found = {}
    with matplotlib.rc_context(_SETTINGS):
        for suffix, settings in (
            (".png", {"dpi": 150, "metadata": {"Software": "wgangp_tf"}}),
            (".svg", {"metadata": {"Date": None}}),
        ):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=suffix[1:], **settings)
            found[f"{name}{suffix}"] = buffer.getvalue()
    return found
