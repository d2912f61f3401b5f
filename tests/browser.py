"""JupyterLab in a real browser, for tests: a server as a learner or an instructor starts it, and its pages."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest

from tests import checkout

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

#: Above all waits here: pages come in seconds, on a busy machine in many.
PATIENCE = 180

FAULTS = """() => {
  const all = (inside, selector) => [...inside.querySelectorAll(selector)];
  const words = node => node.textContent.trim().slice(0, 80);
  const wide = node => node.scrollWidth > node.clientWidth + 2;
  const cells = all(document, '.jp-Notebook .jp-Cell');
  return {
    errors: cells.flatMap(c => all(c, '[data-mime-type="application/vnd.jupyter.error"]')).map(words),
    stderr: cells.flatMap(c => all(c, '[data-mime-type="application/vnd.jupyter.stderr"]')).map(words),
    'pictures without words': cells.flatMap(c => all(c, 'img:not([aria-hidden])')).filter(i => !i.alt.trim()).map(i => i.src.slice(0, 60)),
    'broken formulas': cells.flatMap(c => all(c, 'mjx-merror')).map(words),
    'wider than the page': cells.flatMap(c => all(c, '.cm-scroller, .jp-OutputArea-output, .jp-MarkdownOutput')).filter(wide).map(words),
  }}"""


def find():
    """Where the browser is; skip the test, saying why, where there is none."""
    pytest.importorskip("playwright", reason="playwright drives the browser: pip install 'rnn-course[browser]'")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no browser: apt-get install chromium")
    return found


@contextlib.contextmanager
def server(folder, *arguments, **environment):
    """A copy of the checkout with JupyterLab running in it.

    Parameters
    ----------
    folder : pathlib.Path
        Empty; Jupyter's own settings go there as well, so that nobody's are touched.
    *arguments : str
        Of `jupyter lab`, as the README has them.
    **environment : str
        Further environment variables.

    Yields
    ------
    tuple of (str, pathlib.Path)
        The server's address, and its log.
    """
    checkout.copy(folder / "course")
    (folder / "course" / "gradebook.db").unlink(missing_ok=True)
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME")}
    own["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]  # nbgrader calls alembic by name
    own |= {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(folder / "course"), **environment}
    log = folder / "server.log"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.password=", "--expose-app-in-browser"]
    with open(log, "w") as writes:
        command = [sys.executable, "-m", "jupyterlab", *arguments, *options]
        process = subprocess.Popen(command, cwd=folder / "course", env=os.environ | own, stdout=writes, stderr=writes)
    try:
        yield _address(process, log), log
    finally:
        process.terminate()
        process.wait(60)


def _address(process, log):
    for _ in range(PATIENCE):
        text = log.read_text("utf-8")
        assert process.poll() is None, text
        if found := [line.split()[-1] for line in text.splitlines() if "http://127.0.0.1" in line]:
            address = found[-1].split("/lab")[0]
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/api", timeout=5):
                return address
        time.sleep(1)
    pytest.fail(f"JupyterLab did not start: {log.read_text('utf-8')}")


@contextlib.contextmanager
def pages(width=1280, dark=False, scale=1):
    """A browser; yields a function that opens a new page."""
    executable = find()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=executable, headless=True, args=options)
        context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme="dark" if dark else "light", device_scale_factor=scale)
        context.set_default_timeout(1000 * PATIENCE)
        yield context.new_page
        browser.close()


def open_notebook(page, address, place, notebook_7=False):
    """Open a notebook and wait until its kernel is ready."""
    page.goto(f"{address}/notebooks/{place}" if notebook_7 else f"{address}/lab/tree/{place}?reset", wait_until="domcontentloaded")
    wait_for_notebook(page)


def wait_for_notebook(page):
    """Wait until a notebook is shown and its kernel is ready."""
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    ready = """() => { const app = window.jupyterapp; if (!app)  // Notebook 7 does not show its own
        return document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]') !== null;
      const c = app.shell.currentWidget.sessionContext;
      return c.isReady && c.session && c.session.kernel && c.session.kernel.status === 'idle' }"""
    page.wait_for_function(ready)


def run_all(page):
    """Run all cells, and wait until the last has ended."""
    ended = page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)")
    assert ended


def scroll(page, at_each=lambda: None):
    """Go through a notebook from top to bottom, a screen at a time, and call `at_each` at each."""
    place = 0
    for _ in range(200):
        page.evaluate(f"() => {{ document.querySelector('.jp-WindowedPanel-outer').scrollTop = {place} }}")
        page.wait_for_timeout(400)
        at_each()
        top, height, client = page.evaluate(
            "() => { const e = document.querySelector('.jp-WindowedPanel-outer'); return [e.scrollTop, e.scrollHeight, e.clientHeight] }"
        )
        if top + client >= height - 5:
            return
        place = top + 0.8 * client


def faults(page):
    """What is wrong with a page, from top to bottom.

    Returns
    -------
    dict of str to list of str
        Kinds of fault that were found, with the beginning of each place.
    """
    found = {}

    def look():
        for kind, places in page.evaluate(FAULTS).items():
            for place in places:
                found.setdefault(kind, {})[place] = None

    scroll(page, look)
    return {kind: list(places) for kind, places in found.items()}


def words(page):
    """Everything that is written on the page, menus included, the menus opened one after the other."""
    shown = [page.inner_text("body")]
    for item in page.locator(".lm-MenuBar-item").all():
        item.click()
        shown.append(page.inner_text("body"))
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    return "\n".join(shown)
