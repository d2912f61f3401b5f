"""Training you can watch: a curve that grows, samples of what the model writes, and one still figure afterwards."""

import html
import math
import time

from helpers import session
from helpers.plots import figure

SAMPLES, LENGTH = 6, 300  # how many samples are shown, and how much of each


class Watch:
    """Watch a loop train.

    Where somebody may be watching, the picture is drawn anew while the loop runs; where `session.still()`, once, in the
    end. Use it in a `with` statement: then the last picture is drawn after an error or an interrupt as well.

    Parameters
    ----------
    title : str
        May be set anew before the end, to what was found: `watch.title = ...`.
    ylabel : str
        With its unit.
    xlabel : str
    baselines : dict of str to float, optional
        Numbers to beat, drawn as horizontal lines.
    band : (float, float), optional
        Where chance alone may lie, in grey; its caption says which chance.
    ylim : (float, float), optional
    yscale : str
        "linear" or "log".
    caption : str
        As in `figure.show`; may be set anew as well.

    Examples
    --------
    >>> with Watch("Names from a recurrent network", "bits per character", baselines={"bigram": 3.53}) as watch:
    ...     for step in range(1, 1001):
    ...         watch.add(step, training=update())
    ...         if step in (1, 100, 1000):
    ...             watch.sample(step, write())
    """

    def __init__(self, title, ylabel, xlabel="updates", baselines=None, band=None, ylim=None, yscale="linear", caption=""):
        self.title, self.ylabel, self.xlabel, self.caption = title, ylabel, xlabel, caption
        self.baselines, self.band, self.ylim, self.yscale = dict(baselines or {}), band, ylim, yscale
        self.curves = {}  # name: ([steps], [values])
        self.samples = []  # (step, text)
        self._display, self._next, self._closed = None, 0.0, False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def add(self, step, **values):
        """Add a point to one curve or several.

        Parameters
        ----------
        step : float
            Its place on the x-axis.
        **values : float
            By the curve's name; `held_out` is shown as "held-out", "_" in other names as a space.
        """
        self._must_be_open()
        for name, value in values.items():
            shown = name.replace("_", "-") if name.replace("_", "-") in figure.COLOR else name.replace("_", " ")
            steps, numbers = self.curves.setdefault(shown, ([], []))
            steps.append(float(step))
            numbers.append(float(value))
        self._redraw()

    def curve(self, name):
        """A function of a step and a value that adds a point to the curve `name`: what a training loop reports to."""
        return lambda step, value: self.add(step, **{name: value})

    def sample(self, step, text):
        """Keep what the model writes at this moment; up to six of them are shown, the first and the last always."""
        self._must_be_open()
        self.samples.append((step, str(text)))
        self._redraw()

    def close(self):
        """Draw the picture that stays. Doing it again changes nothing."""
        if self._closed:
            return
        self._closed = True
        if self.curves or self.samples:
            self._show(self._bundle())

    def keras(self, every=None, x="updates", scale=1.0, evaluate=None, sample=None):
        """A Keras callback that reports to this picture.

        Parameters
        ----------
        every : int, optional
            Add the mean training loss of each so many updates; without it, that of each epoch.
        x : str
            "updates", "epochs" or "seconds".
        scale : float
            What losses are multiplied by, such as 1 / ln 2 for bits.
        evaluate : callable, optional
            Called after each epoch without arguments; returns a number ("held-out") or a dict of numbers by name, not scaled.
            Without it `val_loss`, where Keras reports one, is the held-out curve.
        sample : callable, optional
            Called after each epoch without arguments; returns a text.

        Returns
        -------
        keras.callbacks.Callback
        """
        if x not in ("updates", "epochs", "seconds"):
            raise ValueError(f'x is "updates", "epochs" or "seconds", not {x!r}')
        with session.quiet():
            from keras.callbacks import Callback

        watch = self

        class Report(Callback):
            def on_train_begin(self, logs=None):
                self.updates, self.epochs, self.begin = 0, 0, time.monotonic()

            def on_epoch_begin(self, epoch, logs=None):
                self.batch, self.before = 0, (0, 0.0)

            def on_train_batch_end(self, batch, logs=None):
                self.updates, self.batch = self.updates + 1, self.batch + 1
                if every and self.batch % every == 0:
                    # Keras tells the mean since the epoch began: the last `every` batches are what came on top
                    count, total = self.before
                    self.before = self.batch, logs["loss"] * self.batch
                    watch.add(self.place(), training=scale * (self.before[1] - total) / (self.batch - count))

            def on_epoch_end(self, epoch, logs=None):
                self.epochs, self.batch = self.epochs + 1, 0
                values = {} if every else {"training": scale * logs["loss"]}
                if evaluate is not None:
                    found = evaluate()
                    values |= found if isinstance(found, dict) else {"held_out": found}
                elif "val_loss" in logs:
                    values["held_out"] = scale * logs["val_loss"]
                if values:
                    watch.add(self.place(), **values)
                if sample is not None:
                    watch.sample(self.place(), sample())

            def place(self):
                if x == "updates":
                    return self.updates
                if x == "seconds":
                    return time.monotonic() - self.begin
                return self.epochs + self.batch / self.params["steps"] if self.batch and self.params["steps"] else self.epochs

        return Report()

    def _must_be_open(self):
        if self._closed:
            raise ValueError("this picture is closed: make a new Watch for another training")

    def _redraw(self):
        if session.still() or time.monotonic() < self._next:
            return
        begin = time.monotonic()
        self._show(self._bundle())
        end = time.monotonic()
        self._next = end + max(0.5, 9 * (end - begin))  # drawing takes at most a tenth of the time

    def _show(self, bundle):
        from IPython.display import display

        if session.still():
            display(bundle, raw=True)
        elif self._display is None:
            self._display = display(bundle, raw=True, display_id=True)
        else:
            self._display.update(bundle, raw=True)

    def _bundle(self):
        alt, chosen = self._alt(), self._chosen()
        parts = [figure.picture(self._figure(), alt, self.caption)] if self.curves else []
        plain = [f"Figure: {alt}"]
        if chosen:
            blocks = [_sample(self._when(step), text) for step, text in chosen]
            parts.append(f'<div style="display: flex; flex-wrap: wrap; gap: 10px 18px; margin: 6px 0">{"".join(blocks)}</div>')
            plain += [f"{self._when(step)}: {_cut(text)!r}" for step, text in chosen]
        return {"text/html": "".join(parts), "text/plain": "\n".join(plain)}

    def _figure(self):
        picture, (ax,) = figure.subplots(1, 8, 3.4)
        if self.band is not None:
            ax.axhspan(*self.band, color=figure.GRAY, alpha=0.2, linewidth=0)
        for (name, (steps, values)), color in zip(self.curves.items(), figure.colors(self.curves)):
            few = len(steps) <= 30
            ax.plot(steps, values, color=color, label=name, marker="o" if few else "", markersize=4)
        for name, value in self.baselines.items():
            figure.baseline(ax, value, name)
        for step, _ in self._chosen():
            ax.axvline(step, color="#bbbbbb", linewidth=1, linestyle=":", zorder=0, label="_")
        ax.set(title=self.title, xlabel=self.xlabel, ylabel=self.ylabel, yscale=self.yscale)
        if self.ylim is not None:
            ax.set_ylim(self.ylim)
        figure.label_ends(ax)
        return picture

    def _chosen(self):
        """The samples to show: evenly spaced, the first and the last among them."""
        last = len(self.samples) - 1
        if last < SAMPLES:
            return self.samples
        return [self.samples[round(i * last / (SAMPLES - 1))] for i in range(SAMPLES)]

    def _when(self, step):
        unit = self.xlabel.removesuffix("s") if step == 1 else self.xlabel
        return f"after {step:,.0f} {unit}" if float(step).is_integer() else f"after {step:,.1f} {unit}"

    def _alt(self):
        found = []
        for name, (_, values) in self.curves.items():
            finite = [value for value in values if math.isfinite(value)]
            lowest = f", lowest {min(finite):.3g}" if finite else ""
            found.append(f"{name} from {values[0]:.3g} to {values[-1]:.3g}{lowest}")
        found += [f"{name} {value:.3g}" for name, value in self.baselines.items()]
        if self.band is not None:
            found.append("by chance alone {:.3g} to {:.3g}".format(*self.band))
        title = self.title.replace("\n", " ")
        return f"{title}. {self.ylabel} over {self.xlabel}: {'; '.join(found) or 'no points yet'}."


def _cut(text):
    return text if len(text) <= LENGTH else text[: LENGTH - 3] + "..."


def _sample(when, text):
    return (
        f'<div class="{figure.NO_MATHEMATICS}" style="flex: 1 1 140px; min-width: 0; border-left: 3px solid #888888; padding-left: 8px">'
        f"<div><strong>{html.escape(when)}</strong></div>"
        '<div style="font-family: monospace; font-size: 13px; line-height: 1.35; white-space: pre-wrap; overflow-wrap: anywhere">'
        f"{html.escape(_cut(text), quote=False)}</div></div>"
    )
