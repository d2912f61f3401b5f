"""The README's pictures, taken from the real pages:

    uv run python -m tests.pictures

They show what a learner sees: an exercise with a report that names the mistake, and training as it is watched.
"""

import io
import json
import tempfile
from pathlib import Path

from helpers import course
from tests import browser

FOLDER = course.ROOT / ".github"
SMALL = 150_000  # bytes, each

WRONG = '''\
def rnn_step(x_t, h_prev, weights):
    """One step of a simple recurrent network."""
    z = x_t @ weights["W_xh"] + h_prev @ weights["W_hh"].T
    return np.tanh(z + weights["b_h"])'''


def report(notebooks):
    """Lesson 01 as far as its first exercise, answered with a transposed weight; returns where it is, and what to show."""
    lesson = course.lessons()[0]
    path = notebooks / lesson.place
    nb = json.loads(path.read_text("utf-8"))
    shown = ["exercise-1", "rnn-step", "check-rnn-step"]
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] in ["setup", "imports", *shown]]
    for cell in nb["cells"]:
        if cell["id"] == "rnn-step":
            cell["source"] = WRONG
    path.write_text(json.dumps(nb), "utf-8")
    return lesson.place, shown


def training(notebooks):
    """The cell of lesson 03 in which a network learns to write names, as it is stored."""
    (lesson,) = [lesson for lesson in course.lessons() if lesson.number == "03"]
    path = notebooks / lesson.place
    nb = json.loads((course.ROOT / "solutions" / lesson.place).read_text("utf-8"))
    nb["cells"] = [cell for cell in nb["cells"] if cell["id"] == "train-names"]
    path.write_text(json.dumps(nb), "utf-8")
    return lesson.place, ["train-names"]


def main():
    """Take the pictures and say how large they are."""
    with tempfile.TemporaryDirectory() as folder:
        with browser.server(Path(folder), "notebooks/start-here.ipynb") as (address, _), browser.pages(1180, scale=1.5) as new_page:
            for name, prepare in [("report", report), ("training", training)]:
                place, shown = prepare(Path(folder) / "course" / "notebooks")
                page = new_page()
                page.set_viewport_size({"width": 1180, "height": 1400})
                browser.open_notebook(page, address, place)
                if name == "report":
                    browser.run_all(page)
                size = _save(page, len(shown), FOLDER / f"{name}.png")
                print(f"{name}.png: {size // 1000} kB")
                assert size < SMALL


def _save(page, last, path):
    """A picture of the last cells of the page, with few colours."""
    from PIL import Image

    page.add_style_tag(content=".jp-LeftStackedPanel, .jp-SideBar, #jp-top-panel, #jp-bottom-panel, .jp-cell-toolbar {display: none !important}")
    cells = page.locator(".jp-NotebookPanel .jp-Cell").all()[-last:]
    cells[0].scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    boxes = [cell.bounding_box() for cell in cells]
    left, top = min(b["x"] for b in boxes), boxes[0]["y"]
    clip = {"x": left, "y": top, "width": max(b["width"] for b in boxes), "height": boxes[-1]["y"] + boxes[-1]["height"] - top}
    image = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    main()
