"""The generic pages of every record type, made from its declaration: detail, form, history, conflict."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

from starlette.responses import Response

from panah.errors import Invalid, NotFound, Refused
from panah.explain import explain
from panah.node.ask import Ask, type_of
from panah.node.pages import files
from panah.records import TYPES, forms
from panah.records.answers import Answers
from panah.records.case import Case
from panah.records.intake_key import IntakeKey
from panah.schema import readable
from panah.work import access, approvals, codes, complete, duty, openings, questions, rights, rules, signed

PAGE = 50


def index(ask: Ask) -> Response:
    """A list of one type, by code and day only (NN-35)."""
    cls = _shown(ask)
    found = ask.s.list(cls, limit=PAGE)
    return ask.page("list.html", kind=cls.KIND, records=found, count=ask.s.count(cls))


def one(ask: Ask) -> Response:
    """A record, every field in words; what is sealed to others says so."""
    cls = _shown(ask)
    duty.close_due(ask.s)
    record = ask.s.get(cls, ask.path("id"))
    openings.note(ask.s, record)
    case = ask.s.find(Case, record.case or "")
    conflicts = ask.s.conflicts(record.id)
    has_second = cls.KIND.name in approvals.ASKS
    may_approve = has_second and (cls.KIND.name == "closure" or record.awaits is True) and approvals.may(ask.s, record)
    unproved = has_second and bool(record.approved_by) and not signed.stands(ask.s, record)
    own = isinstance(record, Answers)
    return ask.page(
        "record.html", sealed=access.sealed_to(ask.s, record), kind=cls.KIND, r=record, computed=questions.computed(record, ask.lang) if own else (), plain=questions.plain(record) if own else (), case=case, conflicts=conflicts, may_approve=may_approve, unproved=unproved, lacking=_said(ask, record), leads=_leads(ask, record),
        notes=rights.notes_beside(ask.s, record.case or record.id, record.id),
    )  # fmt: skip


def _said(ask: Ask, record: Any) -> list[tuple[str, str, str]]:
    """(field, what is lacking, what to do) for everything that keeps a record from being complete."""
    return [(name, *explain(code, ask.lang)) for name, code in complete.lacking(ask.s, record)]


def _leads(ask: Ask, record: Any, more: Mapping[str, Sequence[Any]] = MappingProxyType({})) -> dict[str, tuple[str, str]]:
    """Where the references of a record lead: id -> (address, code and name). What cannot be opened here is not among them.
    `more` holds other values of its fields: of its history, of two versions."""
    found: dict[str, tuple[str, str]] = {}
    for f in record.KIND.fields:
        shown = [value for value in (getattr(record, f.name), *more.get(f.name, ())) if readable(f, value)]
        if f.kind in ("ref", "refs") and f.to in TYPES:
            for id in {id for value in shown if value for id in (value if isinstance(value, list) else [value])}:
                other = ask.s.find(TYPES[f.to], id)
                if other is not None:
                    found[other.id] = (
                        {"case": f"/case/{id}", "help_request": f"/inbox/{id}"}.get(f.to, f"/r/{f.to}/{id}"),
                        _named(other),
                    )
    return found


def new(ask: Ask) -> Response:
    """An empty form."""
    cls = _shown(ask)
    record = cls(case=ask.path("case") if "case" in ask.request.path_params else None)
    people = (
        ask.s.list(TYPES["person"], where={"case": record.case}, limit=2) if record.case and hasattr(record, "subject") else ()
    )
    chosen = ask.request.query_params.get("subject", "")
    if len(people) == 1:
        record.subject = people[0].id
    elif chosen and people and (person := ask.s.find(TYPES["person"], chosen)) is not None and person.case == record.case:
        record.subject = person.id
    if cls.KIND.name == "task":
        record.owner, record.task_state = ask.s.me.name, "open"
    return _form(ask, cls, record, (), None)


def ask_own(ask: Ask) -> Response:
    """An empty form of the team's own, for a case."""
    record = questions.begin(ask.s, ask.s.get(Case, ask.path("case")).id, ask.path("form"), ask.lang)
    return _form(ask, type(record), record, (), None)


def edit(ask: Ask) -> Response:
    """The form of a record as it stands now."""
    cls = _shown(ask)
    record = ask.s.get(cls, ask.path("id"))
    openings.note(ask.s, record)
    return _form(ask, cls, record, (), None)


def _draft_key(cls: Any, record: Any) -> str:
    return f"{cls.KIND.name}/{record.id or 'new'}/{record.case or ''}" + (
        f"/{record.form}" if cls.KIND.name == "answers" and not record.id else ""
    )


def _form(
    ask: Ask,
    cls: Any,
    record: Any,
    errors: tuple[tuple[str, str], ...],
    raw: dict[str, list[str]] | None,
    waiting: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    key = _draft_key(cls, record)
    draft = None if raw is not None else ask.s.draft(key)
    restored = False
    if draft is not None and ask.request.query_params.get("draft") == "restore":
        forms.parse(cls.KIND, draft, record)
        raw, restored = draft, True
    case = ask.s.find(Case, record.case or "")
    # Nothing is answered to questions that cannot be shown.
    if isinstance(record, Answers) and cls is Answers:
        raise Refused("form_not_here")
    narrative = rules.has_narrative(record)
    limits_needed = narrative and case is not None and case.limits_explained is not True
    fields = [_pick(ask, f, record) for f in forms.describe(cls.KIND, record, ask.lang, raw=raw, errors=errors)]
    if isinstance(record, Answers):
        fields = [replace(f, choices=questions.offered(record, f.name, f.choices, f.values)) for f in fields]
    if limits_needed:
        fields = [f for f in fields if f.kind != "longtext"]
    return ask.page(
        "form.html", 422 if errors else 200, sealed=access.sealed_to(ask.s, record), kind=cls.KIND, r=record, fields=fields, parts=_parts(fields), errors=errors, case=case,
        answered=sum(f.asked for f in fields), questions=sum(f.kind != "note" for f in fields), draft_key=key, draft=draft is not None and not restored, restored=restored,
        limits_needed=limits_needed, narrative=narrative, waiting=waiting, takes_files=any(f.kind == "attach" and not f.hidden for f in cls.KIND.fields),
    )  # fmt: skip


def _parts(fields: list[forms.FormField]) -> list[tuple[str, list[forms.FormField], bool]]:
    """The parts of a form: (title, fields, folded). What every type has, its code and its source, is folded away."""
    found: list[tuple[str, list[forms.FormField], bool]] = []
    for f in fields:
        if f.section or not found:
            found.append((f.section, [], f.name == "code"))
        found[-1][1].append(f)
    return found


def _pick(ask: Ask, f: forms.FormField, record: Any) -> forms.FormField:
    """A reference is chosen from what stands in the case, by code; nobody types an id."""
    if f.rows:
        return replace(f, rows=tuple(tuple(_pick(ask, g, record) for g in row) for row in f.rows))
    if f.kind not in ("ref", "refs") or f.to not in TYPES:
        return f
    case = record.id if isinstance(record, Case) else record.case
    where = {"case": case} if f.to not in ("case", "help_request") and case else None
    choices = tuple((r.id, _named(r)) for r in ask.s.list(TYPES[f.to], where=where, limit=200))
    chosen = f.values or ((f.value,) if f.value else ())
    # What is chosen already and cannot be opened here stays chosen.
    choices += tuple((id, id[:8]) for id in chosen if id not in {c for c, _ in choices})
    return replace(f, kind="code" if f.kind == "ref" else "codes", choices=choices, values=chosen)


def _named(record: Any) -> str:
    names = getattr(record, "names", None)
    written = (
        next((n.get("written") or n.get("given") for n in names if isinstance(n, dict)), "") if isinstance(names, list) else ""
    )
    return " ".join(word for word in (record.code or record.id[:8], written) if word)


def save(ask: Ask) -> Response:
    """Keep what the person changed; on a mistake the form comes back with everything that was typed."""
    cls = _shown(ask)
    id = ask.one("id")
    if id:
        record = ask.s.get(cls, id, at=_base(ask))
    else:
        record = cls(case=ask.one("case") or None, **({"form": ask.one("form") or None} if cls.KIND.name == "answers" else {}))
        kept = _draft_key(cls, record)
        if isinstance(record, Answers):
            questions.under(ask.s, record, ask.one("form"))
        codes.give(ask.s, record)
        new_id, record.id = record.id, ""
        # Sending the same form twice (a nervous double click, a reload) must not make two records.
        record.id = ask.one("new_id") if len(ask.one("new_id")) == 32 else new_id
    errors = (*forms.parse(cls.KIND, ask.form, record), *files.taken(ask, record))
    if not errors:
        try:
            saved = rules.keep(ask.s, record)
        except Invalid as e:
            errors = e.problems
        else:
            rights.corrected(ask.s, saved.id, saved.case or saved.id)
            ask.s.drop_draft(kept if not id else _draft_key(cls, record))
            conflict = saved.meta.conflicts
            where = f"/r/{cls.KIND.name}/{saved.id}"
            return ask.go(where + "/conflict" if conflict else f"/case/{saved.id}" if cls is Case else where)
    if not id:
        record.id = ""
    return _form(ask, cls, record, errors, ask.form, files.waiting(ask, record))


def _base(ask: Ask) -> dict[str, list[tuple[int, str]]]:
    """The writes that the form showed, as it carried them; strictly read, for it came back from outside."""
    try:
        base = json.loads(ask.one("base") or "{}")
        return {str(f): [(_stamp(at), bytes.fromhex(by).hex()) for at, by in stamps] for f, stamps in base.items()}
    except (ValueError, TypeError, AttributeError) as e:
        raise Refused("form_expired") from e


def _stamp(at: Any) -> int:
    if not isinstance(at, int) or not 0 < at < 1 << 63:
        raise ValueError
    return at


def history(ask: Ask) -> Response:
    """Every change, newest first."""
    cls = _shown(ask)
    record = ask.s.get(cls, ask.path("id"))
    openings.note(ask.s, record)
    fields = {f.name: f for f in cls.KIND.fields if not f.hidden}
    changes = [c for c in ask.s.history(record.id) if c.field in fields]
    more: dict[str, list[Any]] = {}
    since = rights.corrected_at(ask.s, record.case or record.id, record.id)
    if since:
        # What the person had corrected is not shown any more; that something was changed, when and by whom, is (NN-62).
        changes = [c._replace(value=None if c.at < since and not c.stands else c.value, replaced=()) for c in changes]
    for c in changes:
        more.setdefault(c.field, []).extend([c.value, *c.replaced])
    # What was saved at once is shown as one: who, when, and the fields.
    saves = [list(one) for _, one in groupby(changes, key=lambda c: (c.at, c.author))]
    return ask.page(
        "history.html",
        sealed=access.sealed_to(ask.s, record),
        kind=cls.KIND,
        r=record,
        saves=saves,
        fields=fields,
        leads=_leads(ask, record, more),
    )


def conflict(ask: Ask) -> Response:
    """Two notes side by side: this, that, or both."""
    cls = _shown(ask)
    record = ask.s.get(cls, ask.path("id"))
    openings.note(ask.s, record)
    conflicts = ask.s.conflicts(record.id)
    leads = _leads(ask, record, {c.field: [v.value for v in c.versions] for c in conflicts})
    fields = {f.name: f for f in cls.KIND.fields}
    return ask.page(
        "conflict.html",
        sealed=access.sealed_to(ask.s, record),
        kind=cls.KIND,
        r=record,
        conflicts=conflicts,
        fields=fields,
        leads=leads,
    )


def settle(ask: Ask) -> Response:
    """A person's word on a conflict."""
    cls = _shown(ask)
    id, field = ask.path("id"), ask.one("field")
    found = next((c for c in ask.s.conflicts(id) if c.field == field), None)
    if found is None:
        raise Refused("nothing_to_settle")
    if ask.one("both"):
        f = cls.KIND.field(field)
        if f.kind not in ("text", "longtext"):
            raise Refused("choose_one")
        value: Any = ask.one("words").strip()
    else:
        n = int(ask.one("version")) if ask.one("version").isdigit() else -1
        if not 0 <= n < len(found.versions):
            raise Refused("nothing_to_settle")
        value = found.versions[n].value
    ask.s.settle(id, field, value)
    left = ask.s.conflicts(id)
    return ask.go(f"/r/{cls.KIND.name}/{id}/conflict" if left else f"/case/{id}" if cls is Case else f"/r/{cls.KIND.name}/{id}")


def _shown(ask: Ask) -> Any:
    cls = type_of(ask.path("kind"))
    if cls is IntakeKey:
        raise NotFound("no_such_type")
    if cls is Answers:
        return _asked(ask)
    return cls


def _asked(ask: Ask) -> Any:
    """Answers with their questions: of the record that is named, or of the form that was filled in."""
    id = ask.request.path_params.get("id") or ask.one("id")
    if id:
        return questions.type_of_answers(ask.s, id, ask.lang)
    return questions.type_of(ask.s, ask.one("form"), ask.lang)
