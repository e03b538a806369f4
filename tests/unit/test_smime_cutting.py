"""Cutting S/MIME never raises and never shows what was not between the delimiters."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from secure_mail.application.ports.smime import Signature
from secure_mail.infrastructure.smime import cms
from secure_mail.infrastructure.smime.entity import Entity, signed_parts, unwrapped
from secure_mail.infrastructure.smime.openssl import OpenSsl
from secure_mail.infrastructure.smime.verifier import OpenSslDecrypter, OpenSslVerifier
from tests.smime_made import ENTITY, HEADER, multipart, pkcs7

ABSENT = OpenSsl(program="/nonexistent/openssl")
VERIFIER = OpenSslVerifier(openssl=ABSENT)
DECRYPTER = OpenSslDecrypter(key=b"", certificate=b"", openssl=ABSENT)
PIECES = [
    b"\r\n",
    b"\n",
    b"--cut",
    b"--cut--",
    b"Content-Type: multipart/signed; boundary=cut; protocol=application/pkcs7-signature",
    b"Content-Type: application/pkcs7-mime",
    b"Content-Type: application/pkcs7-signature",
    b"Content-Transfer-Encoding: base64",
    b"\x30\x80",
    b"\x06\x09" + cms.SIGNED_DATA,
    b"MIAGCSqGSIb3DQEHAqCAMIA=",
    ENTITY,
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=12)).map(b"".join))
@example(b"")
@example(b"\r\n")
@example(b"\r\n\r\n")
def test_whatever_comes_is_told_without_an_exception(raw):
    for octets in (raw, HEADER + raw, multipart(ENTITY, raw), pkcs7(raw, "signed-data")):
        VERIFIER.wrapping(octets)
        assert VERIFIER.verify(octets, ["pem"]).state is not Signature.VALID
        assert DECRYPTER.decrypt(octets) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_a_cms_object_is_read_or_malformed(octets):
    for made in (octets, b"\x30\x80" + octets, b"\x30\x80\x06\x09" + cms.SIGNED_DATA + octets):
        for read in (cms.content_type, cms.signed_facts):
            try:
                read(made)
            except cms.MalformedError:
                continue


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"\r\n--cut-\r\n")
@example(b"--cut \t")
def test_the_content_is_cut_to_the_octet(content):
    parts = signed_parts(Entity.parse(multipart(content, b"signature")))
    assert parts is None or parts.content == content
    if b"--cut" not in content:
        assert parts is not None
        assert parts.signature == b"signature"


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_of_the_outer_message_only_other_header_fields_stay(inside):
    outer = Entity.parse(HEADER + b"Content-Type: text/html\r\nNo field\r\n\r\nouter body")
    made = unwrapped(outer, inside)
    if made is not None:
        assert made.startswith(HEADER + b"MIME-Version: 1.0\r\n")
        assert b"outer body" not in made
        assert b"text/html" not in made
        assert b"No field" not in made
