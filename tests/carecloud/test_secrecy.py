"""Keys, signatures and people's data are shown to nobody who need not see them."""

import json
import logging
from dataclasses import replace

import pandas as pd
import pytest
from families import imported

import occtoo_frames as of

SECRET = "19900102-1234"


def test_a_refusal_of_the_storage_shows_no_signature(box, monkeypatch):
    """Its code and message, though its answer says more."""
    from occtoo_frames._sandbox import portal

    ticket = portal.Portal.ticket

    def changed(self, *said):
        good = ticket(self, *said)
        return replace(good, url=good.url + "0")

    monkeypatch.setattr(portal.Portal, "ticket", changed)
    with pytest.raises(of.AuthenticationError, match="SignatureDoesNotMatch") as caught:
        imported()
    assert "X-Amz" not in str(caught.value)


def test_the_key_of_the_portal_never_reaches_the_storage(box, monkeypatch):
    """Nor does any header of its, even though both stand at one address here."""
    sent = []
    transport = box.connection.session._transport
    send = transport.send
    monkeypatch.setattr(transport, "send", lambda request, **more: sent.append(request) or send(request, **more))
    imported()
    to_storage = [dict(request.headers) for request in sent if "/storage/" in request.url]
    assert to_storage == [{"Content-Type": "application/octet-stream"}]
    others = [request.headers for request in sent if "/storage/" not in request.url]
    assert all(headers["x-api-key"] == box.connection.carecloud_api_key.reveal() for headers in others)
    assert box.connection.carecloud_api_key.reveal() not in repr(sent)


def test_a_portal_that_repeats_the_key_is_shown_without_it(box, monkeypatch):
    """In the report of an import that failed."""
    key = box.connection.carecloud_api_key.reveal()
    transport = box.connection.session._transport
    send = transport.send

    def answer(request, **more):
        event = send(request, **more)
        if request.method != "GET":
            return event
        told = {"ErrorCode": key, "Message": f"key {key}", "Errors": [{"FieldName": "f", "Message": f"by {key}"}]}
        failed = {"IsSuccess": True, "ResponseStatus": told, "Data": {"State": "Failed"}}
        return replace(event, body=json.dumps(failed).encode())

    monkeypatch.setattr(transport, "send", answer)
    report = imported()
    assert report.outcome == "rejected"
    assert "***" in report.reason
    said = (repr(report), str(report.to_dict()), str(report.rows.to_dicts()), str(report.errors.to_dicts()))
    assert not [text for text in said if key in text]


def test_nobodys_data_stands_in_logs_errors_or_reports(box, caplog):
    """Keys and columns do."""
    caplog.set_level(logging.DEBUG)
    frame = pd.DataFrame({"entityId": ["k1", "k2"], "ssn": [SECRET, f"{SECRET}\r"]})
    with pytest.raises(of.InvalidRowsError) as caught:
        imported(frame)
    report = imported(frame, on_invalid="skip")
    for fault in ("not_success", "bad_key", "wrong_etag"):
        box.faults(fault)
        with pytest.raises(of.OcctooError) as refused:
            imported(frame.head(1))
        assert SECRET not in str(refused.value)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name == "occtoo_frames")
    said = [caplog.text, str(caught.value), repr(report), report.rows.to_string(), report.errors.to_string()]
    said += [caught.value.problems.to_string(), repr(report.file), str(report.to_dict())]
    assert not [text for text in said if SECRET in text]
    assert "Signature" not in logged
    assert box.connection.carecloud_api_key.reveal() not in caplog.text
    assert "PUT" in logged


def test_an_address_that_is_not_https_gets_no_file(box, monkeypatch):
    """Unless it is this machine."""
    from occtoo_frames._sandbox import portal

    monkeypatch.setattr(portal.Portal, "ticket", _elsewhere)
    with pytest.raises(of.ProtocolError, match="not https"):
        imported()


def _elsewhere(*_arguments):
    from occtoo_frames.protocol.carecloud import Ticket

    return Ticket("a", "f", "p", "http://storage.example/x?X-Amz-Signature=s")
