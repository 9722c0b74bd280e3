"""The course over the API: one's own progress, and a class for those who teach."""

from __future__ import annotations

from racecraft.interfaces.rest.who import Installation
from racecraft.service.access import Role
from racecraft.service.course.learner import Learner
from racecraft.service.course.plan import CHAPTERS, QUIZ
from tests.interfaces.conftest import Browser


def test_a_racer_takes_the_course_and_the_teacher_sees_it(browser: Browser) -> None:
    ann, olga = browser("Ann"), browser("Olga", Role.ORGANISER)
    assert ann.put("/course/language", json={"language": "de"}).json() == {"done": True}
    assert ann.put(f"/course/chapters/{CHAPTERS[0]}").status_code == 200
    answer = ann.put(f"/course/quiz/{QUIZ[0].key}", json={"choice": QUIZ[0].right}).json()
    assert answer["is_right"] is True
    assert answer["score"]["right"] == 1
    ann.post("/vehicles", json={"name": "mine"})
    mine = ann.get("/course").json()
    assert (mine["language"], mine["chapters"], mine["mission"]) == ("de", [CHAPTERS[0]], "garage")
    checks = {each["key"]: each["seen_at_s"] for each in mine["missions"][0]["checks"]}
    assert checks["vehicle"] > 0
    assert checks["profile"] is None

    (row,) = olga.get("/course/class").json()["items"]
    assert (row["name"], row["checks_done"], row["chapters_done"]) == ("Ann", 2, 1)
    refused = ann.get("/course/class")
    assert refused.status_code == 403
    assert "may not view the progress of a class" in refused.json()["error"]["message"]

    assert ann.delete("/course/quiz").status_code == 200
    assert ann.get("/course").json()["answers"] == {}


def test_what_there_is_not_is_told(browser: Browser) -> None:
    ann = browser("Ann")
    assert ann.put("/course/chapters/nonsense").status_code == 404
    assert ann.put("/course/quiz/nonsense", json={"choice": "car"}).status_code == 404
    assert ann.put("/course/language", json={"language": "fr"}).status_code == 422
    answer = ann.put(f"/course/quiz/{QUIZ[0].key}", json={"choice": "nonsense"})
    assert answer.status_code == 422


def test_the_progress_of_somebody_who_leaves_goes_with_them(
    together: Installation, browser: Browser
) -> None:
    ann = browser("Ann")
    ann.put("/course/language", json={"language": "de"})
    person_id = ann.get("/me").json()["id"]
    with together.store.look() as work:
        assert work.count(Learner, id=person_id) == 1
    assert ann.delete(f"/people/{person_id}?name=Ann").status_code == 200
    with together.store.look() as work:
        assert work.count(Learner) == 0
