"""What people see: pictures with words in them, colours everybody can tell apart, coloured text, training to watch, knobs."""

import base64
import html
import html.parser
import io
import itertools
import math
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from helpers import authoring, session
from helpers.plots import explore, figure, lesson07, text, watch


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, in order: (bundle, display_id or None); updates as (bundle, "update")."""
    import IPython.display

    found = []

    class Handle:
        def update(self, bundle, raw):
            found.append((bundle, "update"))

    def display(bundle, raw=False, display_id=None):
        found.append((bundle, display_id))
        return Handle() if display_id else None

    monkeypatch.setattr(IPython.display, "display", display)
    return found


@pytest.fixture
def moving(monkeypatch):
    monkeypatch.delenv(session.STILL)


def chart(**settings):
    picture, (ax,) = figure.subplots(1, 6, 3)
    ax.plot([1, 2, 3], [1, 4, 9], label="squares")
    ax.set(**settings)
    return picture, ax


def png(page):
    return Image.open(io.BytesIO(base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', page).group(1))))


class TestShow:
    def test_one_output_with_html_and_words(self, shown):
        figure.show(chart()[0], 'A line <rises> & "ends" at 9.', "The caption.")
        ((bundle, _),) = shown
        assert bundle.keys() == {"text/html", "text/plain"}
        assert bundle["text/plain"] == 'Figure: A line <rises> & "ends" at 9.'
        (alt,) = re.findall(r'<img alt="([^"]*)"', bundle["text/html"])
        assert html.unescape(alt) == 'A line <rises> & "ends" at 9.'
        assert "The caption.</figcaption>" in bundle["text/html"]

    def test_twice_the_pixels_of_the_stated_width_and_a_palette(self):
        page = figure.picture(chart()[0], "words")
        image, width = png(page), int(re.search(r'width="(\d+)"', page).group(1))
        assert abs(image.width - 2 * width) <= 1 and 400 < width < 520
        assert image.mode == "P"

    def test_white_all_around_so_that_it_stands_on_a_dark_page(self):
        pixels = np.asarray(png(figure.picture(chart()[0], "words")).convert("RGB"))
        m = figure.MARGIN
        for edge in (pixels[:m], pixels[-m:], pixels[:, :m], pixels[:, -m:]):
            assert (edge == 255).all()

    def test_the_same_figure_is_the_same_bytes(self):
        assert figure.picture(chart()[0], "words") == figure.picture(chart()[0], "words")

    def test_without_a_caption_there_is_none(self):
        assert "figcaption" not in figure.picture(chart()[0], "words")

    def test_without_words_it_is_refused(self):
        with pytest.raises(ValueError, match="text alternative"):
            figure.picture(chart()[0], " ")

    def test_captions_are_read_as_people_write_them(self):
        assert figure.caption_html("a `x < 1` *b* **c** $a*b*c$ & 2 * 3 * 4") == (
            "a <code>x &lt; 1</code> <em>b</em> <strong>c</strong> $a*b*c$ &amp; 2 * 3 * 4"
        )

    def test_no_legend_has_a_frame_and_titles_start_at_the_left(self):
        """Matplotlib asks its settings for both when they are made, not when the figure is."""
        picture, ax = chart(title="The finding")
        legend = ax.legend()
        figure.picture(picture, "words")
        assert not legend.get_frame_on()
        assert ax.title.get_ha() == "left" and ax.title.get_position()[0] == 0

    def test_what_the_learner_set_for_matplotlib_changes_nothing_and_stays(self):
        import matplotlib.pyplot as plt

        def page():
            picture, _ = chart(title="The finding")
            return figure.picture(picture, "words")

        before = page()
        with plt.style.context("dark_background"):
            assert page() == before
            assert plt.rcParams["axes.facecolor"] == "black"


class TestLabels:
    @pytest.mark.parametrize("wanted", [[5], [1, 50], [10, 11, 12], [0, 0, 0, 100, 100], [30, 10, 30, 31, 90], [-20, 150]])
    def test_spread_without_overlap_inside_the_column(self, wanted):
        sizes = [10 + i for i in range(len(wanted))]
        places = figure.spread(wanted, sizes, 0, 110)
        ends = sorted((place - size / 2, place + size / 2) for place, size in zip(places, sizes))
        assert all(below[1] <= above[0] + 1e-9 for below, above in zip(ends, ends[1:]))
        assert ends[0][0] >= -1e-9 and ends[-1][1] <= 110 + 1e-9

    def test_what_is_apart_stays_where_it_is(self):
        assert figure.spread([20, 80, 50], [10, 10, 10], 0, 100) == [20, 80, 50]

    def test_two_that_collide_move_equally_far(self):
        assert figure.spread([50, 52], [10, 10], 0, 100) == [46, 56]

    def test_more_than_fit_grow_upwards(self):
        assert figure.spread([5, 5], [10, 10], 0, 10) == [5, 15]

    @pytest.mark.parametrize("scale", ["linear", "log"])
    def test_each_line_is_named_at_its_end_without_overlap(self, scale):
        picture, (ax,) = figure.subplots(1, 6, 3)
        x = np.arange(1, 30)
        names = ["feedforward", "recurrent", "LSTM", "GRU"]
        figure.draw(ax, x, {name: 1 / x + 0.001 * i for i, name in enumerate(names)})
        figure.baseline(ax, 0.5, "guessing")
        ax.plot(x, x / 30, color="black")  # without a label
        ax.set_yscale(scale)
        figure.label_ends(ax)
        assert [note.get_text() for note in ax.texts] == [*names, "guessing"]
        picture.draw_without_rendering()
        boxes = [Text.get_window_extent(note) for note in ax.texts]  # without the thin lines that lead to them
        for one, other in itertools.combinations(boxes, 2):
            assert one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1, (one, other)
        assert all(box.x0 >= ax.get_window_extent().x1 - 45 for box in boxes)

    def test_the_end_is_the_rightmost_point_inside_the_axes(self):
        _, (ax,) = figure.subplots(1, 6, 3)
        ax.plot([3, 2, 1], [30, 20, 10], label="backwards")
        ax.set_xlim(0, 10)
        ax.plot([1, 5, 20], [1, 5, math.nan], label="leaves")
        figure.label_ends(ax)
        assert [note.xy for note in ax.texts] == [(3, 30), (5, 5)]

    def test_a_line_that_is_nowhere_gets_no_label(self):
        _, (ax,) = figure.subplots(1, 6, 3)
        ax.plot([1, 2], [math.nan, math.nan], label="lost")
        figure.label_ends(ax)
        assert not ax.texts

    def test_powers_of_ten_are_written_as_they_are_read(self):
        assert [figure.power(e) for e in (-18, 0, -0.3, 3)] == ["10⁻¹⁸", "10⁰", "10⁰", "10³"]
        assert figure.power(-18.4, 1) == "10⁻¹⁸·⁴"

    def test_ticks_of_logarithms_are_powers(self):
        picture, ax = chart(ylim=(-20, 0))
        figure.power_ticks(ax.yaxis)
        picture.draw_without_rendering()
        assert "10⁻²⁰" in [tick.get_text() for tick in ax.get_yticklabels()]


# How a person without one kind of cone sees a colour, in linear RGB: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15 (2009), table 1, severity 1.0.
SIGHT = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
#: CIELAB distance (CIE 1976) that two colours of one picture keep in everybody's eyes. About 2.3 is just noticeable side by side.
APART = 18
#: The same for neighbours of a sequence, whose order and place in the picture help.
NEIGHBOURS = 10


def rgb(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def lab(color, sight):
    """CIELAB of an sRGB colour as it is seen, white point D65."""
    linear = np.array([figure._linear(channel) for channel in rgb(color)])
    seen = np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ seen / to_xyz.sum(1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, sight):
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


@pytest.mark.parametrize("sight", SIGHT)
class TestColours:
    def test_any_two_of_the_palette_can_be_told_apart(self, sight):
        found = {pair: distance(*pair, sight) for pair in itertools.combinations(figure.PALETTE, 2)}
        assert min(found.values()) >= APART, min(found, key=found.get)

    @pytest.mark.parametrize("n", [2, 3, 5, 6])
    def test_a_sequence_rises_in_lightness_and_its_neighbours_differ(self, sight, n):
        colors = figure.sequence(n)
        lightness = [lab(color, sight)[0] for color in colors]
        assert lightness == sorted(lightness)
        assert min(distance(*pair, sight) for pair in zip(colors, colors[1:])) >= NEIGHBOURS

    @pytest.mark.parametrize("anchors", [text.SEQUENTIAL, text.DIVERGING[:3], text.DIVERGING[:1:-1]])
    def test_the_colours_of_text_keep_their_order(self, sight, anchors):
        lightness = [lab(color, sight)[0] for color in anchors]
        assert lightness == sorted(lightness, reverse=anchors[0] == text.SEQUENTIAL[0])
        assert min(distance(*pair, sight) for pair in zip(anchors, anchors[1:])) >= NEIGHBOURS

    def test_the_two_sides_of_the_diverging_scale_differ(self, sight):
        for left, right in ((0, 4), (1, 3)):
            assert distance(text.DIVERGING[left], text.DIVERGING[right], sight) >= APART


def test_the_two_colours_that_became_one_gray_are_caught():
    """The course's first palette had Okabe and Ito's green beside a gray."""
    assert distance("#009E73", "#666666", "deuteranopia") < APART < distance("#009E73", "#666666", "all cones")


def test_lines_stand_out_from_white():
    for color in figure.PALETTE:
        assert figure.contrast(rgb(color), (1, 1, 1)) >= 3, color  # WCAG 2.2, 1.4.11: graphics
    for color in [*figure.PALETTE, *figure.sequence(5)]:
        assert figure.contrast(rgb(figure.readable(color)), (1, 1, 1)) >= 4.5, color  # 1.4.3: text


def test_contrast_is_that_of_wcag():
    assert figure.contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert figure.contrast(rgb("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.005)  # known as the lightest gray that passes


def test_each_thing_has_one_colour_in_every_picture():
    assert figure.colors(["GRU", "LSTM"]) == [figure.COLOR["GRU"], figure.COLOR["LSTM"]]
    assert figure.colors(["held out", "training"]) == [figure.COLOR["held-out"], figure.COLOR["training"]]
    mixed = figure.colors(["first", "training", "second", "held-out", "validation"])
    assert mixed[1] == figure.COLOR["training"] and len(set(mixed)) == 5


def test_more_lines_than_colours_are_refused():
    with pytest.raises(ValueError, match="ordered=True"):
        figure.colors(map(str, range(9)))
    assert len(set(figure.colors(map(str, range(9)), ordered=True))) == 9


class TestDrawings:
    def test_arrows_end_at_the_edge_of_what_they_join(self):
        picture, ax = figure.canvas(6, 2, (-1, 5), (-1, 1))
        one, other = figure.node(ax, 0, 0, "a", figure.BLUE, size=0.5), figure.box(ax, 4, 0, "b", figure.GREEN, width=2)
        figure.arrow(ax, one, other)
        picture.draw_without_rendering()
        (drawn,) = [note.arrow_patch for note in ax.texts if getattr(note, "arrow_patch", None)]
        path = drawn.get_path().transformed(drawn.get_transform())
        x = ax.transData.inverted().transform(path.vertices[path.codes != path.CLOSEPOLY])[:, 0]
        assert x.min() == pytest.approx(0.5, abs=0.1) and x.max() == pytest.approx(3, abs=0.15)


TEXT = "the cat\nsat."
COSTS = [None, *np.linspace(0, 5, len(TEXT) - 1)]


def spans(page):
    """(background, ink, title, text) of each coloured piece."""
    found = re.findall(r'<span style="background:(#\w+)(?:;color:(#\w+))?" title="([^"]*)">([^<]*)</span>', page)
    return [(background, ink or text.INK[0], title, html.unescape(shown)) for background, ink, title, shown in found]


class Typeset(html.parser.HTMLParser):
    """What of a page MathJax reads: the text outside of blocks whose class tells it, in either version, to leave them alone."""

    VOID = ("img", "br")

    def __init__(self):
        super().__init__()
        self.inert, self.found = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            classes = (dict(attributes).get("class") or "").split()
            self.inert.append({"tex2jax_ignore", "mathjax_ignore"} <= set(classes) or any(self.inert[-1:]))

    def handle_endtag(self, tag):
        self.inert.pop()

    def handle_data(self, data):
        if not any(self.inert[-1:]):
            self.found.append(data)


def typeset(page):
    reader = Typeset()
    reader.feed(page)
    return "".join(reader.found)


class TestColouredText:
    def test_each_character_has_its_number(self, shown):
        text.coloured(TEXT, COSTS, "bits", "What it cost.", "A *caption*.")
        ((bundle, _),) = shown
        assert bundle["text/plain"] == f"Coloured text: What it cost.\n{TEXT}"
        pieces = spans(bundle["text/html"])
        assert "".join(shown for _, _, _, shown in pieces) == "he cat↵\nsat."
        assert [title for _, _, title, _ in pieces] == [f"{cost:.2f}" for cost in COSTS[1:]]
        assert "<em>caption</em>" in bundle["text/html"]

    def test_the_numbers_unfold_without_a_mouse(self, shown):
        text.coloured("a b", [1, 2, None], "bits", "What it cost.")
        details = re.search(r"<details.*</details>", shown[0][0]["text/html"]).group()
        assert "<summary" in details and "What it cost." in details
        assert "a\u00a01.00 ␣\u00a02.00 b\u00a0–" in details

    @pytest.mark.parametrize("center", [None, 0])
    def test_every_colour_can_be_read(self, shown, center):
        values = np.linspace(-1, 1, 60)
        text.coloured("x" * 60, values, "gate", "alt", center=center)
        pieces = spans(shown[0][0]["text/html"])
        assert len({background for background, *_ in pieces}) == text.LEVELS
        for background, ink, _, _ in pieces:
            assert figure.contrast(rgb(background), rgb(ink)) >= 4.5, (background, ink)

    def test_its_own_background_and_ink_so_that_it_is_right_on_a_dark_page(self, shown):
        text.coloured("ab", [None, 1], "bits", "alt")
        page = shown[0][0]["text/html"]
        assert f"background: {text.MISSING}; color: {text.INK[0]}" in page
        assert figure.contrast(rgb(text.MISSING), rgb("#595959")) >= 4.5  # the small print

    def test_no_script_and_no_style_sheet(self, shown):
        text.coloured("<script>&", range(9), "bits", "alt <b>", "`<i>`")
        page = shown[0][0]["text/html"]
        assert "<script" not in page and "<style" not in page and "<b>" not in page and "<i>" not in page

    def test_dollars_and_brackets_are_no_mathematics(self, shown):
        text.coloured("$a$ \\(b\\)", range(9), "bits", "What it cost: $a$.")
        assert typeset(shown[0][0]["text/html"]) == ""

    def test_larger_numbers_are_darker_and_ends_are_kept(self):
        scale = text.Scale([0, 10])
        lightness = [lab(scale.color(value)[0], "all cones")[0] for value in range(11)]
        assert lightness == sorted(lightness, reverse=True)
        assert scale.color(99) == scale.color(10) and scale.color(-99) == scale.color(0)

    def test_a_center_reaches_equally_far(self):
        scale = text.Scale([-1, 4], center=0)
        assert (scale.low, scale.high) == (-4, 4)
        assert scale.color(0)[0] == text.DIVERGING[2]

    @pytest.mark.parametrize("values", [[2.0, 2.0], [math.nan, math.nan]])
    def test_values_that_are_all_the_same_are_no_error(self, shown, values):
        text.coloured("ab", values, "bits", "alt")
        assert len(shown) == 1

    def test_rows_stand_below_each_other_on_one_scale(self, shown):
        text.coloured_rows([("unit 1", "ab", [0, 1]), ("unit 12", "ab", [1, 9])], "gate", "alt")
        bundle = shown[0][0]
        assert bundle["text/plain"].endswith("unit 1: ab\nunit 12: ab")
        pieces = spans(bundle["text/html"])
        assert pieces[1][0] == pieces[2][0] != pieces[3][0]
        assert "unit 1   <" in bundle["text/html"] and "unit 12  <" in bundle["text/html"]
        assert bundle["text/html"].count("padding-left: 9ch; text-indent: -9ch") == 2  # so wraps a long one beside its name

    def test_a_long_text_stays_small(self, shown):
        rng = np.random.default_rng(0)
        text.coloured("".join(rng.choice(list("abc<>& \n"), text.MOST)), rng.normal(size=text.MOST), "bits", "alt", center=0)
        assert len(shown[0][0]["text/html"].encode()) < 60_000

    def test_bad_input_is_named(self):
        with pytest.raises(ValueError, match="3 tokens and 2 values"):
            text.coloured("abc", [1, 2], "bits", "alt")
        with pytest.raises(ValueError, match="show a part"):
            text.coloured("a" * (text.MOST + 1), [0] * (text.MOST + 1), "bits", "alt")
        with pytest.raises(ValueError, match="text alternative"):
            text.coloured("a", [1], "bits", "")
        with pytest.raises(ValueError, match="must not be above"):
            text.coloured("a", [1], "bits", "alt", low=2, high=1)


@pytest.mark.parametrize(("added", "said"), [
    ([0.1, 0.3, 0.5], "As new as held-out text between temperatures 0.5 and 1"),
    ([0.5, 0.3, 0.1], "As new as held-out text between temperatures 0 and 0.5"),
    ([0.4, 0.5, 0.6], "At each temperature newer than held-out text"),
    ([0.1, 0.2, 0.3], "At each temperature less new than held-out text"),
])
def test_where_novelty_crosses_that_of_held_out_text_lies_between_two_temperatures(added, said):
    assert lesson07._crossing((0, 0.5, 1), added, 0.35) == said


def test_copies_that_meet_have_a_seam_and_the_longest_a_colour_of_its_own():
    first, longest, second = lesson07._with_marks("abXcdefg", [1, 1, 0, 2, lesson07.LONGEST, lesson07.LONGEST, 3, 3]).split("</mark>")[1:4]
    assert first.startswith("X<mark") and first.endswith(">c") and "border-left" not in first  # nothing marked before it
    assert longest.endswith(">de") and second.endswith(">fg")
    assert all("border-left" in mark for mark in (longest, second))
    color = [mark.split("background: ")[1][:7] for mark in (first, longest, second)]
    assert color[0] == color[2] != color[1]


def test_what_a_network_wrote_is_never_mathematics(shown):
    """Tiny Shakespeare has a "$", and a network that has learned nothing writes it often."""
    written = "$a$ \\(b\\) & more"
    lesson07.samples({"0 updates": written}, "What it wrote.", "A caption with $x$.")
    lesson07.samples({"copied": written}, "What it copied.", marked={"copied": [2 <= i < 6 for i in range(len(written))]})
    first, second = (bundle["text/html"] for bundle, _ in shown)
    assert "$a$ \\(b\\) &amp; more" in first and typeset(first) == "A caption with $x$."
    assert "$a<mark" in second and typeset(second) == ""


def train(stop=None, **settings):
    with watch.Watch("Names get cheaper", "bits per character", baselines={"bigram": 3.5}, **settings) as picture:
        for step in range(1, 11):
            picture.add(step, training=5 / step, held_out=6 / step)
            if step in (1, 5, 10):
                picture.sample(step, f"name {step}\n")
            if step == stop:
                raise KeyboardInterrupt


class TestWatch:
    def test_still_it_shows_one_picture_in_the_end(self, shown):
        train()
        ((bundle, display_id),) = shown
        assert display_id is None
        words = bundle["text/plain"].splitlines()
        assert words[0] == (
            "Figure: Names get cheaper. bits per character over updates: training from 5 to 0.5, lowest 0.5;"
            " held-out from 6 to 0.6, lowest 0.6; bigram 3.5."
        )
        assert words[1:] == ["after 1 update: 'name 1\\n'", "after 5 updates: 'name 5\\n'", "after 10 updates: 'name 10\\n'"]
        assert bundle["text/html"].count("<img alt=") == 1 and "name 10" in bundle["text/html"]

    def test_a_band_of_chance_and_a_title_in_two_lines_are_told_in_words(self, shown):
        with watch.Watch("Noise,\nand nothing else", "error", band=(0.1, 0.2)) as picture:
            picture.add(1, training=0.3)
        assert shown[0][0]["text/plain"].endswith(
            "Noise, and nothing else. error over updates: training from 0.3 to 0.3, lowest 0.3; by chance alone 0.1 to 0.2."
        )

    def test_an_interrupt_leaves_the_picture_so_far(self, shown):
        with pytest.raises(KeyboardInterrupt):
            train(stop=5)
        ((bundle, _),) = shown
        assert "training from 5 to 1," in bundle["text/plain"] and "name 10" not in bundle["text/html"]

    def test_moving_it_is_one_output_that_is_updated(self, shown, moving):
        train()
        assert [kind for _, kind in shown][0] is True and {kind for _, kind in shown[1:]} == {"update"}
        assert "training from 5 to 0.5" in shown[-1][0]["text/plain"]

    def test_drawing_does_not_take_the_time_of_training(self, shown, moving, monkeypatch):
        """A clock that stands still: nothing is drawn between the first and the last picture."""
        monkeypatch.setattr(watch.time, "monotonic", lambda: 0.0)
        train()
        assert len(shown) == 2

    def test_what_never_began_shows_nothing(self, shown):
        with watch.Watch("a", "b"):
            pass
        assert shown == []

    def test_at_most_six_samples_the_first_and_the_last_among_them(self, shown):
        with watch.Watch("a", "b") as picture:
            for step in range(50):
                picture.sample(step, f"sample-{step}.")
        kept = re.findall(r"sample-(\d+)\.</div>", shown[0][0]["text/html"])
        assert len(kept) == 6 and kept[0] == "0" and kept[-1] == "49"

    def test_samples_are_cut_and_are_text(self, shown):
        with watch.Watch("a", "b") as picture:
            picture.sample(1, "<b>" + "x" * 1000)
        page = shown[0][0]["text/html"]
        assert "&lt;b&gt;" in page and "x..." in page and "x" * 300 not in page

    def test_a_sample_is_never_mathematics(self, shown):
        with watch.Watch("a", "b") as picture:
            picture.sample(1, "$a$ \\(b\\)")
        page = shown[0][0]["text/html"]
        assert "$a$" in page and not set("$\\") & set(typeset(page))

    def test_closed_is_closed(self, shown):
        picture = watch.Watch("a", "b")
        picture.add(1, training=2.0)
        picture.close()
        picture.close()
        assert len(shown) == 1
        with pytest.raises(ValueError, match="new Watch"):
            picture.add(2, training=1.0)

    def test_a_loss_that_is_not_finite_is_drawn_as_far_as_it_goes(self, shown):
        with watch.Watch("a", "b") as picture:
            for step, loss in enumerate([3.0, math.inf, math.nan]):
                picture.add(step, training=loss)
        assert "training from 3 to nan, lowest 3" in shown[0][0]["text/plain"]

    def test_the_title_may_be_what_was_found(self, shown):
        with watch.Watch("a", "b") as picture:
            picture.add(1, training=2.0)
            picture.title = "It ends at 2 bits"
        assert shown[0][0]["text/plain"].startswith("Figure: It ends at 2 bits.")


@pytest.fixture(scope="module")
def fit():
    """Fit one weight to ones with batches of 2, three an epoch, learning rate 0: each batch's loss is known."""
    session.start()
    with session.quiet():
        import keras

    def fit(callback, epochs=2, **settings):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        x, y = np.ones((6, 1)), np.sqrt([[1.0], [1], [2], [2], [6], [6]])
        model.fit(x, y, batch_size=2, shuffle=False, epochs=epochs, verbose=0, callbacks=[callback], **settings)

    return fit


class TestWatchKeras:
    def test_each_update_is_the_loss_of_its_own_batch(self, fit):
        picture = watch.Watch("a", "b")
        fit(picture.keras(every=1))
        steps, losses = picture.curves["training"]
        assert steps == [1, 2, 3, 4, 5, 6]
        assert losses == pytest.approx([1, 2, 6, 1, 2, 6], rel=1e-4)

    def test_each_epoch_is_a_mean_and_what_evaluate_says(self, fit):
        picture = watch.Watch("a", "b", "epochs")
        fit(picture.keras(x="epochs", scale=2.0, evaluate=lambda: 7.0, sample=lambda: "hello"))
        assert picture.curves["training"] == ([1, 2], pytest.approx([6, 6], rel=1e-4))
        assert picture.curves["held-out"] == ([1, 2], [7.0, 7.0])
        assert picture.samples == [(1, "hello"), (2, "hello")]

    def test_what_keras_validates_is_held_out(self, fit):
        picture = watch.Watch("a", "b")
        fit(picture.keras(every=3), validation_data=(np.ones((2, 1)), np.full((2, 1), 2.0)))
        assert picture.curves["training"] == ([3, 6], pytest.approx([3, 3], rel=1e-4))
        assert picture.curves["held-out"] == ([3, 6], pytest.approx([4, 4], rel=1e-4))

    def test_another_axis_is_refused(self):
        with pytest.raises(ValueError, match="updates"):
            watch.Watch("a", "b").keras(x="minutes")


class TestExplore:
    def test_still_there_is_the_still_picture_only(self, shown, capsys):
        seen = []
        explore.explore(seen.append, lambda: seen.append("still"), radius=(0.5, 1.5, 0.1))
        assert seen == ["still"] and shown == [] and capsys.readouterr().out == ""

    def test_moving_the_controls_come_below_it(self, shown, moving):
        seen = []

        def draw(spectral_radius=0.9, activation="tanh"):
            seen.append((spectral_radius, activation))

        explore.explore(draw, lambda: seen.append("still"), spectral_radius=(0.5, 1.5, 0.1), activation=["tanh", "relu"])
        assert seen == ["still", (0.9, "tanh")]
        ((panel, _),) = shown
        slider, choice, _ = panel.children
        assert slider.description == "spectral radius" and not slider.continuous_update
        choice.value = "relu"
        assert seen[-1] == (0.9, "relu")

    def test_without_ipywidgets_it_says_what_is_missing(self, moving, capsys, monkeypatch):
        monkeypatch.setitem(sys.modules, "ipywidgets", None)
        monkeypatch.setattr(explore.importlib.util, "find_spec", lambda name: None)
        seen = []
        explore.explore(seen.append, lambda: seen.append("still"), radius=(0.5, 1.5, 0.1))
        assert seen == ["still"] and "install ipywidgets" in capsys.readouterr().out

    def test_without_controls_it_is_refused(self):
        with pytest.raises(ValueError, match="at least one control"):
            explore.explore(print, print)


class TestStill:
    """One environment variable, set where nobody watches and nowhere else."""

    def test_pytest_is_still(self):
        assert session.still()

    def test_a_session_is_not_still_by_itself_and_importing_draws_nothing_in(self):
        code = (
            "import os, sys; os.environ.pop('RNN_COURSE_STILL', None)\n"
            "from helpers import session; session.start()\n"
            "import helpers.plots.figure, helpers.plots.text, helpers.plots.watch, helpers.plots.explore\n"
            "print(session.still(), sorted({'matplotlib', 'PIL', 'ipywidgets', 'IPython', 'keras', 'numpy'} & set(sys.modules)))"
        )
        run = subprocess.run([sys.executable, "-c", code], cwd=authoring.ROOT, capture_output=True, text=True, check=True)
        assert run.stdout.split(maxsplit=1) == ["False", "[]\n"]

    def test_nbgraders_configuration_leaves_a_jupyterlab_moving(self, moving):
        """JupyterLab with nbgrader reads it as well, and its kernels inherit what it sets."""
        code = compile((authoring.ROOT / "nbgrader_config.py").read_text("utf-8"), "nbgrader_config.py", "exec")
        from traitlets.config import Config

        exec(code, {"get_config": Config, "__file__": str(authoring.ROOT / "nbgrader_config.py")})
        assert not session.still()

    def test_the_sandbox_of_submissions_is_still(self):
        from helpers.grading import sandbox

        assert sandbox._environment()[session.STILL]

    def test_the_authors_command_is_still_and_stores_no_widgets(self, moving, tmp_path):
        code = (
            "from helpers.plots import figure\nfrom helpers.plots.explore import explore\n"
            "def draw(k=1):\n    figure.lines([1, 2], {'a': [k, 2]}, 'title', 'x', 'y', 'words')\n"
            "explore(draw, draw, k=(1, 5))"
        )
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        authoring.execute(nb, tmp_path)
        assert [output.data["text/plain"] for output in nb.cells[0].outputs] == ["Figure: words"]


def test_stored_notebooks_hold_no_widget():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "interactive(...)"}
    outputs = [nbformat.v4.new_output("display_data", view), nbformat.v4.new_output("stream", text="kept\n")]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("explore()", outputs=outputs, execution_count=1)])
    nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    authoring.normalise(nb)
    assert nb.metadata == {"kernelspec": authoring.KERNEL}
    assert [output.output_type for output in nb.cells[0].outputs] == ["stream"]
