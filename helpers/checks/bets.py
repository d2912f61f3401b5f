"""A bet on what a demo will show, and the line that settles it."""

import html
import numbers

from helpers.checks.report import FAILED, NOT_YET, PASSED, html_box


def choice_of(answer, choices):
    """The choice that an answer means; None if it is none of them.

    Parameters
    ----------
    answer : object
        A string, in which capitals and spaces and quotes around it do not matter, or a number.
    choices : sequence of str
    """
    text = answer.strip(" \t\n'\"`").casefold() if isinstance(answer, str) else None
    number = _number(text if text is not None else answer)
    for choice in choices:
        if text == choice.casefold() or number is not None and number == _number(choice):
            return choice
    return None


def _number(value):
    if isinstance(value, bool) or not isinstance(value, (str, numbers.Real)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


class Bet:
    """One line that says whether a bet was right, as HTML and as text.

    Parameters
    ----------
    name : str
        Of the prediction.
    choices : sequence of str
    answer : object
        What the learner bet on; anything that is no choice is no bet.
    measured : str or number
        The choice that the demo found.
    tempting : dict of str to str
        For wrong choices the sentence that says why each is tempting.

    Raises
    ------
    ValueError
        If `measured`, or a key of `tempting`, is no choice.
    """

    def __init__(self, name, choices, answer, measured, tempting):
        self.name, self.bet = name, choice_of(answer, choices)
        for value in (measured, *tempting):
            if choice_of(value, choices) is None:
                raise ValueError(f"{name} has no choice {value!r}; it has {', '.join(choices)}")
        self.measured = choice_of(measured, choices)
        self.tempting = {choice_of(key, choices): sentence for key, sentence in tempting.items()}

    @property
    def right(self):
        """Whether the demo found what was bet on."""
        return self.bet == self.measured

    def __repr__(self):
        if self.bet is None:
            return f"No bet is committed in {self.name}. It costs nothing to be wrong, and a bet makes the result stick."
        if self.right:
            return f"Your bet: {self.bet}. The demo found {self.measured}: you were right."
        sentence = self.tempting.get(self.bet, "")
        return f"Your bet: {self.bet}. The demo found {self.measured}. {sentence}".strip()

    def _repr_html_(self):
        status = NOT_YET if self.bet is None else PASSED if self.right else FAILED
        return html_box(status, html.escape(repr(self)))
