"""The lessons' functions on a corpus of real size, where there is one: tiny Shakespeare, beside the checkout."""

import numpy as np
import pytest

from helpers import data
from helpers.authoring import ROOT
from helpers.laboratory import lesson02
from tests import lessons

CORPUS = ROOT.parent / "shared" / "data" / "tinyshakespeare.txt"

pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason="shared/data/tinyshakespeare.txt does not stand beside the checkout")


@pytest.fixture(scope="module")
def parts():
    """The usual split: the first nine tenths, and the last."""
    text = data.load_text(CORPUS)
    cut = len(text) * 9 // 10
    return text[:cut], text[cut:]


#: Nats a character of models with 0.05 added to each count, by order; drawn in lesson 02.
NATS = dict(enumerate(lesson02.SHAKESPEARE, start=1))


@pytest.mark.parametrize("n", NATS)
def test_counting_models_cost_what_the_lesson_says(parts, n):
    train, held_out = parts
    vocabulary = "".join(sorted(set(train + held_out)))
    assert len(vocabulary) == 65
    model = lessons.functions("02")["fit_ngram"]([train], n, vocabulary, 0.05)
    uniform = np.full(65, 1 / 65)
    rows = {symbol: i for i, symbol in enumerate(vocabulary)}
    text = "\n" * (n - 1) + held_out
    probabilities = [model.get(text[i : i + n - 1], uniform)[rows[symbol]] for i, symbol in enumerate(held_out)]
    assert round(-np.mean(np.log(probabilities)), 3) == NATS[n]
