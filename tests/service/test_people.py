"""People: getting in, staying in, being kept out."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    SignInNeeded,
    TooManyRequests,
)
from racecraft.service.access import Actor, Operation, Role, Scope
from racecraft.service.instance import Registration, change_instance
from racecraft.service.people import administration, api_tokens, invitations, sessions
from racecraft.service.people.person import (
    LOCAL_PERSON,
    Person,
    edit_profile,
    local_actor,
    search_people,
    view_person,
)
from racecraft.service.people.registration import Welcome, has_admin, register
from racecraft.service.people.sign_in import (
    MOST_FAILURES,
    WINDOW_S,
    change_password,
    recover,
    sign_in,
)
from racecraft.service.store import Store
from tests.service.conftest import Clock

ADMIN = Actor("root", Role.ADMIN)
PASSWORD = "correct horse"


def opened(store: Store) -> Store:
    change_instance(store, ADMIN, {"registration": "OPEN"})
    return store


def join(store: Store, name: str = "Ann", password: str | None = PASSWORD) -> Welcome:
    return register(opened(store), name, password=password)


def test_who_registers_can_sign_in_with_any_capitals(either_store: Store) -> None:
    ann = join(either_store)
    person, secret = sign_in(either_store, "aNN", PASSWORD)
    assert person.id == ann.person.id
    assert sessions.actor_of_session(either_store, secret) == Actor(person.id, Role.RACER)


def test_a_wrong_password_and_an_unknown_name_sound_the_same(store: Store) -> None:
    join(store)
    said = []
    for name, password in (("Ann", "wrong horse"), ("Nobody", PASSWORD)):
        with pytest.raises(SignInNeeded) as error:
            sign_in(store, name, password)
        said.append(str(error.value))
    assert said[0] == said[1]


def test_who_fails_too_often_must_wait_even_with_the_right_password(
    store: Store, clock: Clock
) -> None:
    join(store)
    for _ in range(MOST_FAILURES["name"]):
        with pytest.raises(SignInNeeded):
            sign_in(store, "Ann", "wrong horse")
        clock.now_s += 1.0
    with pytest.raises(TooManyRequests, match="wait 15 minutes") as error:
        sign_in(store, "Ann", PASSWORD)
    clock.now_s += error.value.wait_s
    assert sign_in(store, "Ann", PASSWORD)[0].name == "Ann"


def test_a_class_behind_one_address_is_not_locked_out_by_one_of_them(store: Store) -> None:
    join(store)
    for k in range(MOST_FAILURES["name"]):
        with pytest.raises(SignInNeeded):
            sign_in(store, f"Ghost{k}", "wrong horse", address="10.0.0.1")
    assert sign_in(store, "Ann", PASSWORD, address="10.0.0.1")[0].name == "Ann"
    for k in range(MOST_FAILURES["address"] - MOST_FAILURES["name"]):
        with pytest.raises(SignInNeeded):
            sign_in(store, f"Other{k}", "wrong horse", address="10.0.0.1")
    with pytest.raises(TooManyRequests):
        sign_in(store, "Ann", PASSWORD, address="10.0.0.1")
    assert sign_in(store, "Ann", PASSWORD, address="10.0.0.2")[0].name == "Ann"


def test_old_failures_are_forgotten(store: Store, clock: Clock) -> None:
    join(store)
    for _ in range(MOST_FAILURES["name"] - 1):
        with pytest.raises(SignInNeeded):
            sign_in(store, "Ann", "wrong horse")
    clock.now_s += WINDOW_S + 1
    with pytest.raises(SignInNeeded):
        sign_in(store, "Ann", "wrong horse")
    assert sign_in(store, "Ann", PASSWORD)[0].name == "Ann"


def test_a_session_ends_by_itself_by_signing_out_and_by_locking_out(
    store: Store, clock: Clock
) -> None:
    ann = join(store)
    _, second = sign_in(store, "Ann", PASSWORD)
    sessions.close_session(store, second)
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, second)
    assert sessions.actor_of_session(store, ann.session).person_id == ann.person.id
    administration.set_active(store, ADMIN, ann.person.id, is_active=False)
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, ann.session)
    with pytest.raises(SignInNeeded):
        sign_in(store, "Ann", PASSWORD)
    administration.set_active(store, ADMIN, ann.person.id, is_active=True)
    _, third = sign_in(store, "Ann", PASSWORD)
    clock.now_s += 31 * 86_400
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, third)


def test_one_can_sign_ones_own_other_browsers_out_but_nobody_elses(store: Store) -> None:
    ann, bob = join(store), join(store, "Bob")
    _, other = sign_in(store, "Ann", PASSWORD, browser="Firefox on a phone")
    listed = sessions.list_sessions(store, ann.person.actor)
    phone = next(each for each in listed if each.browser == "Firefox on a phone")
    with pytest.raises(NotFound):
        sessions.revoke_session(store, bob.person.actor, phone.id)
    sessions.revoke_session(store, ann.person.actor, phone.id)
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, other)


def test_walking_up_needs_a_name_alone_and_the_recovery_code_leads_back_in(store: Store) -> None:
    eve = join(store, "Eve", password=None)
    with pytest.raises(SignInNeeded):
        sign_in(store, "Eve", "")
    typed = eve.recovery_code.lower().replace("-", " ")
    person, secret, fresh = recover(store, "eve", typed, new_password=PASSWORD)
    assert sessions.actor_of_session(store, secret).person_id == person.id == eve.person.id
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, eve.session)
    with pytest.raises(SignInNeeded):
        recover(store, "Eve", eve.recovery_code)
    assert recover(store, "Eve", fresh)[0].id == eve.person.id
    assert sign_in(store, "Eve", PASSWORD)[0].id == eve.person.id


def test_a_new_password_ends_the_old_one_and_other_sessions(store: Store) -> None:
    ann = join(store)
    with pytest.raises(SignInNeeded, match="old password"):
        change_password(store, ann.person.actor, "wrong horse", "new password")
    change_password(store, ann.person.actor, PASSWORD, "new password")
    with pytest.raises(SignInNeeded):
        sessions.actor_of_session(store, ann.session)
    with pytest.raises(SignInNeeded):
        sign_in(store, "Ann", PASSWORD)
    assert sign_in(store, "Ann", "new password")


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_of_an_odd_length_is_refused(store: Store, password: str) -> None:
    with pytest.raises(InvalidInput, match="use 8 to 200"):
        register(opened(store), "Ann", password=password)


def test_passwords_and_secrets_are_kept_as_hashes_only(store: Store) -> None:
    ann = join(store)
    _, secret = api_tokens.make_token(store, ann.person.actor, "notebook", (Scope.READ,))
    with store.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    for word in (PASSWORD, ann.session, ann.recovery_code, secret):
        assert word not in dump


def test_nobody_registers_where_it_is_closed_or_without_an_invitation(store: Store) -> None:
    with pytest.raises(Forbidden, match="need an invitation"):
        register(store, "Ann", password=PASSWORD)
    change_instance(store, ADMIN, {"registration": Registration.CLOSED})
    with pytest.raises(Forbidden, match="Nobody can register"):
        register(store, "Ann", password=PASSWORD)


def test_an_invitation_lets_in_as_many_as_it_says_and_gives_its_role(store: Store) -> None:
    made = invitations.invite(store, ADMIN, role=Role.ORGANISER, heads=2)
    for name in ("Ann", "Bob"):
        welcome = register(store, name, invitation=made.code.lower().replace("-", ""))
        assert welcome.person.role is Role.ORGANISER
    with pytest.raises(InvalidInput, match="used up or over"):
        register(store, "Cid", invitation=made.code)
    assert invitations.list_invitations(store, ADMIN)[0].used == 2


def test_a_failed_registration_takes_no_place_of_the_invitation(store: Store) -> None:
    made = invitations.invite(store, ADMIN, heads=2)
    register(store, "Ann", invitation=made.code)
    with pytest.raises(Conflict, match="'ann' already"):
        register(store, "ann", invitation=made.code)
    assert invitations.list_invitations(store, ADMIN)[0].used == 1


def test_an_invitation_ends_in_time_and_when_revoked(store: Store, clock: Clock) -> None:
    short = invitations.invite(store, ADMIN, hours=1)
    other = invitations.invite(store, ADMIN, heads=5)
    clock.now_s += 3601
    with pytest.raises(InvalidInput):
        register(store, "Ann", invitation=short.code)
    invitations.revoke_invitation(store, ADMIN, other.id)
    with pytest.raises(InvalidInput):
        register(store, "Ann", invitation=other.code)


def test_an_organiser_learns_no_code_that_makes_an_admin(store: Store) -> None:
    organiser = Actor("olga", Role.ORGANISER)
    stronger = invitations.invite(store, ADMIN, role=Role.ADMIN)
    racers = invitations.invite(store, ADMIN, heads=30)
    assert [each.id for each in invitations.list_invitations(store, organiser)] == [racers.id]
    assert len(invitations.list_invitations(store, ADMIN)) == 2
    with pytest.raises(NotFound):
        invitations.revoke_invitation(store, organiser, stronger.id)
    invitations.revoke_invitation(store, organiser, racers.id)
    assert [each.id for each in invitations.list_invitations(store, ADMIN)] == [stronger.id]


def test_an_organiser_invites_racers_only(store: Store) -> None:
    organiser = Actor("olga", Role.ORGANISER)
    assert invitations.invite(store, organiser, heads=30).role is Role.RACER
    with pytest.raises(Forbidden, match="invite a racer"):
        invitations.invite(store, organiser, role=Role.ADMIN)
    with pytest.raises(Forbidden):
        invitations.invite(store, Actor("rita", Role.RACER))


@pytest.mark.parametrize("name", ["", "a", "-ab", "ab-", "a b", "ä-name", "x" * 41, "ab\n", "<b>x"])
def test_a_racer_name_of_other_characters_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput, match="2 to 40"):
        register(opened(store), name)


def test_an_organiser_can_set_a_rule_for_racer_names(store: Store) -> None:
    organiser = Actor("olga", Role.ORGANISER)
    rule = {"racer_name_pattern": r"S3-\w+", "racer_name_hint": "begin with S3-, as in S3-Ann."}
    change_instance(opened(store), organiser, rule)
    with pytest.raises(InvalidInput, match="begin with S3-, as in S3-Ann"):
        register(store, "Ann")
    assert register(store, "S3-Ann").person.name == "S3-Ann"
    with pytest.raises(Forbidden):
        change_instance(store, organiser, {"registration": "CLOSED"})
    with pytest.raises(InvalidInput, match="no regular expression"):
        change_instance(store, organiser, {"racer_name_pattern": "("})


def test_a_racer_name_stays_once_it_is_chosen(store: Store) -> None:
    ann = join(store)
    with pytest.raises(Conflict, match="stays so"):
        edit_profile(store, ann.person.actor, ann.person.id, {"name": "Anna"})


def test_the_local_person_has_every_right_and_chooses_a_name_once(store: Store) -> None:
    actor = local_actor(store)
    assert actor == local_actor(store)
    assert actor.role is Role.ADMIN
    edit_profile(store, actor, LOCAL_PERSON, {"name": "Speedy", "country": "DE"})
    assert view_person(store, actor, LOCAL_PERSON).name == "Speedy"
    with pytest.raises(Conflict):
        edit_profile(store, actor, LOCAL_PERSON, {"name": "Other"})
    assert not has_admin(store)


@pytest.mark.parametrize(
    "changes",
    [{"country": "Germany"}, {"email": "no address"}, {"role": "ADMIN"}, {"password_hash": "x"}],
)
def test_a_profile_takes_only_what_fits(store: Store, changes: dict[str, str]) -> None:
    ann = join(store)
    with pytest.raises(InvalidInput):
        edit_profile(store, ann.person.actor, ann.person.id, changes)


def test_others_see_a_profile_without_what_is_private(store: Store) -> None:
    ann, bob = join(store), join(store, "Bob")
    edit_profile(store, ann.person.actor, ann.person.id, {"email": "ann@example.org"})
    seen = view_person(store, bob.person.actor, ann.person.id)
    assert (seen.name, seen.email) == ("Ann", "")
    with pytest.raises(Forbidden):
        edit_profile(store, bob.person.actor, ann.person.id, {"country": "FR"})
    found = search_people(store, Actor("olga", Role.ORGANISER), "an")
    assert [(each.name, each.email) for each in found] == [("Ann", "")]


def test_the_last_admin_stays_one(store: Store) -> None:
    root = register(
        store, "Root", invitation=invitations.invite(store, ADMIN, role=Role.ADMIN).code
    )
    actor = root.person.actor
    local_actor(store)  # an admin, too, but one that nobody can sign in as
    assert has_admin(store)
    for change in (
        lambda: administration.set_role(store, actor, root.person.id, Role.RACER),
        lambda: administration.set_active(store, actor, root.person.id, is_active=False),
    ):
        with pytest.raises(Conflict, match="only admin"):
            change()
    ann = join(store)
    administration.set_role(store, actor, ann.person.id, Role.ADMIN)
    assert administration.set_role(store, actor, root.person.id, Role.RACER).role is Role.RACER


def test_a_deleted_person_leaves_no_way_in(store: Store) -> None:
    ann = join(store)
    _, token = api_tokens.make_token(store, ann.person.actor, "t", (Scope.READ,))
    with store.work() as work:
        administration.forget_person(work, work.get(Person, ann.person.id))
    for get_in in (
        lambda: sessions.actor_of_session(store, ann.session),
        lambda: api_tokens.actor_of_token(store, token),
        lambda: sign_in(store, "Ann", PASSWORD),
    ):
        with pytest.raises(SignInNeeded):
            get_in()


def test_a_token_has_the_rights_of_its_scopes_until_it_ends(store: Store, clock: Clock) -> None:
    ann = join(store)
    token, secret = api_tokens.make_token(
        store, ann.person.actor, "notebook", (Scope.READ,), days=2
    )
    actor = api_tokens.actor_of_token(store, secret)
    assert actor.may(Operation.VIEW_MODEL, ann.person.id)
    assert not actor.may(Operation.RUN_JOB, ann.person.id)
    clock.now_s += 3 * 86_400
    with pytest.raises(SignInNeeded, match="has expired"):
        api_tokens.actor_of_token(store, secret)
    api_tokens.revoke_token(store, ann.person.actor, token.id)
    with pytest.raises(SignInNeeded, match="not known"):
        api_tokens.actor_of_token(store, secret)


def test_a_token_cannot_make_a_stronger_one(store: Store) -> None:
    ann = join(store)
    _, secret = api_tokens.make_token(store, ann.person.actor, "w", (Scope.WRITE,))
    actor = api_tokens.actor_of_token(store, secret)
    with pytest.raises(Forbidden):
        api_tokens.make_token(store, actor, "more", (Scope.READ, Scope.WRITE))
    with pytest.raises(InvalidInput, match="for organisers and admins"):
        api_tokens.make_token(store, ann.person.actor, "more", (Scope.ADMIN,))
