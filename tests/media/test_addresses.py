"""Which addresses may be fetched from: the same rule for the client's probe and for the sandbox."""

from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from occtoo_frames._api.media_probe import link_trouble
from occtoo_frames._sandbox.media_fetch import hosts
from occtoo_frames.protocol.addresses import address_flaw, as_written, host_flaw, host_of, link_flaw

HERE = Path(__file__).parent
REFUSED = (HERE / "addresses_refused.txt").read_text(encoding="utf-8").split()
TAKEN = (HERE / "addresses_taken.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("link", REFUSED)
def test_no_form_of_a_private_address_is_taken(link):
    """Nor users, other schemes, numbers that are no addresses; the probe refuses them without a packet."""
    assert host_flaw(link) is not None
    assert link_trouble(link) == host_flaw(link)


def test_the_list_is_long_enough():
    """Sixty forms and more, none twice."""
    assert len(set(REFUSED)) == len(REFUSED) >= 60


@pytest.mark.parametrize("link", REFUSED)
def test_the_sandbox_refuses_them_too_when_every_public_host_is_allowed(link):
    """``*`` is the public internet, not this machine."""
    assert hosts(["*"]).flaw(link) is not None


@pytest.mark.parametrize("link", TAKEN)
def test_public_addresses_are_taken(link):
    """Names in any script, ports, queries, public numbers."""
    assert host_flaw(link) is None


@pytest.mark.parametrize(
    "link", ["http://a b.com/", "http://a.com/\t", "", " ", "http://x/" + "a" * 3000, "http://a\u00a0.com"]
)
def test_what_is_no_link_is_refused_by_its_text(link):
    """Spaces, control characters, emptiness, endless length."""
    assert link_flaw(link) is not None


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_seen_through(address):
    """Decimal, hexadecimal, octal, shortened: the same address, and the same verdict."""
    number = int(address)
    spellings = (str(number), hex(number), f"0{number:o}", f"{number >> 24}.{number & 0xFFFFFF}", f"[::ffff:{address}]")
    for host in spellings[:-1]:
        assert as_written(host) == address
    for host in spellings:
        assert (host_flaw(f"http://{host}/") is None) == (address_flaw(address) is None)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_private(address):
    """The registries of special addresses are a lower bound."""
    if not address.is_global:
        assert address_flaw(address) is not None


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_another_is_judged_itself(address):
    """6to4 and NAT64 reach what is inside."""
    assume(address_flaw(address) is not None)
    number = int(address)
    for wrapped in (IPv6Address((0x2002 << 112) | (number << 80)), IPv6Address((0x64FF9B << 96) | number)):
        assert address_flaw(wrapped) is not None


def test_an_allowed_name_may_not_resolve_to_this_machine():
    """A name on the sandbox's list is no way in; only the owner who wrote the very address gets there."""
    allowed = hosts(["cdn.example.com", "127.0.0.1", "localhost"])
    assert allowed.judge("cdn.example.com", "127.0.0.1") is not None
    assert allowed.judge("cdn.example.com", "8.8.8.8") is None
    assert allowed.judge("127.0.0.1", "127.0.0.1") is None
    assert allowed.judge("localhost", "::1") is None


def test_hosts_are_compared_as_they_are_called():
    """Case, script and a final dot make no other host."""
    assert host_of("https://FÄRG.se./x") == "xn--frg-qla.se"
    assert hosts(["Cdn.Example.com"]).flaw("https://cdn.example.com./a") is None
