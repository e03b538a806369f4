"""One step of a message, as a page: shown, saved, and kept when the session has ended."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from secure_mail.domain.compose import Composition, OpenDraft, Step
from secure_mail.domain.ids import DraftId
from secure_mail.domain.refusals import Refusal, RefusalCode
from secure_mail.domain.routing.rulebook import AudienceKind
from secure_mail.interfaces.web.cookies import DRAFT
from secure_mail.interfaces.web.forms import form_of
from secure_mail.interfaces.web.frame import see_other
from secure_mail.interfaces.web.language import language_of, path_of
from secure_mail.interfaces.web.public.desk import Desk
from secure_mail.interfaces.web.public.draft_keys import KEPT, DraftKey, written
from secure_mail.interfaces.web.public.steps import OTHER, SELF, Errors, Steps, kind_from
from secure_mail.interfaces.web.public.writing import Writer, Writing, gap_of

NEW = "new"
"""In the place of a draft's id: nothing is stored before the first answer."""
KEEP = "keep"
"""The button of the warning before a session ends: what is right is saved, the page stays."""
_TRIES = 3
_ORDER = (Step.TOPIC, Step.PURPOSE, Step.ABOUT, Step.MESSAGE, Step.FILES, Step.CHECK)


@dataclass(frozen=True, slots=True)
class Composing:
    """Pages topic, purpose, about, message. Files, check and send have their own modules."""

    desk: Desk
    writing: Writing

    async def show(self, request: Request) -> Response:
        step = step_of(request)
        writer = await self.writing.writer(request)
        draft_id = draft_of(request)
        if draft_id is None:
            return await self._page(request, writer, step, Composition())
        try:
            opened = await self.writing.draft(writer, draft_id, serve=True)
        except Refusal as refusal:
            return await self.elsewhere(request, draft_id, refusal)
        missed = self.missed(opened, writer, step)
        if missed is not None:
            return see_other(request, f"/drafts/{draft_id}/{missed}")
        return await self._page(request, writer, step, opened.composition)

    async def save(self, request: Request) -> Response:
        step, form = step_of(request), form_of(request)
        try:
            writer = await self.writing.form_writer(request)
        except Refusal as refusal:
            return await self._ended(request, step, refusal)
        steps = self.steps(request, writer.kind)
        opened = await self._opened(request, writer)
        before = opened.composition if opened else Composition()
        after, errors = steps.typed(step, form, before, whose_of(request))
        keeping = KEEP in form
        if errors and not (keeping and opened):
            return await self._page(request, writer, step, after, {} if keeping else errors)
        try:
            saved, key = await self._kept(request, writer, opened, steps)
        except Refusal as refusal:
            return await self._too_many(request, writer, after, refusal)
        if errors:
            return await self._page(request, writer, step, after)
        onward = _here(request, saved) if keeping else self._onward(request, writer, saved, steps)
        response = see_other(request, onward)
        if key is not None:
            self.desk.frame.jar.put(response, DRAFT, written((key, *writer.keys)), KEPT)
        return response

    async def elsewhere(self, request: Request, draft_id: DraftId, refusal: Refusal) -> Response:
        """A draft that does not open: sent already, another browser's, or none."""
        receipt = await self.writing.receipt_of(request, draft_id)
        if receipt is not None:
            return see_other(request, f"/receipts/{receipt.reference}?again=1")
        raise refusal

    def missed(self, opened: OpenDraft, writer: Writer, step: Step) -> Step | None:
        """An earlier step that must be answered first, or the next one when this is not asked."""
        typed = opened.composition
        if step is Step.PURPOSE and typed.topic and not self.asks_purpose(typed.topic):
            return Step.ABOUT
        gap = gap_of(self.desk.book, typed, writer.kind)
        return gap if gap is not None and _ORDER.index(gap) < _ORDER.index(step) else None

    def asks_purpose(self, topic: str) -> bool:
        rule = self.desk.book.topic(topic)
        return rule is not None and bool(rule.purposes)

    def steps(self, request: Request, kind: AudienceKind) -> Steps:
        language = language_of(request)
        return Steps(
            book=self.desk.book,
            language=language,
            kind=kind,
            say=lambda line, **values: self.desk.frame.texts.line(line, language, **values),
        )

    async def _opened(self, request: Request, writer: Writer) -> OpenDraft | None:
        """None: a new draft is begun, so that what was typed is not lost with the old one."""
        draft_id = draft_of(request)
        if draft_id is None:
            newest = await self.writing.newest(writer.link, writer.keys)
            return newest if newest and not _worth_keeping(newest.composition) else None
        try:
            return await self.writing.draft(writer, draft_id, serve=False)
        except Refusal:
            return None

    async def _kept(
        self, request: Request, writer: Writer, opened: OpenDraft | None, steps: Steps
    ) -> tuple[OpenDraft, DraftKey | None]:
        """Saves the step on top of what another page of this browser saved meanwhile."""
        pool, app, language = self.desk.frame.pool, self.desk.app, language_of(request)
        key: DraftKey | None = None
        if opened is None:
            draft, secret = await pool.run(app.start_draft, writer.link, language)
            key = DraftKey(draft.id, secret)
            writer = replace(writer, keys=(key, *writer.keys))
            opened = await self.writing.draft(writer, draft.id, serve=False)
        for tries_left in reversed(range(_TRIES)):
            before = opened.composition
            after, errors = steps.typed(
                step_of(request), form_of(request), before, whose_of(request)
            )
            sound = replace(_sound(after, before, errors), language=language)
            try:
                saved = await pool.run(app.save_step, opened, sound)
            except Refusal as refusal:
                if refusal.code is not RefusalCode.STALE or not tries_left:
                    raise
                opened = await self.writing.draft(writer, opened.draft.id, serve=False)
            else:
                return saved, key
        raise AssertionError("the last try returns or raises")

    def _onward(self, request: Request, writer: Writer, saved: OpenDraft, steps: Steps) -> str:
        """The next page: of the step, or back to the check when one answer was changed there."""
        step, typed = step_of(request), saved.composition
        base = f"/drafts/{saved.draft.id}"
        changing = "change" in request.query_params
        if step is Step.ABOUT and steps.asks_whose(whose_of(request)):
            more = "&change=1" if changing else ""
            return f"{base}/about?for={OTHER if typed.acts_for else SELF}{more}"
        if changing:
            return f"{base}/{gap_of(self.desk.book, typed, writer.kind) or Step.CHECK}"
        following = _ORDER[_ORDER.index(step) + 1]
        skipped = following is Step.PURPOSE and not steps.asks_purpose(typed)
        return f"{base}/{Step.ABOUT if skipped else following}"

    async def _page(
        self,
        request: Request,
        writer: Writer,
        step: Step,
        typed: Composition,
        errors: Errors | None = None,
    ) -> Response:
        steps = self.steps(request, writer.kind)
        template, context = steps.shown(step, typed, whose_of(request))
        common = {
            "draft_url": draft_url(request),
            "masked": writer.opened.masked,
            "session": "link",
            "csrf": writer.token(draft_of(request)),
            "errors": errors or {},
            "back": self._back(request, step, steps, typed),
            "fix": step is Step.MESSAGE and steps.fixable(typed.subject),
        }
        return await self.desk.frame.page(
            request,
            f"public/compose/{template}.html",
            {**context, **common},
            status=422 if errors else 200,
        )

    async def _ended(self, request: Request, step: Step, refusal: Refusal) -> Response:
        """Rule 8: the same page from the POST alone, the text in its fields."""
        if refusal.code is not RefusalCode.SESSION_ENDED:
            raise refusal
        form = form_of(request)
        steps = self.steps(request, kind_from(self.desk.book, step, form))
        typed, _ = steps.typed(step, form, Composition(), whose_of(request))
        template, context = steps.shown(step, typed, whose_of(request))
        if step is Step.PURPOSE:
            context["values"] = form.values("purpose")
        common = {
            "draft_url": draft_url(request),
            "masked": "",
            "session_ended": True,
            "csrf": self.writing.ended_token(request, draft_of(request)),
            "fix": False,
        }
        return await self.desk.frame.page(
            request, f"public/compose/{template}.html", {**context, **common}, status=403
        )

    async def _too_many(
        self, request: Request, writer: Writer, after: Composition, refusal: Refusal
    ) -> Response:
        if refusal.code is not RefusalCode.TOO_MANY_DRAFTS:
            raise refusal
        step = step_of(request)
        field = {Step.ABOUT: "who", Step.MESSAGE: "text"}.get(step, step.value)
        said = self.desk.frame.say(request, "e.drafts", max=refusal.facts["count"])
        return await self._page(request, writer, step, after, {field: said})

    def _back(self, request: Request, step: Step, steps: Steps, typed: Composition) -> str | None:
        base = draft_url(request)
        if "change" in request.query_params:
            return f"{base}/check"
        if step is Step.ABOUT and whose_of(request):
            return f"{base}/about"
        before = {
            Step.PURPOSE: Step.TOPIC,
            Step.ABOUT: Step.PURPOSE if steps.asks_purpose(typed) else Step.TOPIC,
            Step.MESSAGE: Step.ABOUT,
        }.get(step)
        return f"{base}/{before}" if before else None


def step_of(request: Request) -> Step:
    """The last word of the path."""
    return Step(path_of(request).rpartition("/")[2])


def draft_of(request: Request) -> DraftId | None:
    """The draft of the path; None for a new one."""
    given = request.path_params.get("draft")
    return DraftId(given) if isinstance(given, UUID) else None


def draft_url(request: Request) -> str:
    """The address below which the draft's pages are."""
    return f"/{language_of(request)}/drafts/{draft_of(request) or NEW}"


def whose_of(request: Request) -> str:
    """Whose matter it is, as the second page "about you" carries it in its address."""
    return request.query_params.get("for", "")


def _worth_keeping(typed: Composition) -> bool:
    return bool(typed.name or typed.subject or typed.text)


def _here(request: Request, saved: OpenDraft) -> str:
    """The page itself, of a draft that has an id by now."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/drafts/{saved.draft.id}/{step_of(request)}{query}"


def _sound(after: Composition, before: Composition, errors: Errors) -> Composition:
    """What was typed, without the fields that are wrong: nothing wrong is ever kept."""
    wrong = {field.name for field in fields(Composition)} & errors.keys()
    return replace(after, **{name: getattr(before, name) for name in wrong})
