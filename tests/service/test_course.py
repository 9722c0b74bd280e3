"""The course sees what people really did, keeps it, and shows a teacher how far a class is."""

from __future__ import annotations

from pathlib import Path

import pytest

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound
from racecraft.domain.job import JobKind, JobStatus
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.access import Actor, Role
from racecraft.service.course.classroom import view_class
from racecraft.service.course.evidence import CHECKS
from racecraft.service.course.learner import (
    CourseView,
    answer_question,
    choose_language,
    finish_chapter,
    forget_answers,
    look_at_course,
)
from racecraft.service.course.plan import CHAPTERS, MISSIONS, QUIZ
from racecraft.service.drafts import Draft
from racecraft.service.events.joining import come_into_event
from racecraft.service.events.moderating import ban
from racecraft.service.events.organising import organise_event
from racecraft.service.garage import build_vehicle, scrap_vehicle
from racecraft.service.jobs.job import Job
from racecraft.service.making import NewModel, make_model
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.people.person import edit_profile
from racecraft.service.races.race import Submission, SubmissionStatus
from racecraft.service.samples import give_samples
from racecraft.service.settings import Settings
from racecraft.service.stamps import stamp_of
from racecraft.service.store import Store
from racecraft.service.training_files import TrainingFile
from tests.service.conftest import Clock
from tests.service.test_awards import LAP, OFF, drive
from tests.service.test_community_races import person


@pytest.fixture
def ann(store: Store) -> Actor:
    return person(store, "ann")


def seen(view: CourseView) -> set[str]:
    return {
        f"{mission.key}.{check.key}"
        for mission in view.missions
        for check in mission.checks
        if check.seen_at_s is not None
    }


def own_model(
    store: Store, settings: Settings, actor: Actor, name: str, reward: str | None = None
) -> Model:
    wanted = NewModel(TrainingFile(model={"name": name}), starts=False, reward_source=reward)
    return make_model(store, settings, actor, wanted).view.model


def change(store: Store, record: Model, **fields: object) -> Model:
    with store.work() as work:
        return work.put(work.get(Model, record.id).model_copy(update=fields))


def job(store: Store, model: Model, kind: JobKind, status: JobStatus) -> None:
    fields = {"model_name": model.name, "planned_s": 60.0, "started_at_s": store.now_s()}
    with store.work() as work:
        work.add(
            Job(owner_id=model.owner_id, model_id=model.id, kind=kind, status=status, **fields)
        )


def test_every_check_of_the_missions_can_be_seen_and_no_other() -> None:
    assert list(CHECKS) == [name for mission in MISSIONS for name in mission.ids]


def test_every_question_has_its_right_answer_among_its_choices() -> None:
    assert all(question.right in question.choices for question in QUIZ)
    assert all(len(set(question.choices)) == len(question.choices) for question in QUIZ)


def test_who_begins_has_done_nothing_and_samples_are_nobodys_deeds(
    store: Store, settings: Settings, ann: Actor
) -> None:
    give_samples(store, settings, ann.person_id)
    view = look_at_course(store, settings, ann)
    assert (seen(view), view.mission, view.language) == (set(), "garage", "")


def test_a_car_with_one_camera_is_seen_and_stays_seen(
    store: Store, settings: Settings, clock: Clock, ann: Actor
) -> None:
    both = {"name": "both", "sensors": ["FRONT_FACING_CAMERA", "LIDAR"]}
    build_vehicle(store, ann, both)
    assert seen(look_at_course(store, settings, ann)) == {"garage.vehicle"}
    clock.now_s += 60.0
    vehicle = build_vehicle(store, ann, {"name": "plain"})
    view = look_at_course(store, settings, ann)
    assert seen(view) == {"garage.vehicle", "garage.camera"}
    times = [check.seen_at_s for check in view.missions[0].checks]
    assert times == [clock.now_s - 60.0, clock.now_s, None]
    assert not view.missions[0].is_done
    scrap_vehicle(store, ann, vehicle.id)
    edit_profile(store, ann, ann.person_id, {"country": "DE"})
    view = look_at_course(store, settings, ann)
    assert view.missions[0].is_done
    assert view.mission == "reward"


def test_a_reward_counts_when_it_is_no_example_any_more(
    store: Store, settings: Settings, ann: Actor
) -> None:
    example = builtin_reward("centre-line")
    with store.work() as work:
        draft = work.add(
            Draft(owner_id=ann.person_id, purpose="create", sheet={"reward_source": example + "\n"})
        )
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun"}
    with store.work() as work:
        changed = {"reward_source": example.replace("1.0", "1.1")}
        assert changed["reward_source"] != example
        work.put(draft.model_copy(update={"sheet": changed}))
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun", "reward.goal"}


def test_a_model_with_an_own_reward_counts_too(
    store: Store, settings: Settings, ann: Actor
) -> None:
    own_model(store, settings, ann, "example")
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun"}
    own_model(store, settings, ann, "own", "def reward_function(params):\n    return 2.5\n")
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun", "reward.goal"}


def test_training_evaluation_and_improvement_are_seen_one_after_the_other(
    store: Store, settings: Settings, ann: Actor
) -> None:
    def new(*names: str) -> None:
        before.update(names)
        assert seen(look_at_course(store, settings, ann)) == before

    before = {"reward.begun"}
    model = own_model(store, settings, ann, "first")
    folder = folder_of(settings, model)
    new()
    job(store, model, JobKind.TRAINING, JobStatus.COMPLETED)
    new("training.started")
    change(store, model, state=ModelState.READY)
    new("training.learnt")
    drive(folder, "20261101120000", (OFF, 5_000, 1))
    new("evaluation.laps")
    drive(folder, "20261101120100", (LAP, 20_000, 0))
    new("evaluation.clean")
    (folder / "analysis").mkdir()
    (folder / "analysis" / "report.json").write_text("{}")
    new("improvement.analysed")
    clone = own_model(store, settings, ann, "second")
    clone = change(store, clone, parent_id=model.id)
    new("improvement.cloned")
    job(store, clone, JobKind.TRAINING, JobStatus.FAILED)
    new()
    job(store, clone, JobKind.TRAINING, JobStatus.COMPLETED)
    new("improvement.trained")
    drive(folder_of(settings, clone), "20261101130000", (LAP, 19_000, 0))
    new("improvement.compared")


def test_a_submission_is_driven_when_its_job_or_its_record_says_so(
    store: Store, settings: Settings, ann: Actor
) -> None:
    fields = {"model_id": "m", "model_name": "car", "checkpoint": 1, "weights_sha256": "00"}
    with store.work() as work:
        entered = work.add(Submission(race_id="r", person_id=ann.person_id, job_id="j", **fields))
    assert seen(look_at_course(store, settings, ann)) == {"race.entered"}
    with store.work() as work:
        work.put(entered.model_copy(update={"status": SubmissionStatus.FAILED}))
    assert seen(look_at_course(store, settings, ann)) == {"race.entered"}
    with store.work() as work:
        kept = work.get(Submission, entered.id)
        work.put(kept.model_copy(update={"status": SubmissionStatus.UNRANKED}))
    assert seen(look_at_course(store, settings, ann)) == {"race.entered", "race.driven"}


def test_a_sample_in_a_race_is_nobodys_deed(store: Store, settings: Settings, ann: Actor) -> None:
    give_samples(store, settings, ann.person_id)
    with store.work() as work:
        sample = work.find(Model, owner_id=ann.person_id)[0]
        fields = {"model_id": sample.id, "model_name": sample.name, "job_id": "j"}
        fields |= {"checkpoint": 1, "weights_sha256": "00", "status": SubmissionStatus.RANKED}
        work.add(Submission(race_id="r", person_id=ann.person_id, **fields))
    assert seen(look_at_course(store, settings, ann)) == set()


def test_of_an_imported_model_only_what_it_drives_here_counts(
    store: Store, settings: Settings, clock: Clock, ann: Actor
) -> None:
    model = own_model(store, settings, ann, "theirs")
    model = change(store, model, was_imported=True, created_at_s=clock.now_s)
    model = change(store, model, state=ModelState.READY)
    folder = folder_of(settings, model)
    drive(folder, stamp_of(clock.now_s - 1.0), (LAP, 20_000, 0))
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun"}
    drive(folder, stamp_of(clock.now_s), (OFF, 5_000, 1))
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun", "evaluation.laps"}


def test_who_trained_on_the_command_line_has_started_a_training(
    store: Store, settings: Settings, ann: Actor
) -> None:
    change(store, own_model(store, settings, ann, "adopted"), state=ModelState.READY)
    trained = {"reward.begun", "training.started", "training.learnt"}
    assert seen(look_at_course(store, settings, ann)) == trained


def test_a_model_whose_folder_is_gone_is_no_trouble(
    store: Store, settings: Settings, ann: Actor
) -> None:
    folder: Path = folder_of(settings, own_model(store, settings, ann, "first"))
    (folder / "model.json").rename(folder / "other.json")
    folder.rename(folder.parent / "elsewhere")
    assert seen(look_at_course(store, settings, ann)) == {"reward.begun"}


def test_language_chapters_and_answers_are_kept(
    store: Store, settings: Settings, ann: Actor
) -> None:
    choose_language(store, ann, "de")
    for chapter in (CHAPTERS[2], CHAPTERS[0], CHAPTERS[2]):
        finish_chapter(store, ann, chapter)
    first, second = QUIZ[:2]
    wrong = next(choice for choice in first.choices if choice != first.right)
    assert not answer_question(store, ann, first.key, wrong).is_right
    verdict = answer_question(store, ann, first.key, first.right)
    assert verdict.is_right
    answer_question(store, ann, second.key, second.right)
    view = look_at_course(store, settings, ann)
    assert view.language == "de"
    assert view.chapters == (CHAPTERS[0], CHAPTERS[2])
    assert view.answers == {first.key: first.right, second.key: second.right}
    score = view.score
    assert (score.right, score.right_at_once, score.answered, score.of) == (2, 1, 2, len(QUIZ))
    forget_answers(store, ann)
    assert look_at_course(store, settings, ann).score.answered == 0


def test_what_there_is_not_is_a_sentence(store: Store, ann: Actor) -> None:
    with pytest.raises(InvalidInput, match="choose one of en, de"):
        choose_language(store, ann, "fr")
    with pytest.raises(NotFound, match="no chapter 'nonsense'"):
        finish_chapter(store, ann, "nonsense")
    with pytest.raises(NotFound, match="no question 'nonsense'"):
        answer_question(store, ann, "nonsense", "car")
    with pytest.raises(InvalidInput, match="choose one of car"):
        answer_question(store, ann, "agent", "nonsense")


def test_a_teacher_sees_who_is_at_which_mission(
    store: Store, settings: Settings, clock: Clock, ann: Actor
) -> None:
    olga, bob = person(store, "olga", Role.ORGANISER), person(store, "bob")
    build_vehicle(store, bob, {"name": "plain"})
    edit_profile(store, bob, bob.person_id, {"country": "DE"})
    finish_chapter(store, bob, CHAPTERS[0])
    rows = {row.name: row for row in view_class(store, settings, olga)}
    assert list(rows) == ["ann", "bob"]
    assert (rows["ann"].mission, rows["ann"].missions_done) == ("garage", 0)
    assert rows["ann"].newest_at_s is None
    # Although Bob never opened the page of the missions.
    assert (rows["bob"].mission, rows["bob"].missions_done) == ("reward", 1)
    assert (rows["bob"].checks_done, rows["bob"].chapters_done) == (3, 1)
    assert rows["bob"].newest_at_s == clock.now_s
    with pytest.raises(Forbidden, match="may not view the progress of a class"):
        view_class(store, settings, ann)


def test_a_class_is_the_people_of_an_event_that_are_not_banned(
    store: Store, settings: Settings, clock: Clock, ann: Actor
) -> None:
    olga, bob, eve = (
        person(store, "olga", Role.ORGANISER),
        *(person(store, name) for name in ("bob", "eve")),
    )
    times = {"starts_at_s": clock.now_s - 1.0, "ends_at_s": clock.now_s + 3600.0}
    event = organise_event(store, olga, {"name": "Monday", **times})
    for actor in (ann, eve):
        come_into_event(store, actor, event.link)
    ban(store, olga, event.id, eve.person_id, is_banned=True)
    assert [row.name for row in view_class(store, settings, olga, event.id)] == ["ann"]
    assert bob.person_id not in {
        row.person_id for row in view_class(store, settings, olga, event.id)
    }
    with pytest.raises(NotFound):
        view_class(store, settings, olga, "nonsense")
