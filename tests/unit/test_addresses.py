"""Where a webhook may go: what is public, what is inside and said to be, and what never."""

import pytest

from serving.addresses import AddressRefused, check_url, checked

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1"]
INSIDE = [
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "127.0.0.1",
    "::1",
    "fd00::8",
    "::ffff:10.0.0.8",
    "::ffff:127.0.0.1",
]
NEVER = [
    "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "255.255.255.255",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:8", "2002:a00:8::1", "::ffff:0.0.0.0",
    "::10.0.0.8", "::93.184.216.34",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_sent_to(address):
    assert checked([address], internal=False) == address
    assert checked([address], internal=True) == address


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_may_be_sent_to_only_if_it_was_registered_so(address):
    assert checked([address], internal=True) == address
    with pytest.raises(AddressRefused):
        checked([address], internal=False)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_sent_to(address):
    for internal in (False, True):
        with pytest.raises(AddressRefused):
            checked([address], internal=internal)


def test_one_bad_address_of_a_name_refuses_them_all_and_no_address_is_none():
    with pytest.raises(AddressRefused):
        checked([PUBLIC[0], "10.0.0.8"], internal=False)
    with pytest.raises(AddressRefused, match="has no address"):
        checked([], internal=True)


@pytest.mark.parametrize(
    ("url", "outside", "inside"),
    [
        ("https://cases.example.org/hooks?x=1", True, True),
        ("https://cases.example.org:8443/hooks", True, True),
        ("http://cases.example.org/hooks", False, True),
        ("http://127.0.0.1:8080/hooks", False, True),
        ("ftp://cases.example.org/", False, False),
        ("https://", False, False),
        ("cases.example.org", False, False),
        ("https://user:secret@cases.example.org/", False, False),
        ("https://cases.example.org/#part", False, False),
        ("https://cases.example.org:port/", False, False),
        ("https://[::1", False, False),
        ("https://个案.example.org/", False, False),
        ("file:///etc/passwd", False, False),
        ("https://cases.example.org/a b", False, False),
        ("https://cases.example.org/\r\nX-Y: z", False, False),
        ("https://10.0.0.8/hooks", False, True),
        ("https://[::ffff:127.0.0.1]/", False, True),
        ("https://2130706433/", False, True),
        ("https://0x7f.1/", False, True),
        ("https://0177.0.0.1/", False, True),
        ("https://169.254.169.254/latest", False, False),
        ("https://2852039166/latest", False, False),
        ("https://[fe80::1%25eth0]/", False, False),
        ("https://0/", False, False),
        ("https://93.184.216.34/", True, True),
    ],
)
def test_an_address_is_whole_and_has_tls_unless_it_stands_inside(url, outside, inside):
    for internal, allowed in ((False, outside), (True, inside)):
        if allowed:
            check_url(url, internal=internal)
        else:
            with pytest.raises(AddressRefused):
                check_url(url, internal=internal)
