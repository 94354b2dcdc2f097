"""What is said to the portal, without a wire: a list of answers in its place."""

import json
from dataclasses import dataclass, field
from io import BytesIO

import pytest

from occtoo_frames._push.outcomes import Outcome
from occtoo_frames.carecloud.conversation import Call, Parcel, RefusedError, Tell, import_steps
from occtoo_frames.carecloud.paging import query_steps
from occtoo_frames.protocol.carecloud import Envelope, FieldError, Ticket, discreet, state_of, state_texts
from occtoo_frames.protocol.conversing import Patience, Pause
from occtoo_frames.protocol.fold import fold
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Asked

BASE = "https://portal.example"
TICKET = {"ActionId": "a1", "FileId": "f1", "FilePath": "b/f1/x", "Url": "https://storage.example/x?X-Amz-Signature=s"}
DIGEST = "0cc175b9c0f1b6a831c399e269772661"


class Body:
    """A body of one byte."""

    size = 1

    def open(self):
        """Its byte."""
        return BytesIO(b"a")


PARCEL = Parcel("wks_family", "x.cc5txt", Body(), DIGEST, "w", "b", {"ActionId": "mine", "Tags": ["t"]})


def says(success=True, status=200, data=None, **more):  # noqa: FBT002 - reads well in a list of answers
    """An answer in the envelope."""
    return Asked(Response(status, {}, json.dumps(Envelope(success, data or {}, **more).to_wire()).encode()))


def gateway(status, message):
    """A refusal of what stands before the portal."""
    return Asked(Response(status, {}, json.dumps({"message": message}).encode()))


def stored(etag=DIGEST):
    """What the storage says of a good PUT."""
    return Asked(Response(200, {"etag": f'"{etag}"'}))


def expired():
    """What the storage says of an old address."""
    return Asked(Response(403, {}, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"))


NO_ANSWER = Asked(Failure("no answer in time", sent=True), unsure=True)
NO_SERVER = Asked(Failure("the connection was refused", sent=False))
DONE = says(data={"Status": "Completed"})


@dataclass
class Talk:
    """Runs steps against a list of answers."""

    answers: list
    calls: list = field(default_factory=list)
    told: list = field(default_factory=list)
    waited_s: float = 0.0

    def run(self, steps):
        """What the steps come to."""
        answer = None
        try:
            while True:
                step = steps.send(answer)
                if isinstance(step, Pause):
                    self.waited_s += step.seconds
                    answer = None
                elif isinstance(step, Tell):
                    self.told.append(step.text)
                    answer = None
                else:
                    assert isinstance(step, Call)
                    self.calls.append(step)
                    answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        except StopIteration as end:
            return end.value

    def imports(self, *, mode="async", wait=True, max_wait_s=60.0):
        """The fate of an import."""
        patience = Patience(max_wait_s, lambda: self.waited_s)
        return self.run(import_steps(BASE, PARCEL, mode=mode, wait=wait, patience=patience))

    @property
    def said(self):
        """Method and path of each call."""
        return [
            (call.request.method, call.request.url.partition("example")[2].partition("?")[0]) for call in self.calls
        ]


ASK, PUT = ("POST", "/appfile/file/path"), ("PUT", "/x")
IMPORT, WAITING = ("POST", "/appdata/import/file/async"), ("POST", "/appfile/file/import")
STATUS = ("GET", "/appfile/file/f1")


def test_the_four_steps():
    """Address, PUT, import, state, each as documented."""
    talk = Talk([says(data=TICKET), stored(), says(data={"Status": "Importing"}), DONE])
    assert talk.imports().outcome is Outcome.ACCEPTED
    assert talk.said == [ASK, PUT, IMPORT, STATUS]
    asked, imported = (json.loads(talk.calls[place].request.body) for place in (0, 2))
    assert asked == {
        "WorkspaceId": "w", "BucketId": "b", "EntityType": "wks_family", "FileName": "x.cc5txt", "ActionId": "mine",
        "Tags": ["t"],
    }  # fmt: skip
    assert imported == {
        "ActionId": "a1", "Description": None, "FileType": "cc5", "FileId": "f1", "FilePath": "b/f1/x",
    }  # fmt: skip


def test_only_the_put_goes_elsewhere():
    """It alone is no call to the portal, and it has one header."""
    talk = Talk([says(data=TICKET), stored(), says(), DONE])
    talk.imports()
    assert [call.to_portal for call in talk.calls] == [True, False, True, True]
    assert dict(talk.calls[1].request.headers) == {"Content-Type": "application/octet-stream"}


def test_an_expired_address_is_asked_for_once_more():
    """Once: the second time it is the end, and nothing was imported."""
    talk = Talk([says(data=TICKET), expired(), says(data=TICKET), stored(), says(), DONE])
    assert talk.imports().outcome is Outcome.ACCEPTED
    assert talk.said == [ASK, PUT, ASK, PUT, IMPORT, STATUS]
    again = Talk([says(data=TICKET), expired(), says(data=TICKET), expired()])
    with pytest.raises(RefusedError):
        again.imports()
    assert again.said == [ASK, PUT, ASK, PUT]


@pytest.mark.parametrize("answer", [
    gateway(504, "Endpoint request timed out"), NO_ANSWER, Asked(Response(502), 1), gateway(200, "fine"),
    Asked(Response(200, {}, b"<html>ok</html>")), Asked(Response(204)),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["async", "sync"])
def test_an_import_without_an_answer_is_not_repeated(answer, mode):
    """Its state is asked for instead, until it has ended."""
    pending = says(data={"Status": "Importing"})
    talk = Talk([says(data=TICKET), stored(), answer, pending, pending, DONE])
    assert talk.imports(mode=mode).outcome is Outcome.ACCEPTED
    assert talk.said == [ASK, PUT, WAITING if mode == "sync" else IMPORT, STATUS, STATUS, STATUS]
    assert talk.calls[2].idempotent is False
    assert [call.request.fresh for call in talk.calls[:4]] == [False, False, True, False]
    assert len(talk.told) == 1


def test_an_import_that_got_no_answer_and_never_began_names_both():
    """What was lost, and what the portal still says; nothing of it is silent while it is waited for."""
    talk = Talk([says(data=TICKET), stored(), NO_ANSWER, says(data={"Status": "Uploaded"})])
    fate = talk.imports(max_wait_s=1.0)
    assert fate.outcome is Outcome.UNKNOWN
    assert all(part in fate.reason for part in ("no answer in time", "'Uploaded'", "import it again"))
    assert talk.told == [
        "the request for the import got no clear answer (no answer in time): the state of file f1 is asked for instead"
    ]
    unasked = Talk([says(data=TICKET), stored(), NO_ANSWER]).imports(wait=False)
    assert "no answer in time" in unasked.reason


@pytest.mark.parametrize("lost", [Asked(Response(202, {}, b'{"id":"')), Asked(Response(502)), NO_ANSWER])
def test_an_answer_about_the_state_may_get_lost(lost):
    """Four times in a row; five end it."""
    pending = says(data={"Status": "Importing"})
    talk = Talk([says(data=TICKET), stored(), says(), *[lost] * 4, pending, *[lost] * 4, DONE])
    assert talk.imports().outcome is Outcome.ACCEPTED
    given_up = Talk([says(data=TICKET), stored(), says(), pending, *[lost] * 5, DONE])
    fate = given_up.imports()
    assert (fate.outcome, fate.state) == (Outcome.UNKNOWN, "Importing")
    assert "cannot be asked for" in fate.reason


@pytest.mark.parametrize("answer", [NO_SERVER, gateway(403, "Forbidden"), gateway(413, "Request Too Long")])
def test_an_import_that_did_not_begin_is_an_error(answer):
    """Nothing was imported, and nobody asks for its state."""
    talk = Talk([says(data=TICKET), stored(), answer])
    with pytest.raises(RefusedError):
        talk.imports()
    assert talk.said == [ASK, PUT, IMPORT]


def test_no_under_200_is_no():
    """``IsSuccess`` decides."""
    talk = Talk([says(data=TICKET), stored(), says(success=False, code="BadCount", message="line 99")])
    fate = talk.imports()
    assert (fate.outcome, fate.reason) == (Outcome.REJECTED, "BadCount: line 99")
    with pytest.raises(RefusedError):
        Talk([says(success=False)]).imports()


def test_a_wait_has_an_end():
    """Then the outcome is unknown, and the state is said."""
    talk = Talk([says(data=TICKET), stored(), says(), says(data={"Status": "Importing"})])
    fate = talk.imports(max_wait_s=30.0)
    assert fate.outcome is Outcome.UNKNOWN
    assert "'Importing'" in fate.reason
    assert talk.waited_s == pytest.approx(30.0)


def test_a_state_that_cannot_be_asked_for_is_unknown():
    """Not accepted, not rejected."""
    for answer in (NO_ANSWER, says(success=False, status=404), gateway(403, "Forbidden")):
        fate = Talk([says(data=TICKET), stored(), says(), answer]).imports()
        assert fate.outcome is Outcome.UNKNOWN


def test_waiting_in_the_portal_asks_for_the_state_once():
    """For the lines that were refused; a state that says nothing leaves the yes standing."""
    error = FieldError("InvalidValue", "dob", "Line 7: the value is no date")
    partly = says(data={"Status": "CompletedWithErrors", "Refused": 1}, errors=(error,))
    fate = Talk([says(data=TICKET), stored(), says(), partly]).imports(mode="sync")
    assert (fate.outcome, fate.errors, fate.errors[0].line, fate.refused) == (Outcome.ACCEPTED, (error,), 7, 1)
    assert Talk([says(data=TICKET), stored(), says(), says()]).imports(mode="sync").outcome is Outcome.ACCEPTED


def test_nobody_need_wait():
    """Then the outcome is unknown yet."""
    talk = Talk([says(data=TICKET), stored(), says()])
    assert talk.imports(wait=False).outcome is Outcome.UNKNOWN
    assert talk.said == [ASK, PUT, IMPORT]


def test_other_bytes_in_the_storage_are_not_imported():
    """An ETag of 32 hex digits is the MD5; another kind says nothing."""
    with pytest.raises(RefusedError, match="other bytes"):
        Talk([says(data=TICKET), stored("1" * 32)]).imports()
    assert Talk([says(data=TICKET), stored(f"{'1' * 32}-2"), says(), DONE]).imports().outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Success", "done"), ("SUCCEEDED", "done"), ("imported", "done"), ("Complete", "done"), ("Completed", "done"),
        ("CompletedWithErrors", "done"), ("Failed", "failed"), ("failure", "failed"), ("Error", "failed"),
        ("ImportFailed", "failed"), ("Importing", "pending"), ("Queued", "pending"), ("", "pending"),
    ],
)  # fmt: skip
def test_states_are_read_by_their_words(text, state):
    """In Data or in Data.File, under any name that ends in state or status."""
    assert state_of({"status": text}) == state_of({"file": {"ImportState": text}}) == state


@pytest.mark.parametrize("twice", [{}, {"STATE": "Done", "filestatus": "row 9 of 9"}])
def test_states_are_told_in_the_order_of_the_answer(twice):
    """And of two under one name in other letters the first."""
    data = {"State": "Importing", "FileStatus": "row 1 of 2", "File": {"One_State": "x", "Two_State": "y"}} | twice
    assert state_texts(fold(data)) == ("Importing", "row 1 of 2", "x", "y")


def test_an_envelope_is_read_in_any_case():
    """And there and back."""
    envelope = Envelope(success=False, data={}, code="c", message="m", errors=(FieldError("e", "f", "Line 3: x"),))
    wire = envelope.to_wire()
    assert Envelope.from_wire(wire) == envelope
    lower = {name[0].lower() + name[1:]: value for name, value in wire.items()}
    assert Envelope.from_wire(json.loads(json.dumps(lower).replace("ErrorCode", "errorcode"))) == envelope
    with pytest.raises(TypeError):
        Envelope.from_wire({"message": "Forbidden"})


def test_a_ticket_may_stand_in_its_file():
    """Some answers nest it."""
    nested = {"actionid": "a1", "file": {name: value for name, value in TICKET.items() if name != "ActionId"}}
    assert Ticket.from_data(nested) == Ticket("a1", "f1", "b/f1/x", TICKET["Url"])
    with pytest.raises(RefusedError, match="FileId"):
        Talk([says(data={"ActionId": "a"})]).imports()


def test_records_are_asked_for_page_by_page():
    """Until a page is empty, for a portal may give fewer at a time than it is asked for; or the count is reached."""
    pages = [says(data={"Items": items}) for items in ([{"n": 1}, {}], [{"n": 2}, {}], [{"n": 3}], [])]
    talk = Talk(pages)
    assert len(talk.run(query_steps(BASE, "family", {"Filter": {}}, None, 2))) == 3
    asked = [json.loads(call.request.body) for call in talk.calls]
    assert [(each["Skip"], each["Take"]) for each in asked] == [(0, 2), (2, 2), (4, 2), (5, 2)]
    counted = Talk([says(data={"Items": [{}, {}], "Count": 2})])
    assert len(counted.run(query_steps(BASE, "family", {}, None, 2))) == 1


def records(first, last, **more):
    """A page of records by number."""
    return says(data={"Items": [{"entityId": f"k{number}"} for number in range(first, last)], **more})


def test_a_portal_that_gives_less_than_is_asked_for_is_asked_on():
    """Each page goes on where the one before it ended."""
    talk = Talk([records(0, 2, Count=5), records(2, 4, Count=5), records(4, 5, Count=5)])
    assert len(talk.run(query_steps(BASE, "family", {}, None, 100))) == 3
    assert [json.loads(call.request.body)["Skip"] for call in talk.calls] == [0, 2, 4]


@pytest.mark.parametrize("page", [records(0, 2), records(0, 2, Count=5), says(data={"Items": [{"n": 1}, {"n": 2}]})])
def test_a_portal_that_does_not_skip_is_found_out(page):
    """By keys that were there before, or by a page that is the one before."""
    with pytest.raises(RefusedError, match="record twice"):
        Talk([page]).run(query_steps(BASE, "family", {}, None, 2))


def test_records_that_the_portal_counts_and_does_not_give_are_an_error():
    """Nobody takes a part for the whole."""
    with pytest.raises(RefusedError, match="counts 5 records and gave 2"):
        Talk([records(0, 2, Count=5), records(0, 0, Count=5)]).run(query_steps(BASE, "family", {}, None, 2))


def test_what_may_be_personal_is_left_out_of_words():
    """Quotes, addresses of mail, numbers as long as a birthday."""
    said = "Line 12: '19900101-1234' of anna@example.com, 900101-1234, line 123456"
    shown = discreet(said)
    assert not {"1990", "anna", "900101"} & set(shown.split())
    assert shown == "Line 12: '…' of …, …, line 123456"
