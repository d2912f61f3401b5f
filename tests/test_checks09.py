"""The references that lesson 09's checks hold answers against are right themselves: by Keras, complex steps and enumeration."""

import functools
import itertools

import numpy as np
import pytest

from helpers import gradients
from helpers.checks import lesson09 as checks

SIZES = [(2, 3, 5, 4, 6), (1, 1, 2, 3, 1), (3, 2, 2, 1, 4)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("additive", [False, True])
def test_attention_is_that_of_keras_unscaled_and_without_projections(sizes, additive):
    import keras

    queries, keys, values, mask, v = checks._attention_case(np.random.default_rng(1), *sizes, additive)
    layer = keras.layers.AdditiveAttention() if additive else keras.layers.Attention()
    arrays = [a.astype(np.float32) for a in (queries, values, keys)]  # Keras takes the values before the keys
    layer.build([a.shape for a in arrays])
    assert [w.shape for w in layer.weights] == ([v.shape] if additive else [])
    layer.set_weights([v.astype(np.float32)] if additive else [])
    expected = layer(arrays, mask=[None, mask], return_attention_scores=True)
    for truth, got in zip(expected, checks._attention(queries, keys, values, mask, v)):
        assert gradients.relative_error(np.asarray(truth), got) < 1e-6
    assert not checks._attention(queries, keys, values, mask, v)[1][np.broadcast_to(~mask[:, None], (*queries.shape[:2], sizes[2]))].any()


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("padded", [False, True])
def test_the_gradients_of_attention_are_those_of_the_complex_step(sizes, padded):
    case = checks._backward_case(np.random.default_rng(2), *sizes, padded=padded)
    d_context, *arrays, weights = case
    mask = weights.any(axis=1)
    names = ("queries", "keys", "values")

    def loss(moved):
        return (d_context * checks._attention(*(moved[name] for name in names), mask)[0]).sum()

    truth = gradients.complex_step(loss, dict(zip(names, arrays)))
    assert max(gradients.parting(truth, dict(zip(names, checks._backward(*case)))).values()) < 1e-12


def _fewest_edits(a, b):
    """By the definition itself: all that one edit makes of a, then all that one edit makes of these, until b is among them."""
    letters, texts = set(a + b), {a}
    for edits in itertools.count():
        if b in texts:
            return edits
        pairs = [(t[:i], t[i:]) for t in texts for i in range(len(t) + 1)]
        texts = {
            *(left + right[1:] for left, right in pairs if right),
            *(left + c + right for left, right in pairs for c in letters),
            *(left + c + right[1:] for left, right in pairs if right for c in letters),
        }


@pytest.mark.parametrize("a, b", [("", ""), ("abc", ""), ("abc", "bcd"), ("abca", "bacb"), ("aab", "bba"), ("ab", "ba"), ("cabb", "abcab")])
def test_an_edit_distance_is_the_fewest_edits_there_are(a, b):
    assert checks._distance(a, b) == _fewest_edits(a, b)


def test_a_beam_that_prunes_nothing_finds_what_enumeration_finds():
    rng = np.random.default_rng(3)
    for alpha in (0.0, 0.6, 1.0, 2.0):
        for _ in range(10):
            table = checks._table(rng, 4)
            table[rng.random(table.shape) < 0.2] = -np.inf
            case = table, 0, 3, 4**4, 4, alpha
            assert checks._found(*case) == checks._enumerated(*case)


def test_a_narrow_beam_finds_what_is_pruned_by_hand():
    # after 0 come 1, 2 and 3 with 0.5, 0.3 and 0.2: the beam of two drops 3, though it alone leads to the end for certain
    table = np.full((5, 5), -np.inf)
    table[0, 1:4], table[1, 1:], table[2, 4], table[3, 4] = np.log([0.5, 0.3, 0.2]), np.log([0.4, 0.2, 0.2, 0.2]), np.log(0.5), 0.0
    find = functools.partial(checks._found, table, 0, 4)
    assert find(1, 3, 0.0) == ([], -np.inf)
    sequence, total = find(2, 2, 0.0)
    assert sequence == [2, 4]
    assert total == pytest.approx(np.log(0.15))
    assert find(3, 2, 0.0)[0] == [3, 4]


@pytest.mark.parametrize("more", [0, 1])
def test_the_cases_of_a_beam_show_the_mistake_they_are_made_for(more):
    rng = np.random.default_rng(more)
    for flaws in (["greedy"], ["the first complete"], ["complete before pruning"], ["beam shrinks"], ["unfinished ones count"]):
        case = checks._apart(rng, 5 + more, 3, 5 + more, 0.0, flaws)
        assert all(checks._searching(flaw)(*case)[0] != checks._found(*case)[0] for flaw in flaws)
