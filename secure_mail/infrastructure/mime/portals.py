"""Signs of mail that is only a link to somebody else's secure mail service (data, not code).

Such mail has not arrived: its content lies behind an account that the body does not have.
"""

from __future__ import annotations

HOSTS = (
    # Finland
    "turvaviesti.fi", "turvaposti.fi", "securemail.fi", "suojattuposti.fi", "tiltu.fi",
    "deltagon.com", "deltagon.fi", "fujitsu-securemail.fi",
    # elsewhere
    "zivver.com", "zivver.eu", "zixmessagecenter.com", "zixmail.net", "zixcorp.com",
    "securemailportal.com", "res.cisco.com", "egress.com", "trustifi.com", "virtru.com",
    "encrypt.barracudanetworks.com", "encrypt-uk.barracudanetworks.com", "incamail.ch",
    "im.post.ch", "seppmail.ch", "seppmail.cloud", "totemo.com", "ftapi.com", "cryptshare.com",
    "hushmail.com", "sendsafely.com", "lockbin.com", "smartlockr.eu", "echoworx.com",
    "securemessagecenter.com", "mailcontrol.com", "mimecast.com", "proofpoint.com",
)  # fmt: skip
"""Hosts, and hosts under them."""

HOST_WORDS = (
    "securemail", "secure-mail", "secmail", "turvaviesti", "turvaposti", "turvamail",
    "suojattuviesti", "securemessage", "securereader", "encryptedmail", "cryptmail",
)  # fmt: skip
"""First labels of hosts on which such services are commonly put."""

PATHS = ("/encryption/retrieve.ashx", "/securereader/", "/formpostdir/securereader", "/websafe/",
         "/mail/#", "/message_zdm", "/s/e?")  # fmt: skip
"""Beginnings of paths that only such services have."""

FILES = ("message.rpmsg", "message_v2.rpmsg", "message_v3.rpmsg", "message_v4.rpmsg",
         "securedoc.html", "secmail.html", "message_zdm.html", "encrypted_message.htm",
         "encrypted_message.html", "securemessageatt.html", "smail.html")  # fmt: skip
"""Names of attached wrappers that open only at the service."""

FILE_STEMS = ("securedoc_", "secmail_", "securemessage_")
