"""The words of the media calls, against the shapes in the platform's documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames.protocol.envelope import Envelope
from occtoo_frames.protocol.media import Link, MediaFile, Sorted, Upload, UploadState

UPLOAD = {
    "id": "5f0c",
    "progress": {"totalSize": 2048, "uploadedSize": 1024, "completedPercentage": 50, "isCompleted": False},
    "state": "Progress",
    "sourceUrl": "https://example.com/a.jpg",
    "createdAt": "2024-05-01T10:00:00Z",
    "updatedAt": "2024-05-01T10:00:01Z",
    "metadata": {"filename": "a.jpg", "mimeType": "image/jpeg", "size": 2048, "uniqueIdentifier": "sku-1"},
}
FILE = {
    "id": "5f0c",
    "publicUrl": "https://media.example.com/5f0c/a.jpg",
    "sourceUrl": "https://example.com/a.jpg",
    "location": {"hostName": "media.example.com", "containerName": "c", "fileName": "5f0c"},
    "metadata": {
        "filename": "a.jpg",
        "mimeType": "image/jpeg",
        "size": 2048,
        "extension": ".jpg",
        "mediaInfo": {"image": {"width": 800, "height": 600}, "video": None},
    },
}


def test_an_upload_is_read_as_the_documents_show_it():
    """Every documented member."""
    upload = Upload.from_wire(UPLOAD)
    assert (upload.id, upload.state, upload.uploaded_size, upload.total_size) == (
        "5f0c",
        UploadState.PROGRESS,
        1024,
        2048,
    )
    assert (upload.filename, upload.mime_type, upload.unique_identifier) == ("a.jpg", "image/jpeg", "sku-1")
    assert upload.to_wire() == UPLOAD


def test_a_file_is_read_as_the_documents_show_it():
    """Every documented member; the pixels are those of the image."""
    file = MediaFile.from_wire(FILE)
    assert (file.id, file.mime_type, file.size, file.width, file.height) == ("5f0c", "image/jpeg", 2048, 800, 600)
    assert file.to_wire()["metadata"].items() >= FILE["metadata"].items()
    assert file.to_wire()["location"] == FILE["location"]


def test_a_film_has_the_pixels_of_its_video():
    """Where there is no image."""
    metadata = {**FILE["metadata"], "mediaInfo": {"image": None, "video": {"width": 1920, "height": 1080}}}
    assert MediaFile.from_wire({**FILE, "metadata": metadata}).width == 1920


def test_names_are_matched_in_any_case():
    """The documents spell ``uniqueidentifier``, code spells ``uniqueIdentifier``."""
    link = Link.from_wire({"Link": "https://x.se/a", "FileName": "a", "uniqueidentifier": "i"})
    assert link == Link.from_wire(link.to_wire()) == Link("https://x.se/a", "a", "i")


def test_partial_success_names_both():
    """Under some key each; a failure is a message."""
    answer = Sorted.from_wire(
        Envelope.from_wire({"result": {"succeeded": {"a": UPLOAD}, "failures": {"b": {"message": "no"}}}}).result,
        Upload.from_wire,
    )
    assert answer.succeeded["a"].id == "5f0c"
    assert answer.failures == {"b": "no"}
    assert Sorted.from_wire(answer.to_wire(Upload.to_wire), Upload.from_wire) == answer


@pytest.mark.parametrize("said", [None, "Paused", 3])
def test_a_state_nobody_knows_is_progress(said):
    """It is asked for again, and never taken for an end."""
    assert Upload.from_wire({**UPLOAD, "state": said}).state is UploadState.PROGRESS


@pytest.mark.parametrize("document", [None, [], {}, {"id": 5}, {"id": ""}])
def test_what_has_no_id_is_no_upload_and_no_file(document):
    """An answer of another shape is not half understood."""
    for kind in (Upload, MediaFile):
        with pytest.raises(TypeError):
            kind.from_wire(document)


_texts = st.none() | st.text(min_size=1)
_sizes = st.none() | st.integers(0, 2**40)


@given(
    st.builds(
        Upload, st.text(min_size=1), st.sampled_from(UploadState), st.integers(0, 2**40), st.integers(0, 2**40),
        source_url=_texts, filename=_texts, mime_type=_texts, size=_sizes, unique_identifier=_texts, message=_texts,
    )
)  # fmt: skip
def test_an_upload_survives_the_wire(upload):
    """Out and in again it is the same."""
    assert Upload.from_wire(upload.to_wire()) == upload


@given(
    st.builds(
        MediaFile, st.text(min_size=1), public_url=_texts, source_url=_texts, filename=_texts, mime_type=_texts,
        size=_sizes, extension=_texts, width=st.just(3), height=st.just(4), unique_identifier=_texts,
        location=st.just({"hostname": "h", "containername": "c", "filename": "f"}),
    )
)  # fmt: skip
def test_a_file_survives_the_wire(file):
    """Out and in again it is the same."""
    assert MediaFile.from_wire(file.to_wire()) == file
