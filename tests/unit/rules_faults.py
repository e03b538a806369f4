"""Changes that spoil the reference file: name, text, its replacement, words of the fault."""

from __future__ import annotations

LAST_ROUTE = "    when: always\n    then: {queue: triage}\n"
MANY_FILES = "when: {attachments.count: {gt: 15}}"
FIRST_AGAIN = (
    "  - {row: 2, audience: customer, channel: [form], finnish_e_id: true, refuse: use-eidas}\n"
    "  - {row: 2,"
)
IMPOSSIBLE = "when: {all: [{topic: {eq: not_sure}}, {any: [{topic: {eq: student_loan}}]}]}"

FAULTS = [
    (
        "unknown key",
        "  case_prefix: PK",
        "  case_prefix: PK\n  colour: blue",
        "organisation.colour: unknown key",
    ),
    (
        "missing language",
        "fax: {en: +358 20 634 1599, ",
        "fax: {",
        "organisation.fax: en is missing",
    ),
    ("unknown action", "then: {tag: [many-files]}", "then: {drop: true}", "then.drop: unknown key"),
    ("no action", "then: {tag: [many-files]}", "then: {}", "does nothing"),
    (
        "two questions",
        MANY_FILES,
        "when: {attachments.count: {gt: 15, lt: 20}}",
        "exactly one question",
    ),
    (
        "two facts",
        MANY_FILES,
        "when: {size: {gt: 1}, attachments.count: {gt: 15}}",
        "exactly one fact",
    ),
    ("unknown fact", MANY_FILES, "when: {attachment.count: {gt: 15}}", "pattern"),
    ("unknown operator", MANY_FILES, "when: {attachments.count: {over: 15}}", "over: unknown key"),
    (
        "unfit operator",
        MANY_FILES,
        "when: {attachments.count: {contains: x}}",
        "cannot be asked contains",
    ),
    ("unfit value", MANY_FILES, 'when: {attachments.count: {eq: "15"}}', "write a whole number"),
    (
        "unfit flag",
        "{identity_code.in_subject: {eq: true}}",
        "{identity_code.in_subject: {eq: 1}}",
        "write true or false",
    ),
    (
        "impossible word",
        "when: {scan.verdict: {eq: infected}}",
        "when: {scan.verdict: {eq: ill}}",
        "scan.verdict is never ill",
    ),
    (
        "unknown mailbox",
        "{mailbox: {in: [postmaster, abuse]}}",
        "{mailbox: {in: [postmaster, root]}}",
        "mailbox is never root",
    ),
    (
        "unknown topic",
        "when: {topic: {eq: not_sure}}",
        "when: {topic: {eq: unsure}}",
        "topic is never unsure",
    ),
    (
        "unknown list",
        "{contains_any: court_terms}",
        "{contains_any: court_words}",
        "no list court_words",
    ),
    ("bad pattern", "'\\b(883/2004|987/2009)\\b'", "'(?<=x)883'", "does not compile"),
    ("lost boundary", "'\\b(883/2004|987/2009)\\b'", "'\\bäiti'", "knows a-z and digits only"),
    (
        "header in after",
        MANY_FILES,
        "when: {header.x-a: {exists: true}}",
        "in guard and route only",
    ),
    ("unknown queue", "then: {queue: student_loans}", "then: {queue: loans}", "no queue loans"),
    ("unknown sla", "sla: court, tag: [urgent]", "sla: soon, tag: [urgent]", "no sla soon"),
    ("unknown reason", "hold: loop,", "hold: round,", "hold: Input should be"),
    (
        "refusal for doors only",
        "hold: loop,",
        "refuse: stale,",
        "use one of no-such-mailbox, not-a-partner",
    ),
    ("two verdicts", "hold: loop,", "hold: loop, queue: bounces,", "more than one of queue, hold"),
    (
        "queue in after",
        "then: {tag: [many-files]}",
        "then: {queue: triage}",
        "after may not set queue",
    ),
    (
        "guard without stop",
        "notify: [operator]}\n    stop: all",
        "notify: [operator]}",
        "add stop: all",
    ),
    (
        "stop without queue",
        "then: {join_case: true}",
        "then: {join_case: true}\n    stop: stage",
        "stops before a queue",
    ),
    ("stage order", "stage: guard", "stage: after", "guard after after"),
    (
        "duplicate id",
        "- id: many-files",
        "- id: acts-for-another",
        "a second rule acts-for-another",
    ),
    ("reserved id", "- id: many-files", "- id: eligibility-9", "choose another id"),
    ("no catch-all", LAST_ROUTE, LAST_ROUTE.replace("always", "{size: {gt: 0}}"), "when: always"),
    (
        "same condition",
        "when: {topic: {eq: not_sure}}",
        "when: {topic: {in_list: clear_topics}}",
        "chosen-topic asks the same and stops",
    ),
    (
        "after a stop",
        "when: {topic: {in_list: clear_topics}}",
        "when: always",
        "chosen-topic stops every message",
    ),
    (
        "impossible pair",
        "when: {topic: {eq: not_sure}}",
        "when: {all: [{topic: {eq: not_sure}}, {mailbox: {eq: maintenance}}]}",
        "can never be true",
    ),
    ("impossible alone", "when: {topic: {eq: not_sure}}", IMPOSSIBLE, "can never be true"),
    (
        "topic of the wrong audience",
        "    for: [partner]\n    queue: debt_adjustment",
        "    for: [customer_abroad]\n    queue: debt_adjustment",
        "velkajarjestelyt is not for",
    ),
    ("unknown purpose", "[request, question,", "[beg, question,", "no purpose beg"),
    (
        "gap in the table",
        "eidas_usable: false, abroad: false, ",
        "eidas_usable: true, abroad: false, ",
        "no row fits customer, by form",
    ),
    ("row that never decides", "  - {row: 2,", FIRST_AGAIN, "never decides"),
    (
        "row of two verdicts",
        "refuse: use-eidas}",
        "refuse: use-eidas, hold: not-proved}",
        "exactly one of",
    ),
    (
        "row for the wrong box",
        "eligible: [ulkomaanperinta, maintenance]}",
        "eligible: [perintakeskus]}",
        "perintakeskus is not for customer_abroad",
    ),
    ("mailbox that answers", "mail_from: securemail", "mail_from: maintenance", "is a mailbox"),
    ("time zone", "timezone: Europe/Helsinki", "timezone: Europe/Turku", "no such time zone"),
    ("no triage", "  triage:\n    title", "  other:\n    title", "no queue triage"),
    (
        "failing test",
        "expect: {verdict: held, reason: infected",
        "expect: {verdict: filed, reason: infected",
        "expected verdict filed, came held by rule infected",
    ),
    (
        "test of an unknown fact",
        "given: {channel: smtp, mailbox: abuse,",
        "given: {channel: smtp, box: abuse,",
        "no fact box",
    ),
    (
        "test of a wrong value",
        "given: {channel: smtp, mailbox: abuse,",
        "given: {channel: fax, mailbox: abuse,",
        "given channel",
    ),
    (
        "untested rule",
        "attachments.count: 16, scan",
        "attachments.count: 14, scan",
        "no test hits many-files",
    ),
]
