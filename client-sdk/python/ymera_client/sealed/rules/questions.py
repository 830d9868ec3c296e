"""Questions and approvals: asking, answering, and using what was approved.

Nobody's clock closes a question here, so none expires. Whether an answer fits a form, the agent's process
says.
"""

from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_OPEN_QUESTIONS, MAX_QUESTIONS
from ymera_client.sealed.rules import access, endings
from ymera_client.sealed.rules.about import About, Contents, Data, Fact
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, not_found, refusal, taken
from ymera_client.sealed.rules.reports import attempt
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.runs import fresh
from ymera_client.sealed.rules.tasks import distinct

MAX_ANSWER = 20_000
"""Characters of an answer in words."""


def ask(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Ask people; the run waits until somebody has answered. The same key is the same question."""
    run = attempt(contents, about, data)
    if asked(contents, run["id"], data["key"]) is not None:
        return []
    _check(data)
    if contents.get("questions", data["id"]) or contents.get("closed_questions", data["id"]):
        raise taken()
    closed = sum(each["run_id"] == run["id"] for each in contents.all("closed_questions"))
    if closed + len(endings.open_questions(contents, run["id"])) >= MAX_QUESTIONS:
        raise limit_exceeded("questions of a run", MAX_QUESTIONS)
    if len(contents.all("questions")) >= MAX_OPEN_QUESTIONS:
        raise limit_exceeded("open questions of a project", MAX_OPEN_QUESTIONS)
    question = _question(about, run, data, _whom(contents, run, data["to"]))
    state = "auth-required" if data["kind"] == "approval" else "input-required"
    waiting = endings.changed(about, run, state=state, heard_at=about.at)
    return [
        Fact("question.asked", {"question": question}),
        endings.updated(waiting, "waiting", data["prompt"]),
    ]


def answer(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Answer what a run has asked; it goes on."""
    question = contents.get("questions", data["question_id"])
    if question is None:
        settled = contents.get("closed_questions", data["question_id"])
        if settled is None:
            raise not_found("question")
        raise refusal("conflict", f"The question is {settled['state']} already.", current=settled)
    _check_may_answer(contents, about, question)
    _check_answer(question, data["answer"])
    settled = {"answer": data["answer"], "comment": data["comment"]}
    by = {"answered_by": about.sender, "answered_at": about.at}
    told = endings.closed(question, state="answered", **settled, **by)
    run = contents.get("runs", question["run_id"])
    rest = [each for each in endings.open_questions(contents, question["run_id"]) if each != question]
    if run is None or run["canceling"] or rest:
        return [told]
    return [told, endings.resume(about, run, "", answered=True)]


def use_approval(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Check an approval once more, right before what it is for, and use it up."""
    run = attempt(contents, about, data)
    key = data["question_id"]
    question = contents.get("closed_questions", key) or contents.get("questions", key)
    if question is None or question["run_id"] != run["id"] or question["kind"] != "approval":
        raise not_found("approval of this run")
    problem = _unusable(question, data)
    if problem is not None:
        raise refusal("forbidden", problem, current=question)
    return [Fact("approval.used", {"question": {**question, "used_at": about.at}, "cost": data["cost"]})]


def asked(contents: Contents, run_id: str, key: str) -> Plain | None:
    """What a run has asked under that key, unless it was withdrawn."""
    for collection in ("questions", "closed_questions"):
        for each in contents.all(collection):
            if each["run_id"] == run_id and each["key"] == key and each["state"] != "withdrawn":
                return each
    return None


def _unusable(question: Plain, data: Data) -> str | None:
    """Why an approval does not allow this, in words; None if it does."""
    if question["state"] != "answered":
        return f"The approval is {question['state']}."
    if question["answer"] is not True:
        return "It was not approved."
    if question["used_at"] is not None:
        return "The approval was used already; ask again."
    if question["action"] != data["action"] or not same(question["arguments"], data["arguments"]):
        return "Something else was approved: the action or its arguments differ. Ask again."
    if question["ceiling"] is not None and data["cost"] > question["ceiling"]:
        return f"This costs {data['cost']}; approved were at most {question['ceiling']}."
    return None


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same as JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(each, other[name]) for name, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _check(data: Data) -> None:
    kind = data["kind"]
    if (kind == "choice") != bool(data["choices"]):
        raise invalid("choices", "are needed for a choice, and for nothing else.")
    if (kind == "form") != (data["form"] is not None):
        raise invalid("form", "is needed for a form, and for nothing else.")
    for field in ("action", "arguments"):
        if (kind == "approval") != (data[field] is not None):
            raise invalid(field, "is needed for an approval, and for nothing else.")
    if data["ceiling"] is not None and kind != "approval":
        raise invalid("ceiling", "is for approvals alone.")
    if data["expires_at"] is not None:
        raise invalid("expires_at", "nothing expires in an encrypted room, where no clock is everybody's.")


def _whom(contents: Contents, run: Plain, to: list[str]) -> list[str]:
    """Whom a question is for: those named, else who gave the run."""
    for place, member_id in enumerate(to):
        if not access.admitted(contents, [member_id]):
            raise invalid(f"to[{place}]", "this is nobody in the project.")
    if to:
        return distinct(to)
    giver = contents.get("participants", run["requested_by"])
    return [] if giver is None or giver["kind"] != "person" else [giver["id"]]


def _check_may_answer(contents: Contents, about: About, question: Plain) -> None:
    sender = contents.get("participants", about.sender)
    if question["kind"] == "approval" and (sender is None or sender["kind"] != "person"):
        raise refusal("forbidden", "Approvals are for people alone.")
    if about.sender == question["agent_id"]:
        raise refusal("forbidden", "An agent does not answer its own questions.")
    if question["asked"] and about.sender not in question["asked"] and not access.may(about, "admin"):
        raise refusal("forbidden", "Others were asked; a manager of the project may answer too.")


def _check_answer(question: Plain, given: Any) -> None:
    kind = question["kind"]
    if kind == "text" and not (isinstance(given, str) and len(given) <= MAX_ANSWER):
        raise invalid("answer", f"must be text of at most {MAX_ANSWER} characters.")
    if kind == "choice" and not (isinstance(given, str) and given in question["choices"]):
        raise invalid("answer", f"must be one of {', '.join(question['choices'])}.")
    if kind == "approval" and not isinstance(given, bool):
        raise invalid("answer", "must be true or false.")
    if kind == "form" and not isinstance(given, dict):
        raise invalid("answer", "must be an object.")


def _question(about: About, run: Plain, data: Data, whom: list[str]) -> Plain:
    given = ("id", "key", "kind", "prompt", "choices", "form", "action", "arguments", "ceiling")
    return {
        **{name: data[name] for name in given},
        "project_id": about.room,
        "run_id": run["id"],
        "task_id": run["task_id"],
        "agent_id": about.sender,
        "arguments_hash": None,
        "asked": whom,
        "state": "open",
        "answer": None,
        "comment": "",
        "answered_by": None,
        "created_at": about.at,
        "answered_at": None,
        "expires_at": None,
        "used_at": None,
    }


RULES = {
    "run.ask": Rule(ask, fill=fresh),
    "run.answer": Rule(answer),
    "run.use_approval": Rule(use_approval),
}
