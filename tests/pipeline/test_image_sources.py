"""Where images come from: a catalogue folder, or an HTTP search; and where they are kept."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from logwatch.pipeline import images
from logwatch.pipeline.errors import PermanentError, PipelineError, RetryableError
from logwatch.pipeline.images import FoundImage, ImageStore, choose_source
from logwatch.pipeline.images.source import MAX_IMAGE_BYTES, suffix_of

from .local_server import Answer, Asked, local_server
from .workers import ROOT

PNG = b"\x89PNG\r\n\x1a\n picture"
JPEG = b"\xff\xd8\xff picture"


def catalogue(folder: Path, index: object) -> Path:
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def names(found: tuple[FoundImage, ...]) -> list[str]:
    return [image.found_at for image in found]


def test_the_shipped_catalogue_knows_its_products_and_holds_real_images() -> None:
    source = choose_source(None, None)
    found = source.find("Organic GREEN Tea, loose (250 g)", None, 10)
    assert names(found) == ["catalogue:green-tea-1.png", "catalogue:green-tea-2.png"]
    assert [suffix_of(image.content) for image in found] == [".png", ".png"]
    assert source.find("Unheard-of Thing", None, 10) == ()
    assert source.find("", None, 10) == ()


def test_every_image_of_the_shipped_index_is_shipped() -> None:
    source = choose_source(None, None)
    index = json.loads((Path(images.__file__).parent / "catalogue" / "index.json").read_text())
    for phrase, files in index.items():
        assert names(source.find(phrase, None, 10)) == [f"catalogue:{file}" for file in files]


def test_the_shipped_catalogue_is_package_data() -> None:
    # Without it an installed logwatch would find no image at all; a checkout would not notice.
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    assert data["logwatch.pipeline.images"] == ["catalogue/*"]


def test_the_longest_phrase_wins_and_a_missing_or_huge_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "tea.png").write_bytes(PNG)
    (tmp_path / "green.png").write_bytes(PNG)
    (tmp_path / "huge.png").write_bytes(PNG + b"x" * MAX_IMAGE_BYTES)
    folder = catalogue(tmp_path, {"tea": ["tea.png"], "green tea": ["gone.png", "huge.png", "green.png"]})
    source = choose_source(folder, None)
    assert names(source.find("Green Tea", None, 10)) == ["catalogue:green.png"]
    assert names(source.find("Black Tea", None, 10)) == ["catalogue:tea.png"]


@pytest.mark.parametrize(
    ("index", "fault"),
    [
        ([], "expected an object of phrases and file names"),
        ({"tea": "tea.png"}, "'tea': expected a list of file names in this folder"),
        ({"tea": ["../../etc/passwd"]}, "'tea': expected a list of file names in this folder"),
        ({"tea": [".."]}, "'tea': expected a list of file names in this folder"),
    ],
)
def test_a_catalogue_that_is_wrong_says_where(tmp_path: Path, index: object, fault: str) -> None:
    folder = catalogue(tmp_path, index)
    with pytest.raises(PipelineError) as caught:
        choose_source(folder, None)
    assert str(caught.value) == f"{folder}/index.json: {fault}"


def test_a_folder_without_an_index_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as caught:
        choose_source(tmp_path, None)
    assert str(caught.value) == f"{tmp_path}: no image catalogue: it has no index.json"


def test_a_search_gives_the_first_three_images_that_can_be_fetched() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/search"):
            here = ("gone.png", "page.html", "moved.png", "b.jpg", "c.png", "d.png")
            urls = ["file:///etc/passwd", "http://[bad", *(f"{server.url}/{name}" for name in here)]
            return Answer(body=json.dumps({"images": [{"url": url} for url in urls]}).encode())
        if asked.path == "/moved.png":
            return Answer(302, headers={"Location": "/a.png"})
        known = {"/a.png": PNG + b"a", "/b.jpg": JPEG, "/c.png": PNG + b"c", "/d.png": PNG + b"d"}
        if asked.path == "/page.html":
            return Answer(body=b"<html>")
        return Answer(body=known[asked.path]) if asked.path in known else Answer(404)

    with local_server(answer) as server:
        found = choose_source(None, f"{server.url}/search?key=k").find("Green Tea & Co", "GT-1", 10)
        asked = [request.path for request in server.asked]
    assert [image.content for image in found] == [PNG + b"a", JPEG, PNG + b"c"]
    assert asked[0] == "/search?key=k&q=Green+Tea+%26+Co+GT-1"
    assert "/d.png" not in asked


def test_an_image_that_never_ends_is_left_out() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/search"):
            return Answer(body=json.dumps({"images": [{"url": f"{server.url}/x.png"}]}).encode())
        return Answer(body=PNG, chunks=(b"x" * 1024 * 1024,) * 6)

    with local_server(answer) as server:
        assert choose_source(None, f"{server.url}/search").find("Tea", None, 10) == ()


@pytest.mark.parametrize(
    ("answer", "reason", "wait"),
    [
        (Answer(503, headers={"Retry-After": "30"}), "the image search answered 503", 30.0),
        (Answer(body=b'{"images": "none"}'), "the image search's answer is not a list of images", 0.0),
        (Answer(body=b'{"images": []'), "the image search's answer is not a list of images", 0.0),
        (None, "the image search did not answer in time", 0.0),
    ],
)
def test_a_search_that_fails_is_worth_another_try(answer: Answer | None, reason: str, wait: float) -> None:
    with local_server(lambda _asked: answer) as server, pytest.raises(RetryableError) as caught:
        choose_source(None, server.url).find("Tea", None, 0.3)
    assert str(caught.value) == reason
    assert caught.value.after_seconds == wait


def test_a_search_that_refuses_is_given_up() -> None:
    with local_server(lambda _asked: Answer(403)) as server, pytest.raises(PermanentError) as caught:
        choose_source(None, server.url).find("Tea", None, 10)
    assert str(caught.value) == "the image search refused the request: 403; check its URL"


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_an_image_is_kept_once_under_its_content_in_any_store(tmp_path: Path, scheme: str) -> None:
    store = ImageStore(f"{scheme}{tmp_path}/images")
    first, again = store.put(PNG), store.put(PNG)
    digest = hashlib.sha256(PNG).hexdigest()
    assert first == again
    assert first.sha256 == digest
    assert first.path == f"{tmp_path}/images/{digest[:2]}/{digest}.png"
    assert store.get(first.path) == PNG
    if not scheme:
        # Nothing is left of the writing aside.
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{digest}.png"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<svg onload='x'>", "not an image: expected PNG, JPEG, GIF or WebP"),
        (b"RIFF....AVI ", "not an image: expected PNG, JPEG, GIF or WebP"),
        (b"", "not an image: expected PNG, JPEG, GIF or WebP"),
        (PNG + b"x" * MAX_IMAGE_BYTES, "the image is 5242896 bytes, over 5242880"),
    ],
)
def test_what_is_no_image_or_too_large_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    with pytest.raises(PermanentError) as caught:
        ImageStore(str(tmp_path)).put(content)
    assert str(caught.value) == fault


def test_a_store_that_fsspec_does_not_know_is_refused_at_the_start() -> None:
    with pytest.raises(PipelineError, match=r"^image store 'nowhere://x': Protocol not known: nowhere$"):
        ImageStore("nowhere://x")
