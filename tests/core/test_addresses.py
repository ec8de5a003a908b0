import unicodedata

import pytest
from django.core.exceptions import ValidationError

from core.addresses import clean_address, clean_address_or_none, mailbox, readable_address

MUENCHEN = "x@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ana@example.org", "ana@example.org"),
        (" Ana@Example.ORG\n", "ana@example.org"),
        ("x@münchen.example", MUENCHEN),
        (unicodedata.normalize("NFD", "x@münchen.example"), MUENCHEN),
        ("X@MÜNCHEN.example", MUENCHEN),
        ("x@XN--MNCHEN-3YA.example", MUENCHEN),
        ("x@münchen。example", MUENCHEN),
        # Not the same domain as strasse.de, just as for browsers and DNS.
        ("x@straße.de", "x@xn--strae-oqa.de"),
        ("x@日本語.jp", "x@xn--wgv71a119e.jp"),
        ("o'neil+kith@mail.example.co.uk", "o'neil+kith@mail.example.co.uk"),
        ("x@localhost", "x@localhost"),
        ("x@[192.0.2.1]", "x@[192.0.2.1]"),
    ],
)
def test_a_mailbox_has_one_spelling(typed, kept):
    assert clean_address(typed) == kept
    assert clean_address(kept) == kept, "and cleaning it again changes nothing"


@pytest.mark.parametrize(
    "typed",
    [
        "ana\u200b@example.org", "ana@exam\u200bple.org", "ana@exa\u00admple.org", "ana@example.org\u2060",
        "\ufeffana@example.org", "ana\u202e@example.org", "a na@example.org", "ana@exam ple.org",
        "ana\u00a0@example.org",
        "ana\0@example.org", "ana\x7f@example.org", "ana\ud800@example.org", "ana@example.org\nbcc: eve@example.org",
        "", "ana", "@example.org", "ana@", "ana@example", "ana@@example.org", "ana@xn--.org", "ana@xn--a-ecp.ru\u0378",
        "ana@-example.org", "ana@exa_mple.org", "ana@☃.example", "ö@example.org", f"{'a' * 250}@example.org",
    ],
)  # fmt: skip
def test_an_invalid_address_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_address(typed)
    assert clean_address_or_none(typed) is None


def test_pages_show_addresses_in_unicode():
    assert readable_address(MUENCHEN) == "x@münchen.example"
    assert readable_address("ana@example.org") == "ana@example.org"
    assert readable_address("x@xn--zzzzzzzzz.example") == "x@xn--zzzzzzzzz.example"
    assert readable_address("") == ""


def test_addresses_with_a_plus_belong_to_one_mailbox():
    assert mailbox("ana+one@example.org") == mailbox("ana+two@example.org") == "ana@example.org"
    assert mailbox("+@example.org") == "+@example.org"
