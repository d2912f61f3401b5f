"""The prose's statements: what is claimed, what is shown of it, and that a claim can fail."""

import re

import numpy as np
import pytest

from helpers import claims


@pytest.fixture
def shown(monkeypatch):
    """What `show` hands to the notebook."""
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))

    def show(*made):
        claims.show(*made)
        return bundles[-1]

    return show


@pytest.mark.parametrize(
    "claim, holds, measured",
    [
        (claims.above("", 0.9, 0.95), True, "0.95 > 0.9"),
        (claims.above("", 0.9, 0.9), False, "0.9 > 0.9"),
        (claims.above("", 0.9, [1.0, 0.8, 1.0]), False, "0.8 > 0.9"),
        (claims.above("", 0.9, np.nan), False, "nan > 0.9"),
        (claims.below("", 0.5, np.array([[0.1, 0.4]])), True, "0.4 < 0.5"),
        (claims.below("", 0.5, [0.1, np.nan]), False, "nan < 0.5"),
        (claims.below("", 0.93338, 0.9331), True, "0.9331 < 0.9334"),  # with three digits both would be 0.933
        (claims.between("", 0.4, 0.6, [0.41, 0.59]), True, "0.41 to 0.59, within 0.4 to 0.6"),
        (claims.between("", 0.4, 0.6, 0.61), False, "0.61, within 0.4 to 0.6"),
        (claims.equal("", 699, 699), True, "699, expected 699"),
        (claims.equal("", [8, 16], [8, 15]), False, "8, 15, expected 8, 16"),
        (claims.equal("", {"a": 1}, {"a": 2}), False, "a 2, expected a 1"),
        (claims.equal("", "x", "x"), True, "x, expected x"),
        (claims.seen("", 12_345), None, "12,345"),
    ],
)
def test_a_claim_holds_the_number_against_its_bound(claim, holds, measured):
    assert (claim.holds, claim.measured) == (holds, measured)


def test_a_claim_about_nothing_is_refused():
    with pytest.raises(ValueError, match="no number"):
        claims.above("", 0.9, [])
    with pytest.raises(ValueError, match="at least one claim that can fail"):
        claims.show(claims.seen("the time", 3.0))


def test_what_holds_is_one_folded_line(shown):
    bundle = shown(claims.above("a < b", 0.5, 0.7), claims.seen("seconds", 3.14159), claims.equal("one", 1, 1))
    assert bundle["text/plain"] == "2 of 2 hold"
    html = bundle["text/html"]
    assert html.startswith("<details><summary") and "The 2 statements above hold on this machine" in html
    assert "a &lt; b" in html and "0.7 &gt; 0.5" in html and "3.14" in html
    assert html.count("✓") == 1 + 2


def test_what_does_not_hold_is_open_and_marked(shown):
    bundle = shown(claims.above("a", 0.5, 0.3), claims.equal("one", 1, 1))
    assert bundle["text/plain"] == "1 of 2 hold"
    assert bundle["text/html"].startswith("<details open>")
    assert "1 of 2 statements above does not hold on this machine" in bundle["text/html"]
    assert len(re.findall("✗", bundle["text/html"])) == 1 + 1
