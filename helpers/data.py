"""Load the course's data sets by name, or a text file of your own.

`datasets()` lists what there is; `load_names()`, `load_names_by_sex()`, `load_fables()`, `load_pronunciations()` and `load_text(...)`
load it; `split(...)` holds a part out for judging; `pad(...)` and `windows(...)` make batches. The small sets are embedded in the
repository's `data` folder, beside this package, where `data/README.md` says where each comes from. The larger ones
are downloaded once, checked against a checksum and kept in a cache folder: the operating system's own, or the one
that the environment variable RNN_COURSE_CACHE names.
"""

import difflib
import gzip
import html
import json
import os
import random
from pathlib import Path

import numpy as np

__all__ = [
    "DataError", "EncodingError", "datasets", "load_fables", "load_names", "load_names_by_sex", "load_pronunciations", "load_text", "pad",
    "record", "split", "windows",
]

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"
CACHE_VARIABLE = "RNN_COURSE_CACHE"

#: Byte order marks. UTF-32's little-endian mark begins with UTF-16's, so it comes first.
MARKS = {
    b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8",
}

#: How documents begin that hold a text but are not plain text.
FORMATS = {
    b"{\\rtf": "RTF, a word processor's format", b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive (as .docx, .odt and .epub files are)",
}

# A set with a `url` is downloaded, one without is embedded.
SETS = {
    "names": {
        "file": "names2017.txt",
        "licence": "public domain",
        "what": "US given names of 2017, one a line",
    },
    "fables": {
        "file": "fables.txt",
        "licence": "CC0 1.0",
        "what": "The Ferry Book: fables written for this course",
    },
    "tinyshakespeare": {
        "file": "tinyshakespeare.txt",
        "licence": "public domain",
        "what": "40,000 lines from Shakespeare's plays",
        "characters": 1_115_394,
        "url": "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "sha256": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    },
}



def record(name):
    """A result that was measured once and takes too long to measure in a lesson, from data/results/.

    Parameters
    ----------
    name : str
        Of the file, without its ending.

    Returns
    -------
    dict
        What was measured, the command that measured it, seeds, package versions and date.
    """
    return json.loads((DATA_FOLDER / "results" / f"{name}.json").read_text("utf-8"))

def load_names() -> list[str]:
    """Load the given names of 2017 in the United States.

    Returns
    -------
    list of str
        29,910 distinct names in alphabetical order (shuffle before you split them), lower case, letters a to z only,
        2 to 15 letters each. A name stands once however many children were given it.

    Raises
    ------
    DataError
        If the `data` folder does not stand beside the `helpers` package.

    Notes
    -----
    Source: national records of the US Social Security Administration, public domain; see data/README.md.

    Examples
    --------
    >>> load_names()[:3]
    ['aaban', 'aabriella', 'aadam']
    """
    return load_text("names").split()


def load_names_by_sex() -> list[tuple[str, int, int]]:
    """Load the names of `load_names` with the number of children who were given them.

    Returns
    -------
    list of (str, int, int)
        For each name, in alphabetical order, the name, the number of girls and the number of boys; one of the two may be 0,
        which stands for fewer than 5.

    Raises
    ------
    DataError
        If the `data` folder does not stand beside the `helpers` package.

    Notes
    -----
    Source: national records of the US Social Security Administration, public domain; see data/README.md.

    Examples
    --------
    >>> load_names_by_sex()[:2]
    [('aaban', 0, 11), ('aabriella', 6, 0)]
    """
    _, *rows = _embedded_file("names by sex", "names2017-by-sex.csv").read_text("ascii").split()
    return [(name, int(girls), int(boys)) for name, girls, boys in (row.split(",") for row in rows)]


def load_pronunciations() -> tuple[dict, dict]:
    """Load English words of 3 to 10 letters with their pronunciations, from the CMU Pronouncing Dictionary.

    Returns
    -------
    tuple of (dict, dict)
        To train on, and held out: for each word all its pronunciations, a list of list of str, phonemes without stress.
        Words that seem related (stop, stopped) are on the same side.

    Raises
    ------
    DataError
        If the `data` folder does not stand beside the `helpers` package.

    Notes
    -----
    Source and licence: see data/README.md.

    Examples
    --------
    >>> training, held_out = load_pronunciations()
    >>> len(training), len(held_out), training["attach"]
    (101043, 5274, [['AH', 'T', 'AE', 'CH']])
    """
    parts = {"training": {}, "held out": {}}
    for line in gzip.decompress(_embedded_file("pronunciations", "pronunciations.tsv.gz").read_bytes()).decode("ascii").splitlines():
        word, part, *several = line.split("\t")
        parts[part][word] = [sounds.split() for sounds in several]
    return parts["training"], parts["held out"]


def load_fables() -> list[str]:
    """Load the fables of The Ferry Book, one string each, without what the ferry keeper says between them.

    Returns
    -------
    list of str
        119 fables in the order of the book, each its title, its text and its moral, lines ended by a newline character.

    Raises
    ------
    DataError
        If the `data` folder does not stand beside the `helpers` package.

    Notes
    -----
    Written for this course, CC0; see data/README.md.
    """
    # Blocks stand three lines apart; the book's title and the ferry keeper's words have no Toll.
    return [block.strip("\n") + "\n" for block in load_text("fables").split("\n\n\n") if "\n\nToll: " in block]


def split(items, held_out=0.1, seed=0) -> tuple[list, list]:
    """Shuffle, then hold a part out that no model may be fitted to.

    Parameters
    ----------
    items : sequence
        Names, fables: what is independent of its neighbours. Shuffling single letters would leak.
    held_out : float
        Share to hold out, over 0 and under 1; rounded, and at least one item on both sides.
    seed : int
        The same seed gives the same parts everywhere.

    Returns
    -------
    tuple of (list, list)
        For training, and held out.

    Raises
    ------
    ValueError
        If there are fewer than two items, or the share is not between 0 and 1.

    Examples
    --------
    >>> train, held_out = split(load_names())
    >>> len(train), len(held_out)
    (26919, 2991)
    """
    if not 0 < held_out < 1:
        raise ValueError(f"held_out is the share to hold out, between 0 and 1; got {held_out}.")
    if len(items) < 2:
        raise ValueError(f"to hold something out, two items at least are needed; got {len(items)}.")
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)  # Python's own: its shuffle is the same in every version of NumPy
    count = min(max(1, round(len(shuffled) * held_out)), len(shuffled) - 1)
    return shuffled[count:], shuffled[:count]


def load_text(name_or_path, encoding=None) -> str:
    """Load a text: one of the course's sets, or a file of your own.

    Parameters
    ----------
    name_or_path : str or os.PathLike
        The name of a set (`datasets()` lists them), or the path of a text file. Where a file has the name of a set,
        the name means the set and `Path(name)` the file. A `~` at the start of a path is your home folder.
    encoding : str, optional
        How the file's characters are stored, such as "cp1252". Without it: UTF-8, or what a byte order mark says.

    Returns
    -------
    str
        The whole text. A byte order mark at its start is removed, and every line ends with a single newline
        character, whichever system wrote the file.

    Raises
    ------
    EncodingError
        If a file is not UTF-8 and no encoding was given, or another one than was given. The message shows what the text
        would read like in the likeliest encodings.
    DataError
        If there is no such set or file; if a file is a folder, empty, binary or not readable; if a set could not be
        downloaded, or arrived damaged. The message says what to do.
    TypeError
        If `name_or_path` is neither a string nor a path.

    Notes
    -----
    Origin, licence and figures of each set: data/README.md.

    Examples
    --------
    >>> load_text("names")[:16]
    'aaban\\naabriella\\n'
    """
    if isinstance(name_or_path, str) and name_or_path in SETS:
        return _read_text(_set_file(name_or_path))
    return _read_text(_own_file(name_or_path), encoding)


def pad(sequences) -> tuple[np.ndarray, np.ndarray]:
    """Put sequences of different lengths into one array.

    Parameters
    ----------
    sequences : list of sequences of int
        Ids; at least one sequence.

    Returns
    -------
    tuple of (ndarray of int, ndarray of bool)
        Ids and mask, both (batch, longest). Behind the end of a sequence the id is 0 and the mask False.

    Examples
    --------
    >>> ids, mask = pad([[5, 6, 7], [8]])
    >>> ids.tolist(), mask.tolist()
    ([[5, 6, 7], [8, 0, 0]], [[True, True, True], [True, False, False]])
    """
    lengths = np.array([len(sequence) for sequence in sequences])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.zeros(mask.shape, np.int64)
    ids[mask] = np.concatenate([np.asarray(sequence, np.int64) for sequence in sequences])
    return ids, mask


def windows(ids, batch_size, timesteps):
    """Walk through one long sequence in parallel streams, window by window, so that a state can be carried.

    The sequence is cut into `batch_size` streams of equal length. Row b of each window goes on where row b of the window
    before ended. What does not fill a window at the end of the streams is left out.

    Parameters
    ----------
    ids : ndarray of int (length,)
    batch_size, timesteps : int

    Yields
    ------
    tuple of (ndarray, ndarray)
        Inputs and targets, both (batch_size, timesteps); each target is the id that follows its input.

    Raises
    ------
    ValueError
        If the sequence is too short for one window.
    """
    ids = np.asarray(ids)
    length = (len(ids) - 1) // batch_size
    if length < timesteps:
        needed = batch_size * timesteps + 1
        raise ValueError(f"{batch_size} streams of {timesteps} steps need {needed} ids; got {len(ids)}.")
    inputs = ids[: batch_size * length].reshape(batch_size, length)
    targets = ids[1 : batch_size * length + 1].reshape(batch_size, length)
    for start in range(0, length - timesteps + 1, timesteps):
        yield inputs[:, start : start + timesteps], targets[:, start : start + timesteps]


def datasets() -> "DatasetTable":
    """List the course's data sets.

    Returns
    -------
    DatasetTable
        A list with a dict for each set: `name` (what `load_text` takes), `characters` (length of the text),
        `licence`, `where` ("embedded", or "downloaded once") and `what`. It is shown as a table.

    Raises
    ------
    DataError
        If the `data` folder does not stand beside the `helpers` package.
    """
    return DatasetTable(
        {
            "name": name,
            "characters": entry["characters"] if "url" in entry else len(load_text(name)),
            "licence": entry["licence"],
            "where": "downloaded once" if "url" in entry else "embedded",
            "what": entry["what"],
        }
        for name, entry in SETS.items()
    )


def _set_file(name):
    """Path of a set's file, downloaded first where it has to be."""
    if "url" in SETS[name]:
        return _download(name)
    return _embedded_file(name, SETS[name]["file"])


def _embedded_file(name, file):
    """Path of a file in the data folder; `name` is what it is called where it is missing."""
    path = DATA_FOLDER / file
    if not path.is_file():
        raise DataError(
            f"The set {name!r} is missing: {path} does not exist. The course's data folder must stand beside the "
            "helpers package: clone the repository and install it with `pip install -e .`, or, in a clone that lost "
            "the file, run `git checkout -- data`."
        )
    return path


def _download(name):
    """Path of a set's file in the cache, downloaded there if it is not yet (or no longer) what it should be."""
    import pooch
    import requests

    entry = SETS[name]
    folder = Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("rnn-course"))
    embedded = _listed(other for other in SETS if "url" not in SETS[other])
    otherwise = f"The embedded sets {embedded} need no connection."
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # pooch's own notice would leave this machine's folders in the notebook
    try:
        path = pooch.retrieve(
            entry["url"], known_hash=f"sha256:{entry['sha256']}", fname=entry["file"], path=folder, progressbar=True
        )
    except requests.exceptions.RequestException as error:
        answered = error.response is not None
        reason = f"the server answered {error.response.status_code}" if answered else type(error).__name__
        raise DataError(
            f"The set {name!r} could not be downloaded ({reason}): connect to the internet and run this again, or "
            f"copy {entry['url']} to {folder / entry['file']} by hand. {otherwise}"
        ) from None
    except ValueError:  # pooch found another checksum, and has removed what came
        raise DataError(
            f"The download of {name!r} came damaged (its checksum is wrong) and was thrown away: run this again, and "
            f"if that does not help, look whether your network answers with a login page. {otherwise}"
        ) from None
    except OSError as error:
        raise DataError(
            f"The set {name!r} cannot be stored in {folder} ({error.strerror or 'permission denied'}): set the "
            f"environment variable {CACHE_VARIABLE} to a folder you can write to. {otherwise}"
        ) from None
    finally:
        logger.setLevel(level)
    return Path(path)


def _own_file(given):
    """Path of a file that is not one of the course's."""
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"load_text takes the name of a set or the path of a file, not {type(given).__name__}.")
    given = os.fsdecode(given)
    path = os.path.expanduser(given)
    # os.path, because pathlib raises where a whole text was given in place of a path.
    if not given or not os.path.exists(path):
        raise DataError(_not_found(given))
    if os.path.isdir(path):
        raise DataError(f"{given} is a folder: give the path of one text file in it.")
    return Path(path)


def _not_found(given):
    """Message for a name that is neither a set nor a file."""
    known = f"The course's sets are {_listed(SETS)}"
    if "://" in given:
        return f"load_text opens no web addresses: download the file and give its path. {known}."
    folder, file = os.path.split(os.path.expanduser(given))
    try:
        neighbours = os.listdir(folder or ".")
    except (OSError, ValueError):
        neighbours = []
    # Keyed without capitals, so that a wrong capital is the smallest of mistakes.
    candidates = {neighbour.casefold(): os.path.join(folder, neighbour) for neighbour in neighbours}
    candidates |= {name.casefold(): name for name in SETS}
    close = [candidates[match] for match in difflib.get_close_matches(file.casefold(), candidates)]
    guess = f" Did you mean {_listed(close, 'or')}?" if close else ""
    shown = given if len(given) <= 80 else given[:77] + "..."
    start = "" if os.path.isabs(given) else f", and the path of a file starts from {os.getcwd()}"
    return f"There is no data set and no file called {shown!r}.{guess} {known}{start}."


def _read_text(path, encoding=None):
    """Read a text file: no byte order mark, lines that end with a newline character."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    marked = next((name for mark, name in MARKS.items() if content.startswith(mark)), None)
    for start, kind in FORMATS.items():
        if content.startswith(start):
            advice = "open it in the program that made it and save it as plain text, in UTF-8"
            raise DataError(f"{path} is {kind}, not plain text: {advice}.")
    if b"\0" in content and not (marked or encoding):
        raise DataError(
            f"{path} is a binary file (a NUL byte at offset {content.index(0)}): give a plain text file. A document "
            "has to be saved as plain text, in UTF-8, by the program that made it."
        )
    chosen = encoding or marked or "utf-8"
    try:
        text = content.decode(chosen)
    except LookupError:
        usual = "The usual ones are utf-8, cp1252 and utf-16."
        raise DataError(f"{chosen!r} is no encoding that Python knows. {usual}") from None
    except UnicodeError as error:
        raise EncodingError(path, content, chosen, error) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{path} is empty: there is nothing in it to learn from.")
    return text


def _listed(names, word="and"):
    """'a', 'b' and 'c'."""
    *first, last = [repr(name) for name in names]
    return f"{', '.join(first)} {word} {last}" if first else last


class DataError(OSError):
    """A data set or text file could not be had. The message says why, and what to do."""


class EncodingError(DataError):
    """A text file is stored in another encoding than it was read with.

    Attributes
    ----------
    candidates : dict of str to str
        The likeliest encodings, and what forty characters of the text would read like in each.
    """

    def __init__(self, path, content, encoding, error):
        place = getattr(error, "start", 0)  # a UTF-16 text without its mark has an error without a place
        line_start = content.rfind(b"\n", 0, place) + 1
        line = content.count(10, 0, place) + 1
        where = f"the byte 0x{content[place]:02x} at offset {place} (line {line}) cannot be decoded"
        lines = [f"{path} is not {encoding.upper()}: {where}."]
        read = content.decode("utf-8", "replace")
        strays = read.count("\ufffd")
        fitting = sum(character > "\x7f" for character in read) - strays
        self.candidates = {}
        if encoding == "utf-8" and fitting > 10 * strays:
            before = content[line_start:place].decode("utf-8", "replace")[-30:]
            many = f"{strays} such byte{'s' * (strays > 1)}"
            lines.append(f"The rest of the file is UTF-8 ({many}): repair the place after {before!r}.")
        else:
            self.candidates = _candidates(content, max(line_start, place - 20))
            if self.candidates:
                lines.append("In the encodings that fit it best, that place reads")
                lines += [f"  {name:<12} {shown}" for name, shown in self.candidates.items()]
        self.facts = "\n".join(lines)
        advice = "Save it as UTF-8 in your editor."
        if self.candidates:
            advice = f"Choose the one that reads right: load_text(..., encoding={next(iter(self.candidates))!r})."
        super().__init__(f"{self.facts}\n{advice}")


def _candidates(content, place):
    """Up to three encodings, the likeliest first, with forty characters from `place` on in each."""
    import charset_normalizer

    found = {}
    sample = content[max(0, place - 50_000) : place + 50_000]
    for match in charset_normalizer.from_bytes(sample):
        shown = content[place : place + 160].decode(match.encoding, "replace")[:40].replace("\n", " ").replace("\r", "")
        if shown not in found.values():
            found[match.encoding] = shown
    return dict(list(found.items())[:3])


class DatasetTable(list):
    """Rows of `datasets()`: a list of dicts that shows itself as a table, in text and in notebooks."""

    def _cells(self):
        yield ["name", "characters", "licence", "where", "what"]
        for row in self:
            yield [row["name"], f"{row['characters']:,}", row["licence"], row["where"], row["what"]]

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(*self._cells())]
        # Only the number column is aligned to the right.
        return "\n".join(
            "  ".join(
                cell.rjust(width) if column == 1 else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(cells, widths))
            ).rstrip()
            for cells in self._cells()
        )

    def _repr_html_(self):
        head, *rows = [[html.escape(cell) for cell in cells] for cells in self._cells()]
        return (
            "<table><thead><tr>"
            + "".join(f'<th scope="col">{cell}</th>' for cell in head)
            + "</tr></thead><tbody>"
            + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>" for cells in rows)
            + "</tbody></table>"
        )
