"""What a person sees: the front door and lesson 01 in JupyterLab and Notebook, in a real browser."""

import re

import pytest

from helpers import course
from tests import browser

pytestmark = pytest.mark.slow

#: What only an instructor needs. JupyterLab's own menus have none of these words.
INSTRUCTORS = ("nbgrader", "formgrader", "validate", "create assignment", "assignment list")
DOOR, LESSON = "start-here.ipynb", course.lessons()[0].place


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    """A learner's server, started as the README says."""
    browser.find()
    with browser.server(tmp_path_factory.mktemp("learner"), "notebooks/start-here.ipynb") as (address, log):
        yield address, log


def instructors_words(page):
    shown = browser.words(page).lower()
    return [word for word in INSTRUCTORS if word in shown]


@pytest.mark.parametrize("place", [DOOR, LESSON])
@pytest.mark.parametrize("width, dark", [(1280, False), (1440, True)])
def test_a_page_runs_and_shows_all_it_has(learner, place, width, dark):
    with browser.pages(width, dark) as new_page:
        page = new_page()
        browser.open_notebook(page, learner[0], place)
        browser.run_all(page)
        assert browser.faults(page) == {}
        assert instructors_words(page) == []


def test_the_map_is_there_before_anything_has_run(learner):
    with browser.pages() as new_page:
        page = new_page()
        browser.open_notebook(page, learner[0], DOOR)
        picture = page.locator(".jp-OutputArea-output img").first
        picture.wait_for()
        assert "Map of the" in picture.get_attribute("alt")
        box = picture.bounding_box()
        assert box["width"] > 500 and box["y"] < 1000  # on the first screen


def test_a_term_of_the_glossary_leads_to_its_place(learner):
    with browser.pages() as new_page:
        page = new_page()
        browser.open_notebook(page, learner[0], DOOR)
        browser.scroll(page)
        page.locator(".jp-Notebook a", has_text="unfolding").last.click()
        page.wait_for_selector(".jp-Notebook h2:visible:text('The recurrent step')")


def test_notebook_7_shows_no_instructors_menu_either(learner):
    with browser.pages() as new_page:
        page = new_page()
        page.goto(f"{learner[0]}/tree", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-DirListing-item")
        assert instructors_words(page) == []
        browser.open_notebook(page, learner[0], DOOR, notebook_7=True)
        assert instructors_words(page) == []


def test_the_learners_server_has_nothing_to_complain_about(learner):
    errors = [line for line in learner[1].read_text("utf-8").splitlines() if re.match(r"\[[EC] ", line) or "nbgrader" in line]
    assert errors == []


def test_one_word_brings_the_instructors_menus_back(tmp_path):
    browser.find()
    setting = course.ROOT / "helpers" / "jupyter" / "instructor"
    assert "    JUPYTER_CONFIG_PATH=helpers/jupyter/instructor uv run jupyter lab\n" in (course.ROOT / "README.md").read_text("utf-8")
    with browser.server(tmp_path, JUPYTER_CONFIG_PATH=str(setting)) as (address, _), browser.pages() as new_page:
        page = new_page()
        page.goto(f"{address}/lab/tree/solutions/{LESSON}?reset", wait_until="domcontentloaded")
        browser.wait_for_notebook(page)
        assert {"create assignment", "formgrader"} <= set(instructors_words(page))
        page.goto(f"{address}/formgrader", wait_until="domcontentloaded")
        page.wait_for_selector(f"text={course.lessons()[0].name}")
