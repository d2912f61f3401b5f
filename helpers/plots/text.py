"""Text whose characters have numbers, shown in colour: what each cost, how far a gate was open, where it was copied from.

HTML without scripts or style sheets: a notebook that nobody has run yet is shown with those taken out.
"""

import html
import math

from helpers.plots.figure import NO_MATHEMATICS, caption_html, contrast

# From light to dark, so that the order survives every kind of colour blindness; the middle of the second is the lightest.
SEQUENTIAL = ("#fff3d6", "#fdc277", "#e4762b", "#a83a0c", "#5c1604")
DIVERGING = ("#0b4f9c", "#6ea6dc", "#eeeeee", "#e59a55", "#8f3d02")
LEVELS = 17  # odd: a diverging scale has a middle
MOST = 800  # tokens: with a number each, the HTML stays under 60 kB
MISSING = "#ffffff"
INK = ("#000000", "#ffffff")  # one of the two can be read on any colour
SHOWN = {"\n": "↵\n", "\t": "→", "\r": "␍"}


def coloured(tokens, values, label, alt, caption="", **scale):
    """Show a text in which each character, or token, has the colour of its number.

    The number appears on hover, and all of them unfold below the text, for the keyboard and for screen readers.

    Parameters
    ----------
    tokens : str or sequence of str
        Characters, or pieces of text.
    values : sequence of float
        One for each; None or nan leaves a token without colour.
    label : str
        What the numbers are, with their unit: "bits".
    alt : str
        What there is to see, for readers who cannot see it.
    caption : str, optional
        As in `figure.show`.
    **scale
        `low`, `high`: the numbers at the ends of the colours, by default the smallest and the largest value; `center`:
        two colours part here, and the scale reaches equally far to both sides; `digits`: decimals that are shown (2).
    """
    coloured_rows([("", tokens, values)], label, alt, caption, **scale)


def coloured_rows(rows, label, alt, caption="", low=None, high=None, center=None, digits=2, size=14):
    """Show several coloured texts one below another, on one scale.

    Parameters
    ----------
    rows : sequence of (str, str or sequence of str, sequence of float)
        For each its name (may be empty), its tokens and their values.
    label, alt, caption, low, high, center, digits
        As in `coloured`.
    size : int
        Of the letters, in pixels.
    """
    from IPython.display import display

    rows = [(name, list(tokens), [_number(value) for value in values]) for name, tokens, values in rows]
    _check(rows, alt)
    scale = Scale([value for _, _, values in rows for value in values], low, high, center)
    page = _html(rows, scale, label, alt, caption, digits, size)
    text = "\n".join(f"{name}: {''.join(tokens)}" if name else "".join(tokens) for name, tokens, _ in rows)
    display({"text/html": page, "text/plain": f"Coloured text: {alt}\n{text}"}, raw=True)


class Scale:
    """From numbers to colours; `low` and `high` are the numbers at its ends.

    Parameters
    ----------
    values : sequence of float
        nan is left out.
    low, high, center : float or None
        As in `coloured`.
    """

    def __init__(self, values, low=None, high=None, center=None):
        known = [value for value in values if not math.isnan(value)]
        self.low = min(known, default=0.0) if low is None else float(low)
        self.high = max(known, default=1.0) if high is None else float(high)
        self.center = center
        if center is not None:
            reach = max(self.high - center, center - self.low)
            self.low, self.high = center - reach, center + reach
        if not self.low <= self.high:
            raise ValueError(f"the scale goes from {self.low:g} to {self.high:g}: `low` must not be above `high`")

    def color(self, value):
        """The background of a value, and the text colour that can be read on it, as "#rrggbb"."""
        if math.isnan(value):
            return MISSING, _ink(MISSING)
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5 * (self.center is not None)
        background = self.level(round(min(max(share, 0), 1) * (LEVELS - 1)))
        return background, _ink(background)

    def level(self, i):
        """Colour `i` of `LEVELS`."""
        anchors = SEQUENTIAL if self.center is None else DIVERGING
        place = i / (LEVELS - 1) * (len(anchors) - 1)
        left = min(int(place), len(anchors) - 2)
        mixed = [a + (place - left) * (b - a) for a, b in zip(_rgb(anchors[left]), _rgb(anchors[left + 1]))]
        return "#" + "".join(f"{round(255 * channel):02x}" for channel in mixed)


def _check(rows, alt):
    if not alt.strip():
        raise ValueError("coloured text needs a text alternative: `alt` is empty")
    for name, tokens, values in rows:
        if len(tokens) != len(values):
            where = f" in row {name!r}" if name else ""
            raise ValueError(f"each token needs one value: {len(tokens)} tokens and {len(values)} values{where}")
    if (count := sum(len(tokens) for _, tokens, _ in rows)) > MOST:
        raise ValueError(f"{count} tokens are more than a page can show with a number each: at most {MOST}, show a part")


def _number(value):
    return math.nan if value is None else float(value)


def _html(rows, scale, label, alt, caption, digits, size):
    block = f"background: {MISSING}; color: {INK[0]}; border-radius: 6px; padding: 10px 14px; max-width: 60em"
    text = "font-family: monospace; font-size: {}px; line-height: 1.7; white-space: pre-wrap; overflow-wrap: anywhere"
    widest = max(len(name) for name, _, _ in rows)
    parts = []
    for name, tokens, values in rows:
        head = html.escape(name.ljust(widest), quote=False)
        head = f'<span style="color: #595959; font-size: 14px">{head}  </span>' if widest else ""
        hang = (widest + 2) * 14 / size  # a wrapped line begins where the text does, not below the name
        indent = f"; padding-left: {hang:.3g}ch; text-indent: -{hang:.3g}ch" if widest else ""
        parts.append(f'<div style="{text.format(size)}{indent}">{head}{_spans(tokens, values, scale, digits)}</div>')
    numbers = "\n".join(_words(row, digits) for row in rows)
    note = f'<div style="margin-top: 6px">{caption_html(caption)}</div>' if caption else ""
    return (
        f'<figure style="margin: 0 0 10px"><div class="{NO_MATHEMATICS}" style="{block}">{"".join(parts)}{_key(scale, label, digits)}'
        '<details style="margin-top: 4px"><summary style="color: #595959; font-size: 13px">in words and numbers</summary>'
        f'<div style="font-size: 13px">{html.escape(alt)}</div><div style="{text.format(12)}">{numbers}</div></details></div>'
        f"{note}</figure>"
    )


def _spans(tokens, values, scale, digits):
    """One span for each token; neighbours of the same colour and number share one."""
    parts, last = [], None
    for token, value in zip(tokens, values):
        background, ink = scale.color(value)
        known = not math.isnan(value)
        style = (background, ink, f"{value:.{digits}f}" if known else "")
        shown = html.escape("".join(SHOWN.get(c, c) for c in token), quote=False)
        if last == style:
            parts[-1] += shown
        else:
            dark = f";color:{ink}" if ink != INK[0] else ""
            parts.append(f'<span style="background:{background}{dark}" title="{style[2]}">{shown}' if known else f"<span>{shown}")
        last = style
    return "</span>".join(parts) + "</span>" if parts else ""


def _key(scale, label, digits):
    steps = range(0, LEVELS, 2)
    cells = "".join(f'<span style="background: {scale.level(i)}; padding: 0 9px"></span>' for i in steps)
    middle = f", middle {scale.center:.{digits}f}" if scale.center is not None else ""
    return (
        f'<div style="margin-top: 8px; font-size: 13px">{html.escape(label)}: {scale.low:.{digits}f}&nbsp; '
        f"{cells} &nbsp;{scale.high:.{digits}f}{middle}</div>"
    )


def _words(row, digits):
    name, tokens, values = row
    # no-break spaces keep a token and its number on one line
    shown = [
        f"{html.escape(token.replace(chr(10), '↵').replace(' ', '␣'), quote=False)}\u00a0" + ("–" if math.isnan(value) else f"{value:.{digits}f}")
        for token, value in zip(tokens, values)
    ]
    return (f"{html.escape(name)}: " if name else "") + " ".join(shown)


def _ink(background):
    return max(INK, key=lambda ink: contrast(_rgb(ink), _rgb(background)))


def _rgb(color):
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
