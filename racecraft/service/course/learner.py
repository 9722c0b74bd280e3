"""One person in the course: what they have seen, done and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import InvalidInput, NotFound
from racecraft.service.access import Actor, Operation
from racecraft.service.course.evidence import Deeds, deeds_of, seen_now
from racecraft.service.course.plan import CHAPTERS, LANGUAGES, MISSIONS, QUIZ, mission_now
from racecraft.service.model_records import ModelState
from racecraft.service.people.person import person_now
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work


class Answer(BaseModel):
    """What somebody chose in a question of the quiz."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    """Their first choice."""
    newest: str


class Learner(Record):
    """The progress of a person; its id is theirs."""

    TABLE: ClassVar[str] = "learners"

    language: str = ""
    """Of the course's pages; empty until they choose one."""
    seen: dict[str, float] = Field(default_factory=dict)
    """When each check of a mission was first seen, seconds since 1970. It stays, whatever they
    delete later."""
    chapters: dict[str, float] = Field(default_factory=dict)
    """When they first did what a chapter asks for."""
    answers: dict[str, Answer] = Field(default_factory=dict)


@dataclass(frozen=True)
class CheckView:
    """A check of a mission."""

    key: str
    seen_at_s: float | None
    """None while it is still to be done."""


@dataclass(frozen=True)
class MissionView:
    """A mission as somebody stands in it."""

    key: str
    checks: tuple[CheckView, ...]
    is_done: bool


@dataclass(frozen=True)
class QuizScore:
    """How somebody answered."""

    right: int
    """Questions whose newest answer is right."""
    right_at_once: int
    """Those whose first answer was."""
    answered: int
    of: int


@dataclass(frozen=True)
class CourseView:
    """How far somebody has come."""

    language: str
    chapters: tuple[str, ...]
    """Those they did, in order."""
    missions: tuple[MissionView, ...]
    mission: str
    """The one they are at; empty when all are done."""
    answers: dict[str, str]
    """The newest choice in each question."""
    score: QuizScore
    model_id: str
    """Their newest model, which the missions are about; empty without any."""
    ready_model_id: str
    """The newest one that has learnt something."""


@dataclass(frozen=True)
class Verdict:
    """What an answer was worth."""

    is_right: bool
    score: QuizScore


def look_at_course(store: Store, settings: Settings, actor: Actor) -> CourseView:
    """How far the actor has come; what is seen for the first time is written down."""
    actor.demand(Operation.VIEW_COURSE, actor.person_id)
    with store.look() as work:
        learner = learner_of(work, actor.person_id)
        person = person_now(work, actor.person_id)
        deeds = deeds_of(settings, work, [person])[person.id]
    new = seen_now(deeds, learner.seen)
    if new:
        times = dict.fromkeys(new, store.now_s())
        learner = _changed(
            store, actor, lambda it: it.model_copy(update={"seen": {**times, **it.seen}})
        )
    return _view(learner, deeds)


def choose_language(store: Store, actor: Actor, language: str) -> None:
    """Keep in which language the actor reads the course.

    Raises:
        InvalidInput: there are no texts in it.
    """
    actor.demand(Operation.TAKE_COURSE, actor.person_id)
    if language not in LANGUAGES:
        raise InvalidInput(
            f"The language is {language[:20]!r}; choose one of {', '.join(LANGUAGES)}."
        )
    _changed(store, actor, lambda it: it.model_copy(update={"language": language}))


def finish_chapter(store: Store, actor: Actor, chapter: str) -> None:
    """Keep that the actor did what a chapter of the lesson asks for; a second time changes nothing.

    Raises:
        NotFound: there is no such chapter.
    """
    actor.demand(Operation.TAKE_COURSE, actor.person_id)
    if chapter not in CHAPTERS:
        raise NotFound(f"There is no chapter {chapter[:40]!r}; there are {', '.join(CHAPTERS)}.")
    now_s = store.now_s()
    _changed(
        store,
        actor,
        lambda it: it.model_copy(update={"chapters": {chapter: now_s, **it.chapters}}),
    )


def answer_question(store: Store, actor: Actor, question: str, choice: str) -> Verdict:
    """Keep what the actor chose in a question of the quiz.

    Raises:
        NotFound: there is no such question.
        InvalidInput: the question has no such choice.
    """
    actor.demand(Operation.TAKE_COURSE, actor.person_id)
    asked = next((each for each in QUIZ if each.key == question), None)
    if asked is None:
        names = ", ".join(each.key for each in QUIZ)
        raise NotFound(f"There is no question {question[:40]!r}; there are {names}.")
    if choice not in asked.choices:
        raise InvalidInput(
            f"The choice is {choice[:40]!r}; choose one of {', '.join(asked.choices)}."
        )

    def change(it: Learner) -> Learner:
        first = it.answers[question].first if question in it.answers else choice
        answers = {**it.answers, question: Answer(first=first, newest=choice)}
        return it.model_copy(update={"answers": answers})

    learner = _changed(store, actor, change)
    return Verdict(choice == asked.right, score_of(learner))


def forget_answers(store: Store, actor: Actor) -> None:
    """Let the actor begin the quiz again from nothing."""
    actor.demand(Operation.TAKE_COURSE, actor.person_id)
    _changed(store, actor, lambda it: it.model_copy(update={"answers": {}}))


def learner_of(work: Work, person_id: str) -> Learner:
    """Somebody's progress; a new one that is not kept yet if there is none."""
    return work.first(Learner, id=person_id) or Learner(id=person_id)


def _view(learner: Learner, deeds: Deeds) -> CourseView:
    now = mission_now(frozenset(learner.seen))
    models = [model for model in deeds.models if model.deleted_at_s is None]
    ready = [model for model in models if model.state is ModelState.READY]
    return CourseView(
        language=learner.language,
        chapters=tuple(key for key in CHAPTERS if key in learner.chapters),
        missions=tuple(
            MissionView(
                mission.key,
                tuple(
                    CheckView(check, learner.seen.get(name))
                    for check, name in zip(mission.checks, mission.ids, strict=True)
                ),
                is_done=set(mission.ids) <= set(learner.seen),
            )
            for mission in MISSIONS
        ),
        mission=now.key if now is not None else "",
        answers={key: answer.newest for key, answer in learner.answers.items()},
        score=score_of(learner),
        model_id=models[-1].id if models else "",
        ready_model_id=ready[-1].id if ready else "",
    )


def score_of(learner: Learner) -> QuizScore:
    """Points in the quiz, by the questions that there are now."""
    given = [(each, learner.answers.get(each.key)) for each in QUIZ]
    found = [(each.right, answer) for each, answer in given if answer is not None]
    return QuizScore(
        right=sum(answer.newest == right for right, answer in found),
        right_at_once=sum(answer.first == right for right, answer in found),
        answered=len(found),
        of=len(QUIZ),
    )


def _changed(store: Store, actor: Actor, change: Callable[[Learner], Learner]) -> Learner:
    with store.work() as work:
        work.alone(f"course {actor.person_id}")
        before = work.first(Learner, id=actor.person_id)
        if before is None:
            return work.add(change(Learner(id=actor.person_id, created_at_s=store.now_s())))
        after = change(before)
        return before if after == before else work.put(after)
