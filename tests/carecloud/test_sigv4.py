"""Signed addresses: an independent signer agrees, and what is wrong is said in order."""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames.protocol.sigv4 import Signer

SIGNER = Signer("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1")
NOW = datetime(2026, 11, 22, 8, 30, 0)


def theirs(method: str, url: str, expires_s: int = 900, signer: Signer = SIGNER) -> str:
    """The address as botocore signs it now."""
    request = AWSRequest(method, url)
    credentials = Credentials(signer.access_key, signer.secret_key)
    S3SigV4QueryAuth(credentials, signer.service, signer.region, expires=expires_s).add_auth(request)
    return request.url


def signed_at(url: str) -> datetime:
    """The time that an address says."""
    return datetime.strptime(dict(parse_qsl(urlsplit(url).query))["X-Amz-Date"], "%Y%m%dT%H%M%SZ")  # noqa: DTZ007 - Z


def broken(url: str, method: str = "PUT", now: datetime | None = None, **changed: str | None) -> str | None:
    """What is wrong with an address whose parameters were changed."""
    parts = urlsplit(url)
    query = [(name, changed.get(name.replace("-", "_"), value)) for name, value in parse_qsl(parts.query)]
    kept = [(name, value) for name, value in query if value is not None]
    return SIGNER.broken(method, parts.path, kept, parts.netloc, now or signed_at(url))


@given(st.text(st.characters(codec="utf-8", exclude_characters="/", exclude_categories=["Cs", "Cc"]), min_size=1))
def test_our_addresses_are_those_of_botocore(name):
    """For any name of a file, byte for byte."""
    from urllib.parse import quote

    url = f"https://bucket.s3.eu-central-1.amazonaws.com/folder/x{quote(name, safe='')}"
    their = theirs("PUT", url)
    ours = SIGNER.presign("PUT", url, now=signed_at(their), expires_s=900)
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(their).query))
    assert urlsplit(ours)[:3] == urlsplit(their)[:3]
    assert broken(their) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"X_Amz_Signature": None}, "parameters"),
        ({"X_Amz_Algorithm": "AWS4-HMAC-SHA1"}, "parameters"),
        ({"X_Amz_Date": "yesterday"}, "parameters"),
        ({"X_Amz_Expires": "0"}, "parameters"),
        ({"X_Amz_Credential": "AKIDEXAMPLE"}, "parameters"),
        ({"X_Amz_Signature": "0" * 64}, "signature"),
        ({"X_Amz_Credential": "OTHER/20261122/eu-central-1/s3/aws4_request"}, "signature"),
        ({"X_Amz_Expires": "901"}, "signature"),
    ],
)
def test_a_changed_address_is_refused(changed, said):
    """Whatever was changed."""
    url = SIGNER.presign("PUT", "https://host/a", now=NOW, expires_s=900)
    assert broken(url, **changed) == said
    assert broken(url) is None


def test_expiry_is_said_before_a_wrong_signature():
    """The order is that of the documents."""
    url = SIGNER.presign("PUT", "https://host/a", now=NOW, expires_s=900)
    late = NOW + timedelta(seconds=901)
    assert broken(url, now=NOW + timedelta(seconds=900)) is None
    assert broken(url, now=late, X_Amz_Signature="0" * 64) == "expired"
    assert broken(url, now=late, X_Amz_Signature=None) == "parameters"


def test_the_method_and_the_host_are_signed():
    """An address for putting is none for getting, nor for another host."""
    url = SIGNER.presign("PUT", "https://host/a", now=NOW, expires_s=900)
    assert broken(url, method="GET") == "signature"
    assert broken(url.replace("//host", "//other")) == "signature"


def test_a_signer_shows_no_secret():
    """Not in its repr."""
    assert SIGNER.secret_key not in repr(SIGNER)
