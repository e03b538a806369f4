"""The steps of a message: what each page shows, and what is made of what was typed there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from secure_mail.domain.compose import MAX_SUBJECT, MAX_TEXT, Composition, Step
from secure_mail.domain.identity_codes import CodeKind, find, without_codes
from secure_mail.domain.routing.rulebook import AudienceKind, RuleBook, TopicRule
from secure_mail.interfaces.web.forms import Form

PLAN = "payment_plan"
DECISION = "decision"
"""Purposes of the reference rules with a word of advice on the page."""
SELF, OTHER = "self", "other"
Errors = dict[str, str]
"""Field to what is said beside it, in the order of the fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """For one request: the rules, the language, and whose topics are offered."""

    book: RuleBook
    language: str
    kind: AudienceKind
    say: Callable[..., str]
    """A line of the catalogue with its values."""

    def shown(self, step: Step, typed: Composition, whose: str) -> tuple[str, dict[str, object]]:
        """Template and context of the step's page; `whose` is the second half of "about you"."""
        match step:
            case Step.TOPIC:
                return "topic", {"topics": self._topics(), "values": {"topic": typed.topic}}
            case Step.PURPOSE:
                return "purpose", self._purpose(typed)
            case Step.ABOUT if self.asks_whose(whose):
                chosen = {None: "", True: OTHER, False: SELF}[typed.acts_for]
                return "about_who", {"values": {"who": chosen}}
            case Step.ABOUT:
                return "about", self._about(typed, whose)
            case _:
                return "message", {
                    "max_text": MAX_TEXT,
                    "plan": typed.purpose == PLAN,
                    "values": {"subject": typed.subject, "text": typed.text},
                }

    def typed(
        self, step: Step, form: Form, before: Composition, whose: str
    ) -> tuple[Composition, Errors]:
        """The answers with those of this step in them, whether or not there are errors."""
        match step:
            case Step.TOPIC:
                return self._topic_chosen(form.line("topic"), before)
            case Step.PURPOSE:
                return self._purpose_chosen(form.line("purpose"), before)
            case Step.ABOUT if self.asks_whose(whose):
                return self._whose_chosen(form.line("who"), before)
            case Step.ABOUT:
                return self._about_typed(form, before, whose)
            case _:
                return self._message_typed(form, before)

    def topic(self, typed: Composition) -> TopicRule | None:
        """What it is about, if the writer may choose it."""
        topic = self.book.topic(typed.topic)
        return topic if topic and self.kind in topic.audience else None

    def fixable(self, subject: str) -> bool:
        """Whether the subject holds a code that one press takes out."""
        return bool(find(subject))

    def asks_purpose(self, typed: Composition) -> bool:
        """Whether the topic has purposes to choose from."""
        topic = self.topic(typed)
        return topic is not None and bool(topic.purposes)

    def asks_whose(self, whose: str) -> bool:
        """Whether "about you" begins with the question whose matter it is."""
        return self.kind is not AudienceKind.PARTNER and whose not in {SELF, OTHER}

    def _topics(self) -> list[dict[str, str | None]]:
        return [
            {
                "value": topic.name,
                "text": topic.title[self.language],
                "hint": topic.hint[self.language] if topic.hint else None,
                "mailbox": f"{topic.mailbox}@{self.book.domain}",
            }
            for topic in self.book.topics_for(self.kind)
        ]

    def _purpose(self, typed: Composition) -> dict[str, object]:
        topic = self.topic(typed)
        purposes = self.book.purposes_of(topic) if topic else tuple(self.book.purposes.values())
        return {
            "purposes": [
                {"value": purpose.name, "text": purpose.title[self.language]}
                for purpose in purposes
            ],
            "decision_info": any(purpose.name == DECISION for purpose in purposes),
            "values": {"purpose": typed.purpose},
        }

    def _about(self, typed: Composition, whose: str) -> dict[str, object]:
        return {
            "acts_for": whose == OTHER,
            "partner": self.kind is AudienceKind.PARTNER,
            "values": {
                "name": typed.name,
                "identity": typed.identity,
                "letter_reference": typed.letter_reference,
            },
        }

    def _topic_chosen(self, name: str, before: Composition) -> tuple[Composition, Errors]:
        after = replace(before, topic=name)
        topic = self.topic(after)
        if topic is None:
            return replace(before, topic=""), {"topic": self.say("e.topic")}
        kept = before.purpose if before.purpose in topic.purposes else ""
        return replace(after, purpose=kept), {}

    def _purpose_chosen(self, name: str, before: Composition) -> tuple[Composition, Errors]:
        topic = self.topic(before)
        if topic is None or name not in topic.purposes:
            return before, {"purpose": self.say("e.purpose")}
        return replace(before, purpose=name), {}

    def _whose_chosen(self, who: str, before: Composition) -> tuple[Composition, Errors]:
        """What was typed of one person is not offered for another."""
        if who not in {SELF, OTHER}:
            return before, {"who": self.say("e.who")}
        acts_for = who == OTHER
        if before.acts_for in {None, acts_for}:
            return replace(before, acts_for=acts_for), {}
        return replace(before, acts_for=acts_for, name="", identity="", letter_reference=""), {}

    def _about_typed(
        self, form: Form, before: Composition, whose: str
    ) -> tuple[Composition, Errors]:
        partner = self.kind is AudienceKind.PARTNER
        after = replace(
            before,
            acts_for=whose == OTHER,
            name=form.line("name"),
            identity="" if partner else form.line("identity"),
            letter_reference=form.line("letter_reference"),
        )
        errors = {}
        if not after.name:
            errors["name"] = self.say("e.you.name")
        if not partner and not after.identity:
            errors["identity"] = self.say("e.you.id")
        return after, errors

    def _message_typed(self, form: Form, before: Composition) -> tuple[Composition, Errors]:
        subject, text = form.line("subject"), form.text("text")
        if "fix" in form:
            subject = without_codes(subject)
        errors = {**self._subject_errors(subject), **self._text_errors(text)}
        return replace(before, subject=subject, text=text), errors

    def _subject_errors(self, subject: str) -> Errors:
        codes = find(subject)
        if not subject:
            return {"subject": self.say("e.subject.empty")}
        if codes:
            iban = codes[0].kind is CodeKind.IBAN
            return {"subject": self.say("e.subject.iban" if iban else "e.subject.id")}
        if len(subject) > MAX_SUBJECT:
            return {"subject": self.say("e.subject.long", max=MAX_SUBJECT)}
        return {}

    def _text_errors(self, text: str) -> Errors:
        if not text:
            return {"text": self.say("e.body.empty")}
        if len(text) > MAX_TEXT:
            return {"text": self.say("e.body.long", max=MAX_TEXT, n=len(text))}
        return {}


def kind_from(book: RuleBook, step: Step, form: Form) -> AudienceKind:
    """Whose page a POST came from, when the session that knew has ended: as the fields tell."""
    topic = book.topic(form.line("topic"))
    offered = topic is None or AudienceKind.CUSTOMER_ABROAD in topic.audience
    asks_identity = step is not Step.ABOUT or "identity" in form or "who" in form
    return AudienceKind.CUSTOMER_ABROAD if offered and asks_identity else AudienceKind.PARTNER
