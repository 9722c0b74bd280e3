"""The course in the browser: figures by mouse and keyboard, a car that learns, ticks, the quiz."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from racecraft.interfaces.web.course.catalogue import texts_in
from racecraft.service.course.plan import CHAPTERS, QUIZ
from tests.interfaces.web.conftest import Console, visit

ENGLISH, GERMAN = texts_in("en"), texts_in("de")


@pytest.fixture(scope="module")
def modules(chromium: Browser, solo: Console) -> Any:
    """`modules(name, body)` runs a function in the browser with what a module exports."""
    page = visit(chromium, solo, is_signed_in=False).open("/learn/lesson")
    script = page.locator("script[src*='/course/page.js']").get_attribute("src")
    assert script is not None

    def run(name: str, body: str) -> Any:
        address = script.replace("page.js", f"{name}.js")
        return page.evaluate(f"async () => {{ const m = await import('{address}'); {body} }}")

    yield run
    page.context.close()


def lesson(chromium: Browser, console: Console, **more: Any) -> Page:
    page = visit(chromium, console, is_signed_in=True, **more).open("/learn/lesson")
    page.wait_for_selector("course-toy svg")
    return page


def task(page: Page, chapter: str) -> Locator:
    return page.locator(".chapter-task").nth(CHAPTERS.index(chapter))


def told(figure: Locator) -> str:
    return figure.locator(".course-readout").inner_text()


def test_the_toy_car_really_learns_whatever_its_luck(modules: Any) -> None:
    found = modules(
        "learner",
        """
        const mean = (shares) => shares.reduce((a, b) => a + b) / shares.length;
        return [1, 2, 3, 4, 5, 7].map((seed) => {
          const learner = new m.Learner(seed);
          const before = learner.examine();
          for (let k = 0; k < 200; k += 1) learner.finishTry();
          const { reached } = learner;
          return [before, mean(reached.slice(0, 20)), mean(reached.slice(-50)), learner.examine()];
        });
        """,
    )
    for before, first, last, after in found:
        assert before < 0.5
        assert first < 0.45
        assert last > 0.75
        assert after == 1


def test_the_same_seed_learns_the_same_and_another_one_differs(modules: Any) -> None:
    tables = modules(
        "learner",
        """
        return [3, 3, 4].map((seed) => {
          const learner = new m.Learner(seed);
          for (let k = 0; k < 30; k += 1) learner.finishTry();
          return learner.table;
        });
        """,
    )
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]


def test_an_examination_teaches_and_moves_nothing(modules: Any) -> None:
    before, after = modules(
        "learner",
        """
        const state = (l) => JSON.stringify([l.table, l.car, l.stepsOfTry, l.situation, l.traces]);
        const learner = new m.Learner(5);
        for (let k = 0; k < 40; k += 1) learner.step();
        const before = state(learner);
        learner.examine();
        return [before, state(learner)];
        """,
    )
    assert before == after


def test_a_place_beside_the_centre_line_is_found_again(modules: Any) -> None:
    away = modules(
        "road",
        """
        const road = new m.Road();
        return [0, 1.7, 5.2, 11.5].flatMap((along) => [-0.2, 0, 0.25].map((left) => {
          const k = road.index(along);
          const [x, y] = road.points[k];
          const yaw = road.yaws[k];
          const found = road.locate(x - left * Math.sin(yaw), y + left * Math.cos(yaw), along);
          return [found.along - k * road.stepM, found.offset - left].map(Math.abs);
        }));
        """,
    )
    assert all(along < 0.1 and offset < 0.02 for along, offset in away)


def test_the_best_way_is_the_best_of_all_ways(modules: Any) -> None:
    best, all_best = modules(
        "rewards",
        """
        const rewards = [[0, 3, -3, 1, 0, 1, 3], [1, 0, 3, -3, 1, 0, 0], [0, 1, 0, 3, 3, -3, 1]];
        const tries = (lane, column) => column === 7 ? [0] : [lane - 1, lane, lane + 1]
          .filter((each) => rewards[each]).flatMap((each) =>
            tries(each, column + 1).map((sum) => sum + rewards[each][column]));
        const found = m.bestWay(rewards);
        const paid = found.lanes.reduce((sum, lane, column) => sum + rewards[lane][column], 0);
        return [[found.total, paid], Math.max(...tries(1, 1)) + rewards[1][0]];
        """,
    )
    assert best == [all_best, all_best]


def test_some_guessing_pays_best_and_never_guessing_stays_with_the_first_road(
    modules: Any,
) -> None:
    means = modules(
        "exploration",
        """
        const seeds = Array.from({ length: 20 }, (_, k) => k);
        return [0, 0.1, 1].map((share) =>
          seeds.reduce((sum, seed) => sum + m.tryRoads(share, seed).mean, 0) / seeds.length);
        """,
    )
    never, some, always = means
    assert some > always > never


def test_the_objective_of_ppo_is_flat_where_it_should_be(modules: Any) -> None:
    values = modules(
        "clip",
        """
        return [[1.5, 1], [0.5, 1], [1.5, -1], [0.5, -1]].map(([ratio, advantage]) =>
          [m.objective(ratio, advantage, 0.2), m.isFlat(ratio, advantage, 0.2)]);
        """,
    )
    assert values == [[1.2, True], [0.5, False], [-1.5, False], [-0.8, True]]


def test_all_figures_can_be_played_by_keyboard_and_the_ticks_are_kept(
    chromium: Browser, hosted: Console
) -> None:
    page = lesson(chromium, hosted)
    keys = page.keyboard

    loop = page.locator("course-loop")
    left, straight, right = (loop.locator(".actions button").nth(k) for k in range(3))
    for button in (straight, left, left, straight, right, right, straight, left):
        button.focus()
        keys.press("Enter")
    assert "8.00 in all" in told(loop)
    assert left.is_disabled()

    rewards = page.locator("course-rewards")
    rewards.locator(".course-cell").first.focus()
    for key in ("ArrowDown", "ArrowDown", *["ArrowRight"] * 6, "Enter", "Enter"):
        keys.press(key)
    assert told(rewards).startswith("The best way uses the lanes 2, 1, 1, 1, 1, 2, 3")

    roads = page.locator("course-exploration")
    for presses in (0, 20, 40):
        roads.locator("input").focus()
        for _ in range(presses):
            keys.press("ArrowRight")
        roads.locator(".actions button").first.click()

    discount = page.locator("course-discount")
    discount.locator("input").focus()
    keys.press("End")
    assert "for the far one" in told(discount)

    clip = page.locator("course-clip")
    clip.locator("input").first.focus()
    keys.press("End")
    assert "flat" in told(clip)
    clip.get_by_role("button", name=ENGLISH("figures.clip.worse")).click()
    clip.locator("input").first.focus()
    keys.press("Home")
    assert "flat" in told(clip)

    for chapter in CHAPTERS[:-1]:
        expect(task(page, chapter)).to_have_class("chapter-task done")
    page.reload()
    for chapter in CHAPTERS[:-1]:
        expect(task(page, chapter)).to_have_class("chapter-task done")
    page.context.close()


def test_the_ratio_can_be_dragged(chromium: Browser, solo: Console) -> None:
    page = lesson(chromium, solo)
    picture = page.locator("course-clip svg")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + 40, steps=3)
    page.mouse.up()
    assert float(page.locator("course-clip output").first.inner_text()) > 1.5
    page.context.close()


def test_the_toy_car_learns_while_one_reads_and_can_be_stopped(
    chromium: Browser, solo: Console
) -> None:
    page = lesson(chromium, solo)
    toy = page.locator("course-toy")
    toy.get_by_role("button", name="25 times as fast").click()
    toy.get_by_label("Luck (seed)").fill("146")  # learns in a thousand steps
    toy.get_by_label("Luck (seed)").blur()
    expect(task(page, "learner")).to_have_class("chapter-task done", timeout=120_000)
    toy.get_by_role("button", name="Pause").click()
    count = toy.locator(".course-count").inner_text()
    assert toy.locator(".course-try.lap").count() >= 3
    page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    assert toy.locator(".course-count").inner_text() == count
    toy.get_by_role("button", name="Forget everything").click()
    assert toy.locator(".course-count").inner_text().startswith("0 tries")
    page.context.close()


def test_who_wants_less_motion_starts_the_toy_car_themselves(
    chromium: Browser, solo: Console
) -> None:
    page = lesson(chromium, solo, reduced_motion="reduce")
    toy = page.locator("course-toy")
    assert toy.locator(".course-count").inner_text().startswith("0 tries")
    car = toy.locator(".course-toy-road > g").last
    toy.get_by_role("button", name="Start").click()
    moves = car.evaluate(
        """(car) => new Promise((go) => {
          const trails = document.querySelector(".course-trails");
          let moves = 0;
          const watch = new MutationObserver(() => { moves += 1; });
          watch.observe(car, { attributes: true });
          const look = () => trails.childElementCount >= 3
            ? go([moves, trails.childElementCount]) : requestAnimationFrame(look);
          look();
        })"""
    )
    # It moves once a try at most, not in every picture.
    assert moves[0] <= moves[1] + 1
    page.context.close()


def test_ticks_come_by_themselves_when_something_was_done(
    chromium: Browser, hosted: Console
) -> None:
    page = visit(chromium, hosted, is_signed_in=True).open("/learn/missions")
    row = page.locator(".mission").first.locator(".checks li").nth(2)
    expect(row).not_to_have_class("done")
    me = page.request.get(f"{hosted.address}/api/me").json()
    page.request.patch(f"{hosted.address}/api/people/{me['id']}", data={"country": "CH"})
    expect(row).to_have_class("done")
    seen = f"Seen: {ENGLISH('missions.garage.check_profile')}"
    expect(page.get_by_role("status").filter(has_text="Seen")).to_contain_text(seen)
    # The example has a vehicle with one camera: the whole mission is done.
    expect(page.locator(".mission").first).to_have_class("panel mission done")
    row.get_by_role("link").click()
    page.wait_for_url("**/profile")
    page.context.close()


def test_every_answer_is_explained_at_once_and_the_score_is_kept(
    chromium: Browser, hosted: Console
) -> None:
    page = visit(chromium, hosted, is_signed_in=True).open("/learn/quiz")
    question = QUIZ[0]
    texts = ENGLISH.under(f"quiz.{question.key}")
    wrong = next(choice for choice in question.choices if choice != question.right)
    asked = page.locator(".question").first
    asked.get_by_role("button", name=texts[wrong]).click()
    verdict = asked.get_by_role("status")
    expect(verdict).to_have_text(f"Not quite. {texts[f'{wrong}_why']}")
    asked.get_by_role("button", name=texts[question.right]).click()
    expect(verdict).to_have_text(f"Right. {texts[f'{question.right}_why']}")
    score = page.locator(".question").last.get_by_role("status")
    expect(score).to_have_text("1 of 8 right, 0 at the first try.")
    page.reload()
    expect(verdict).to_have_text(f"Right. {texts[f'{question.right}_why']}")
    page.get_by_role("button", name="Begin again").click()
    expect(score).to_have_text("0 of 8 right, 0 at the first try.")
    page.context.close()


def test_the_language_is_the_browsers_until_somebody_chooses_and_is_kept_with_the_person(
    chromium: Browser, solo: Console
) -> None:
    page = visit(chromium, solo, is_signed_in=False, locale="de-DE").open("/learn")
    expect(page.locator("h1")).to_have_text("Kurs")
    assert page.locator(".course").first.get_attribute("lang") == "de"
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Course")
    page.context.close()
    other = visit(chromium, solo, is_signed_in=False, locale="de-DE").open("/learn/quiz")
    expect(other.locator(".question h2").first).to_have_text(
        ENGLISH(f"quiz.{QUIZ[0].key}.question")
    )
    other.get_by_role("button", name="Deutsch").click()
    expect(other.locator(".question h2").first).to_have_text(GERMAN(f"quiz.{QUIZ[0].key}.question"))
    other.get_by_role("button", name="English").click()
    expect(other.locator(".question h2").first).to_have_text(
        ENGLISH(f"quiz.{QUIZ[0].key}.question")
    )
    other.context.close()


def test_a_teacher_sees_a_pupil_get_on(chromium: Browser, hosted: Console) -> None:
    teacher = visit(chromium, hosted, is_signed_in=True).open("/learn/class")
    made = teacher.request.post(f"{hosted.address}/api/invitations", data={"heads": 1})
    pupil = chromium.new_context()
    wish = {"name": "Pupil", "password": "correct horse", "invitation": made.json()["code"]}
    assert pupil.request.post(f"{hosted.address}/api/register", data=wish).ok
    row = teacher.locator("tbody tr").filter(has_text="Pupil")
    expect(row).to_contain_text("1. Build a car")
    pupil.request.post(f"{hosted.address}/api/vehicles", data={"name": "mine"})
    me = pupil.request.get(f"{hosted.address}/api/me").json()
    pupil.request.patch(f"{hosted.address}/api/people/{me['id']}", data={"country": "CH"})
    expect(row).to_contain_text("2. Write a reward")
    page = pupil.new_page()
    page.goto(f"{hosted.address}/learn/class")
    expect(page.locator("main")).to_contain_text("A racer may not view the progress of a class")
    page.goto(f"{hosted.address}/learn")
    expect(page.locator("h1")).to_have_text("Course")
    assert page.get_by_role("link", name="Your class").count() == 0
    pupil.close()
    teacher.context.close()
