"""The data sets are what their cards say, and whatever goes wrong while loading says what to do."""

import doctest
import gzip
import hashlib
import http.server
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pooch
import pytest

from helpers import data
from helpers.laboratory import lesson09

ROOT = Path(data.__file__).resolve().parents[1]
CARDS = ROOT / "data" / "README.md"


# ---- names

def test_the_names_are_29910_distinct_lower_case_words_in_alphabetical_order():
    names = data.load_names()
    assert len(names) == len(set(names)) == 29_910
    assert names == sorted(names)
    assert all(re.fullmatch("[a-z]{2,15}", name) for name in names)
    assert (min(map(len, names)), max(map(len, names))) == (2, 15)


def test_the_names_are_also_a_text_with_one_name_a_line():
    assert data.load_text("names") == "\n".join(data.load_names()) + "\n"


def test_each_name_comes_with_its_numbers_of_girls_and_boys():
    rows = data.load_names_by_sex()
    assert [name for name, _, _ in rows] == data.load_names()
    assert all(number == 0 or number >= 5 for _, *numbers in rows for number in numbers)
    assert all(girls + boys for _, girls, boys in rows)
    counts = {name: numbers for name, *numbers in rows}
    assert counts["emma"][0] > 500 * counts["emma"][1] and counts["liam"][1] > 500 * counts["liam"][0]


def test_the_card_has_the_checksum_and_the_size_of_the_names_by_sex():
    content = (ROOT / "data" / "names2017-by-sex.csv").read_bytes()
    card = CARDS.read_text("utf-8")
    assert f"{len(content):,} bytes: `name,girls,boys`" in card and hashlib.sha256(content).hexdigest() in card


def test_a_bigram_model_gives_the_names_2_4547_nats_per_character():
    """27 symbols: a to z and one boundary, before and behind each name; add one; fitted and measured on all names."""
    text = "\n" + data.load_text("names")  # the newline is the boundary
    symbols = np.frombuffer(text.encode(), np.uint8)
    ids = np.unique(symbols, return_inverse=True)[1]
    counts = np.ones((27, 27))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    losses = -np.log(probabilities[ids[:-1], ids[1:]])
    assert losses.size == 214_764
    assert round(losses.mean(), 4) == 2.4547


# ---- fables

def test_the_fables_are_long_enough_to_learn_from():
    assert len(data.load_text("fables")) >= 120_000


def test_the_fables_have_45_to_60_symbols():
    assert 45 <= len(set(data.load_text("fables"))) <= 60


def test_no_passage_of_60_characters_stands_twice_in_the_fables():
    text = data.load_text("fables")
    first, repeated = {}, []
    for start in range(len(text) - 59):
        passage = text[start : start + 60]
        if first.setdefault(passage, start) != start:
            repeated.append(passage)
    assert repeated == []


def test_the_fables_end_with_exactly_one_newline():
    text = data.load_text("fables")
    assert text.endswith("\n") and not text.endswith("\n\n")


# ---- pronunciations


def test_the_pronunciations_are_words_of_3_to_10_letters_in_39_sounds_without_stress():
    training, held_out = data.load_pronunciations()
    everything = training | held_out
    assert (len(training), len(held_out), len(everything)) == (101_043, 5_274, 106_317)
    assert all(re.fullmatch("[a-z]{3,10}", word) for word in everything)
    assert {sound for several in everything.values() for sounds in several for sound in sounds} == set(lesson09.PHONEMES[3:])
    assert all(several and all(several) and len(several) == len({tuple(sounds) for sounds in several}) for several in everything.values())
    assert max(len(sounds) for several in everything.values() for sounds in several) < lesson09.SOUNDS


def test_words_with_a_common_ending_are_on_one_side():
    training, held_out = data.load_pronunciations()
    for known, other in ((training, held_out), (held_out, training)):
        for word in known:
            for ending in ("s", "es", "ed", "ing", "er", "ly", "ness"):
                assert word + ending not in other, (word, ending)


def test_the_card_of_the_pronunciations_has_their_size_checksum_and_licence():
    content, cards = (ROOT / "data" / "pronunciations.tsv.gz").read_bytes(), CARDS.read_text(encoding="utf-8")
    assert f"{len(content):,} bytes" in cards and hashlib.sha256(content).hexdigest() in cards
    assert "Redistributions of source code must retain" in cards and "Copyright (C) 1993-2015 Carnegie Mellon University" in cards


def test_missing_pronunciations_are_answered_with_how_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DATA_FOLDER", tmp_path)
    with pytest.raises(data.DataError, match="'pronunciations' is missing"):
        data.load_pronunciations()


# ---- cards

def card_figures():
    """The table of figures in data/README.md: file name -> {column: text of the cell}."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in CARDS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and line.count("|") == 6
    ]
    head, *body = rows
    return {row[0]: dict(zip(head[1:], row[1:])) for row in body}


def measured_figures(content):
    text = content.decode("utf-8")
    return {
        "characters": f"{len(text):,}",
        "symbols": str(len(set(text))),
        "gzip ratio": f"{len(content) / len(gzip.compress(content, 9)):.2f}",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def check_card(file, content):
    card, measured = card_figures()[file], measured_figures(content)
    row = f"the row in data/README.md should be: | {file} | {' | '.join(measured.values())} |"
    for column in ("characters", "symbols", "sha256"):
        assert card[column] == measured[column], row
    # Builds of zlib differ by a percent or two.
    assert float(card["gzip ratio"]) == pytest.approx(float(measured["gzip ratio"]), rel=0.05), row


@pytest.mark.parametrize("file", ["fables.txt", "names2017.txt"])
def test_the_card_has_the_figures_of_the_embedded_file(file):
    check_card(file, (ROOT / "data" / file).read_bytes())


def test_the_card_has_the_figures_of_tinyshakespeare(real_tinyshakespeare):
    check_card("tinyshakespeare.txt", real_tinyshakespeare)


def test_every_set_has_a_card_with_the_listed_size():
    cards = CARDS.read_text(encoding="utf-8")
    figures = card_figures()
    assert set(figures) == {entry["file"] for entry in data.SETS.values()}
    for row in data.datasets():
        assert re.search(rf"^## {row['name']}\b", cards, re.MULTILINE)
        assert figures[data.SETS[row["name"]]["file"]]["characters"] == f"{row['characters']:,}"


def test_the_card_and_the_code_know_the_same_checksum():
    entry = data.SETS["tinyshakespeare"]
    assert card_figures()[entry["file"]]["sha256"] == entry["sha256"]


# ---- the list of sets

@pytest.fixture
def table(tmp_path, monkeypatch):
    """datasets(), over small embedded files."""
    monkeypatch.setattr(data, "DATA_FOLDER", tmp_path)
    (tmp_path / "names2017.txt").write_text("ada\nbo\n", encoding="utf-8")
    (tmp_path / "fables.txt").write_text("A & B", encoding="utf-8")
    monkeypatch.setitem(data.SETS["fables"], "what", "one <short> line")
    return data.datasets()


def test_datasets_says_what_there_is(table):
    assert [row["name"] for row in table] == ["names", "fables", "tinyshakespeare"]
    assert [row["characters"] for row in table] == [7, 5, 1_115_394]
    assert [row["where"] for row in table] == ["embedded", "embedded", "downloaded once"]
    assert [row["licence"] for row in table] == ["public domain", "CC0 1.0", "public domain"]


def test_datasets_prints_as_a_table_with_aligned_columns(table):
    assert [line[:42] for line in repr(table).splitlines()] == [
        "name             characters  licence      ",
        "names                     7  public domain",
        "fables                    5  CC0 1.0      ",
        "tinyshakespeare   1,115,394  public domain",
    ]


def test_datasets_fits_a_notebooks_line():
    assert max(map(len, repr(data.datasets()).splitlines())) <= 110


def test_datasets_shows_as_an_html_table_in_a_notebook(table):
    shown = table._repr_html_()
    assert shown.count("<tr>") == 4 and shown.count('<th scope="col">') == 5
    assert "one &lt;short&gt; line" in shown


# ---- a text of one's own

def write(path, content):
    path.write_bytes(content)
    return path


def error_of(name_or_path):
    """The message of the DataError that load_text raises; it must come without a chain of causes."""
    with pytest.raises(data.DataError) as caught:
        data.load_text(name_or_path)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


class PathInDisguise:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return str(self.path)


@pytest.mark.parametrize("form", [str, Path, PathInDisguise])
def test_a_file_of_ones_own_is_given_by_its_path(tmp_path, form):
    path = write(tmp_path / "mine.txt", "Füße, 猫, \n".encode())
    assert data.load_text(form(path)) == "Füße, 猫, \n"


def test_a_path_may_be_relative_or_start_at_home(tmp_path, monkeypatch):
    write(tmp_path / "mine.txt", b"text")
    monkeypatch.chdir(tmp_path)
    assert data.load_text("mine.txt") == "text"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert data.load_text(os.path.join("~", "mine.txt")) == "text"


def test_a_name_means_the_set_and_a_path_the_file(tmp_path, monkeypatch):
    write(tmp_path / "names", b"my own names")
    monkeypatch.chdir(tmp_path)
    assert data.load_text("names").startswith("aaban\n")
    assert data.load_text(Path("names")) == "my own names"


def test_a_byte_order_mark_is_removed_at_the_start_only(tmp_path):
    assert data.load_text(write(tmp_path / "mine.txt", "\ufeffa\ufeffb".encode())) == "a\ufeffb"


def test_every_line_end_becomes_a_newline(tmp_path):
    assert data.load_text(write(tmp_path / "mine.txt", b"a\r\n\r\nb\rc\nd")) == "a\n\nb\nc\nd"


@pytest.mark.parametrize(
    "typed, meant", [("fabels", "fables"), ("Fables", "fables"), ("TINYSHAKESPEARE", "tinyshakespeare")]
)
def test_a_misspelled_set_is_answered_with_the_right_name(typed, meant):
    message = error_of(typed)
    assert f"called '{typed}'" in message and f"Did you mean '{meant}'?" in message


def test_a_misspelled_file_is_answered_with_the_file_beside_it(tmp_path, monkeypatch):
    write(tmp_path / "poems.txt", b"text")
    assert f"Did you mean {str(tmp_path / 'poems.txt')!r}?" in error_of(tmp_path / "Poem.txt")
    monkeypatch.chdir(tmp_path)
    message = error_of("Poem.txt")
    assert "Did you mean 'poems.txt'?" in message and f"starts from {os.getcwd()}" in message


@pytest.mark.parametrize("name", ["zzz", "", "no/such/folder/zzz", "a\0b"])
def test_a_missing_file_is_answered_with_the_known_sets(name):
    message = error_of(name)
    assert "'names', 'fables' and 'tinyshakespeare'" in message and "Did you mean" not in message


def test_a_text_in_place_of_a_path_is_not_repeated_at_length():
    assert len(error_of("It was a dark night.\n" * 5_000)) < 500


def test_an_address_on_the_web_is_answered_with_what_to_do():
    assert "download the file and give its path" in error_of("https://example.org/text.txt")


def test_a_folder_is_refused(tmp_path):
    assert "is a folder: give the path of one text file" in error_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert "mine.txt is empty" in error_of(write(tmp_path / "mine.txt", content))


def test_a_binary_file_is_refused(tmp_path):
    assert "binary file (a NUL byte at offset 3)" in error_of(write(tmp_path / "mine.doc", b"abc\0def"))


RUSSIAN = "Привет, это обычный русский текст, написанный для проверки.\n" * 40
GERMAN = "Der Bär aß süße Äpfel, während die Möwe über das Tor flog.\n" * 40


CHINESE = "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。\n" * 40


@pytest.mark.parametrize(
    "text, stored", [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (GERMAN, "cp1252"), (CHINESE, "gb18030")]
)
def test_another_encoding_is_located_shown_and_the_advice_works(tmp_path, text, stored):
    path = write(tmp_path / "mine.txt", b"one\ntwo\n" + text.encode(stored))
    with pytest.raises(data.EncodingError) as caught:
        data.load_text(path)
    message = str(caught.value)
    assert "mine.txt is not UTF-8: the byte 0x" in message and "(line 3) cannot be decoded" in message
    best, shown = next(iter(caught.value.candidates.items()))
    assert shown in text.replace("\n", " ") and len(shown) == 40 and shown in message
    assert f"load_text(..., encoding={best!r})" in message
    assert data.load_text(path, encoding=best) == "one\ntwo\n" + text
    assert len(caught.value.candidates) == len(set(caught.value.candidates.values())) <= 3


def test_a_stray_byte_in_utf_8_is_located_and_no_encoding_is_proposed(tmp_path):
    path = write(tmp_path / "mine.txt", GERMAN.encode() + b"ein caf\xe9 noir\n" + GERMAN.encode())
    said = r"(?s)0xe9 at .*\(line 41\).*rest of the file is UTF-8 \(1 such byte\).*after 'ein caf'"
    with pytest.raises(data.EncodingError, match=said) as caught:
        data.load_text(path)
    assert caught.value.candidates == {}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
def test_a_byte_order_mark_says_how_to_read(tmp_path, encoding):
    assert data.load_text(write(tmp_path / "mine.txt", "\ufeffcafé\n".encode(encoding))) == "café\n"


def test_a_broken_utf_16_file_is_refused(tmp_path):
    with pytest.raises(data.EncodingError, match="is not UTF-16"):
        data.load_text(write(tmp_path / "mine.txt", b"\xff\xfea\0b"))


def test_an_encoding_that_does_not_fit_or_does_not_exist_is_refused(tmp_path):
    path = write(tmp_path / "mine.txt", RUSSIAN.encode("cp1251"))
    with pytest.raises(data.EncodingError, match="is not ASCII"):
        data.load_text(path, encoding="ascii")
    with pytest.raises(data.DataError, match="'klingon' is no encoding"):
        data.load_text(path, encoding="klingon")


@pytest.mark.parametrize(
    "start, kind",
    [(b"{\\rtf1\\ansi hello}", "is RTF"), (b"%PDF-1.7 ...", "is a PDF"), (b"PK\x03\x04\0\0", "is a zip archive")],
)
def test_documents_are_named_for_what_they_are(tmp_path, start, kind):
    message = error_of(write(tmp_path / "mine.txt", start))
    assert kind in message and "save it as plain text" in message


@pytest.mark.parametrize("wrong", [None, 3, b"fables", ["fables"]])
def test_what_is_no_name_and_no_path_is_a_type_error(wrong):
    with pytest.raises(TypeError, match=f"not {type(wrong).__name__}"):
        data.load_text(wrong)


@pytest.mark.parametrize("load", [data.load_names, data.load_names_by_sex, lambda: data.load_text("fables"), data.datasets])
def test_a_missing_data_folder_says_how_to_install(tmp_path, monkeypatch, load):
    monkeypatch.setattr(data, "DATA_FOLDER", tmp_path / "data")
    with pytest.raises(data.DataError, match=r"beside the helpers package.*pip install -e \."):
        load()


# ---- the download

FAKE = b"First Citizen:\r\nSpeak, speak.\n" * 200


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("RNN_COURSE_CACHE", str(folder))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    return folder


@pytest.fixture
def real_tinyshakespeare():
    """The real file's bytes, where this machine has them: the tests never ask the internet."""
    file = data.SETS["tinyshakespeare"]["file"]
    caches = [os.environ.get("RNN_COURSE_CACHE") or pooch.os_cache("rnn-course"), ROOT.parent / "shared" / "data"]
    for folder in map(Path, caches):
        if (folder / file).is_file():
            return (folder / file).read_bytes()
    pytest.skip(f"{file} is neither in the cache nor in ../shared/data")


@pytest.fixture
def server():
    """A web server on this machine that answers with `content` and `status`, and counts its `requests`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.requests += 1
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.content)))
            self.end_headers()
            self.wfile.write(self.server.content[: self.server.sent])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content, server.status, server.sent, server.requests = FAKE, 200, None, 0
    server.url = f"http://127.0.0.1:{server.server_port}/input.txt"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def closed_url():
    """An address where nobody answers: the port is taken, and nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/input.txt"


@pytest.fixture
def source(monkeypatch):
    """Say where tinyshakespeare comes from, and which bytes are the right ones."""

    def set_source(url, content=FAKE):
        monkeypatch.setitem(data.SETS["tinyshakespeare"], "url", url)
        monkeypatch.setitem(data.SETS["tinyshakespeare"], "sha256", hashlib.sha256(content).hexdigest())

    return set_source


def test_a_set_is_downloaded_once_with_a_progress_bar(cache, server, closed_url, source, capsys):
    source(server.url)
    assert data.load_text("tinyshakespeare") == FAKE.decode().replace("\r\n", "\n")
    shown = capsys.readouterr()
    assert "100%" in shown.err and shown.out == ""
    assert (cache / "tinyshakespeare.txt").read_bytes() == FAKE

    source(closed_url)
    assert data.load_text("tinyshakespeare") == FAKE.decode().replace("\r\n", "\n")
    assert server.requests == 1
    assert capsys.readouterr().err == ""


def test_without_the_variable_the_cache_is_the_operating_systems(tmp_path, server, cache, source, monkeypatch):
    monkeypatch.delenv("RNN_COURSE_CACHE")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "system" / project)
    source(server.url)
    data.load_text("tinyshakespeare")
    assert (tmp_path / "system" / "rnn-course" / "tinyshakespeare.txt").is_file()
    assert not cache.exists()


def test_a_damaged_download_is_reported_and_not_kept(cache, server, source):
    source(server.url)
    server.content = FAKE[:-1] + b"?"
    message = error_of("tinyshakespeare")
    assert "damaged" in message and "run this again" in message and "'names' and 'fables'" in message
    assert list(cache.iterdir()) == []

    server.content = FAKE
    assert data.load_text("tinyshakespeare").startswith("First Citizen:\n")


def test_a_download_that_breaks_off_is_not_kept(cache, server, source):
    source(server.url)
    server.sent = 1_000
    assert "'names' and 'fables'" in error_of("tinyshakespeare")
    assert list(cache.iterdir()) == []


def test_a_file_damaged_in_the_cache_is_downloaded_again(cache, server, closed_url, source):
    cache.mkdir()
    write(cache / "tinyshakespeare.txt", FAKE[:100])
    source(closed_url)
    assert "could not be downloaded" in error_of("tinyshakespeare")
    source(server.url)
    data.load_text("tinyshakespeare")
    assert (cache / "tinyshakespeare.txt").read_bytes() == FAKE


def test_offline_the_error_says_what_to_do_and_what_works_without(cache, closed_url, source):
    source(closed_url)
    message = error_of("tinyshakespeare")
    assert "could not be downloaded (ConnectionError): connect to the internet" in message
    assert f"copy {closed_url} to {cache / 'tinyshakespeare.txt'}" in message
    assert "'names' and 'fables' need no connection" in message
    assert len(re.findall(r"\.(\s|$)", message)) <= 2


def test_a_file_put_into_the_cache_by_hand_is_as_good_as_a_download(cache, closed_url, source):
    cache.mkdir()
    write(cache / "tinyshakespeare.txt", FAKE)
    source(closed_url)
    assert data.load_text("tinyshakespeare").startswith("First Citizen:\n")


def test_a_server_that_refuses_is_quoted(cache, server, source):
    source(server.url)
    server.status = 404
    assert "the server answered 404" in error_of("tinyshakespeare")


def test_a_cache_that_cannot_be_written_names_the_variable_to_set(cache, server, source):
    write(cache, b"a file where the folder should be")
    source(server.url)
    message = error_of("tinyshakespeare")
    assert "cannot be stored" in message and "RNN_COURSE_CACHE" in message


def test_no_folder_of_this_machine_is_logged_into_the_notebook(cache, server, source):
    logger, notices = pooch.get_logger(), []
    level, handler = logger.level, logging.Handler()
    handler.emit = notices.append
    logger.addHandler(handler)
    source(server.url)
    try:
        data.load_text("tinyshakespeare")
    finally:
        logger.removeHandler(handler)
    assert notices == []
    assert logger.level == level  # and pooch is left as it was


def test_the_real_tinyshakespeare_passes_its_checksum(real_tinyshakespeare, cache, server, monkeypatch):
    server.content = real_tinyshakespeare
    monkeypatch.setitem(data.SETS["tinyshakespeare"], "url", server.url)  # and the real checksum
    text = data.load_text("tinyshakespeare")
    assert len(text) == 1_115_394 == data.SETS["tinyshakespeare"]["characters"]
    assert len(set(text)) == 65 and len(set(text.lower())) == 39


# ---- the module

def test_importing_the_module_is_light():
    heavy = {"tensorflow", "keras", "matplotlib", "pooch", "tqdm", "requests", "charset_normalizer"}
    code = f"import sys, helpers.data; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(data).failed == 0


# ---- parts and batches


def test_every_fable_is_whole():
    fables = data.load_fables()
    assert len(fables) == 119
    text = data.load_text("fables")
    assert all(fable in text and fable.count("\nToll: ") == 1 and fable.endswith("\n") for fable in fables)
    assert not any(fable.startswith("PART") for fable in fables)


def test_split_loses_nothing_and_repeats_itself():
    items = list(range(101))
    train, held_out = data.split(items, held_out=0.2)
    assert sorted(train + held_out) == items and len(held_out) == 20
    assert (train, held_out) == data.split(items, held_out=0.2)
    assert held_out != data.split(items, held_out=0.2, seed=1)[1]
    assert items == list(range(101))


def test_split_is_the_same_on_every_machine():
    assert data.split("abcdefghij", held_out=0.3)[1] == list("hib")


@pytest.mark.parametrize("items, share", [([1, 2], 0.01), ([1, 2], 0.99)])
def test_split_leaves_one_item_at_least_on_each_side(items, share):
    assert [len(part) for part in data.split(items, share)] == [1, 1]


@pytest.mark.parametrize("items, share, says", [([1, 2], 0, "got 0"), ([1, 2], 1.5, "got 1.5"), ([1], 0.5, "two items")])
def test_split_says_what_is_wrong(items, share, says):
    with pytest.raises(ValueError, match=says):
        data.split(items, share)


def test_pad_marks_what_is_real():
    ids, mask = data.pad([[3], [1, 2, 4], []])
    assert ids.tolist() == [[3, 0, 0], [1, 2, 4], [0, 0, 0]]
    assert mask.sum(axis=1).tolist() == [1, 3, 0]


def test_windows_go_on_where_they_ended():
    seen = list(data.windows(np.arange(50), batch_size=3, timesteps=5))
    assert len(seen) == 3
    for inputs, targets in seen:
        assert inputs.shape == targets.shape == (3, 5)
        assert (targets == inputs + 1).all()
    for (before, _), (after, _) in zip(seen, seen[1:]):
        assert (after[:, 0] == before[:, -1] + 1).all()
    assert [len(list(data.windows(np.arange(n), 2, 4))) for n in (9, 16, 17)] == [1, 1, 2]


def test_windows_say_when_the_text_is_too_short():
    with pytest.raises(ValueError, match="need 9 ids; got 8"):
        next(data.windows(np.arange(8), 2, 4))
