"""The statements of a lesson's prose, checked by a machine and shown as one folded line.

Each lesson has a module here. Its functions take what the lesson's demos measured, make a `Claim` of every
number that the prose quotes, and `show` them. The cell that calls one comes after the prose it supports:

    show(
        equal("both networks have 699 parameters", [699, 699], counts),
        above("the recurrent network's accuracy at 256 bits", 0.9, accuracy),
    )
"""

import dataclasses
import html

import numpy as np


@dataclasses.dataclass(frozen=True)
class Claim:
    """One statement of the prose.

    Attributes
    ----------
    text : str
        The statement, as a reader would say it.
    measured : str
        The number behind it, beside its bound.
    holds : bool or None
        None where the number is only shown, because it depends on the clock or the machine.
    """

    text: str
    measured: str
    holds: object


def above(text, bound, value):
    """Claim that a number, or every number of an array, is greater than `bound`."""
    low = _numbers(value).min()
    return Claim(text, " > ".join(_apart(low, bound)), bool(low > bound))


def below(text, bound, value):
    """Claim that a number, or every number of an array, is less than `bound`."""
    high = _numbers(value).max()
    return Claim(text, " < ".join(_apart(high, bound)), bool(high < bound))


def between(text, low, high, value):
    """Claim that a number, or every number of an array, lies from `low` to `high`."""
    numbers = _numbers(value)
    least, most = numbers.min(), numbers.max()
    seen = _brief(least) if least == most else f"{_brief(least)} to {_brief(most)}"
    return Claim(text, f"{seen}, within {_brief(low)} to {_brief(high)}", bool(low <= least and most <= high))


def equal(text, expected, value):
    """Claim that two plain values are equal; numbers must agree exactly, so compare rounded ones."""
    same = bool(np.array_equal(np.asarray(expected), np.asarray(value)))
    return Claim(text, f"{_brief(value)}, expected {_brief(expected)}", same)


def seen(text, value):
    """Show a number that depends on the clock or the machine: it is never counted."""
    return Claim(text, _brief(value), None)


def show(*claims):
    """Show the claims as one line that unfolds; it is open, and marked, where one does not hold.

    The plain-text form is only "6 of 6 hold", which is what nbval compares.

    Raises
    ------
    ValueError
        If no claim is counted: a check that cannot fail proves nothing.
    """
    from IPython.display import display

    counted = [claim for claim in claims if claim.holds is not None]
    if not counted:
        raise ValueError("nothing is claimed: give at least one claim that can fail")
    held = sum(claim.holds for claim in counted)
    bundle = {"text/plain": f"{held} of {len(counted)} hold", "text/html": _as_html(claims, held, len(counted))}
    display(bundle, raw=True)


def _as_html(claims, held, count):
    if held == count:
        summary = "The statement above holds" if count == 1 else f"The {count} statements above hold"
        summary = f'<span style="color:#2da44e">✓</span> {summary} on this machine'
        opened = ""
    else:
        failed = count - held
        verb = "does" if failed == 1 else "do"
        summary = f'<strong style="color:#e5534b">✗ {failed} of {count} statements above {verb} not hold on this machine</strong>'
        opened = " open"
    signs = {True: '<span style="color:#2da44e">✓</span>', False: '<strong style="color:#e5534b">✗</strong>', None: "·"}
    cell = "text-align:left;vertical-align:top;padding:1px 14px 1px 0;background:transparent"
    rows = "".join(
        f'<tr style="background:transparent"><td style="{cell}">{signs[c.holds]}</td>'
        f'<td style="{cell}">{html.escape(c.text)}</td><td style="{cell}">{html.escape(c.measured)}</td></tr>'
        for c in claims
    )
    return (
        f'<details{opened}><summary style="cursor:pointer">{summary}</summary>'
        f'<table style="margin:4px 0 0 1em"><tbody>{rows}</tbody></table></details>'
    )


def _numbers(value):
    """The numbers as one row of float64; nan stays, and fails every comparison."""
    row = np.asarray(value, dtype=np.float64).reshape(-1)
    if not row.size:
        raise ValueError("a claim about no number at all")
    return row


def _apart(value, bound):
    """Both numbers with three digits, or with as many more as it takes to see that they differ."""
    for digits in range(3, 18):
        shown = _brief(value, digits), _brief(bound, digits)
        if shown[0] != shown[1] or value == bound:
            break
    return shown


def _brief(value, digits=3):
    if isinstance(value, dict):
        return ", ".join(f"{key} {_brief(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple, np.ndarray)):
        return ", ".join(_brief(item) for item in np.asarray(value).reshape(-1).tolist()[:8])
    if isinstance(value, (float, np.floating)):
        return f"{value:.{digits}g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, (int, np.integer)) and not isinstance(value, bool) else str(value)
