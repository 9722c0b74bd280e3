"""Jobs, vehicles and people of this machine: the records in its home folder.

Whoever can read and write the home folder is the admin of what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import NotFound
from racecraft.service import garage, making, upkeep
from racecraft.service.collection import ModelFilter, list_models
from racecraft.service.documents import near
from racecraft.service.garage import Vehicle
from racecraft.service.jobs import asking, nodes, quotas
from racecraft.service.people import administration, invitations, person
from racecraft.service.store import open_store

if TYPE_CHECKING:
    from racecraft.service.access import Actor, Role
    from racecraft.service.jobs.job import Job
    from racecraft.service.jobs.nodes import Node, WorkerToken
    from racecraft.service.jobs.quotas import Usage
    from racecraft.service.people.invitations import Invitation
    from racecraft.service.people.person import Person
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


@dataclass(frozen=True)
class LocalRecords:
    """The database of the home folder."""

    settings: Settings

    def jobs(self, *, is_active: bool) -> Sequence[Job]:
        with self._open() as (store, me):
            return asking.list_jobs(store, me, is_active=is_active, limit=500)

    def stop_job(self, job_id: str) -> Job:
        with self._open() as (store, me):
            return asking.stop_job(store, me, job_id)

    def resume(self, name: str, stop: Mapping[str, Any]) -> Job:
        with self._open() as (store, me):
            upkeep.reconcile(store, self.settings, me.person_id)
            found, _ = list_models(store, me, ModelFilter(text=name[:100], limit=500))
            ids = {view.model.name: view.model.id for view in found}
            if name not in ids:
                raise NotFound(f"There is no model {name!r} here.{near(name, list(ids))}")
            return making.train_on(store, self.settings, me, ids[name], dict(stop))

    def vehicles(self) -> Sequence[Vehicle]:
        with self._open() as (store, me):
            return garage.list_vehicles(store, me)

    def build_vehicle(self, fields: dict[str, Any]) -> Vehicle:
        with self._open() as (store, me):
            return garage.build_vehicle(store, me, fields)

    def mod_vehicle(self, name: str, changes: dict[str, Any]) -> Vehicle:
        vehicle = vehicle_named(self.vehicles(), name)
        with self._open() as (store, me):
            return garage.mod_vehicle(store, me, vehicle.id, changes)

    def scrap_vehicle(self, name: str) -> None:
        vehicle = vehicle_named(self.vehicles(), name)
        with self._open() as (store, me):
            garage.scrap_vehicle(store, me, vehicle.id)

    def me(self) -> Person:
        with self._open() as (store, me):
            return person.view_person(store, me, me.person_id)

    def edit_profile(self, changes: dict[str, Any]) -> Person:
        with self._open() as (store, me):
            return person.edit_profile(store, me, me.person_id, changes)

    def usage(self) -> Usage:
        with self._open() as (store, me):
            return quotas.view_usage(store, me, me.person_id)

    def people(self, text: str) -> Sequence[Person]:
        with self._open() as (store, me):
            return person.search_people(store, me, text, limit=500)

    def set_role(self, name: str, role: Role) -> Person:
        somebody = person_named(self.people(name), name)
        with self._open() as (store, me):
            return administration.set_role(store, me, somebody.id, role)

    def set_active(self, name: str, *, is_active: bool) -> Person:
        somebody = person_named(self.people(name), name)
        with self._open() as (store, me):
            return administration.set_active(store, me, somebody.id, is_active=is_active)

    def invitations(self) -> Sequence[Invitation]:
        with self._open() as (store, me):
            return invitations.list_invitations(store, me)

    def invite(self, role: Role, heads: int, hours: float | None, note: str) -> Invitation:
        with self._open() as (store, me):
            return invitations.invite(store, me, role=role, heads=heads, hours=hours, note=note)

    def revoke_invitation(self, code: str) -> None:
        invitation = invitation_of(self.invitations(), code)
        with self._open() as (store, me):
            invitations.revoke_invitation(store, me, invitation.id)

    def nodes(self) -> Sequence[Node]:
        with self._open() as (store, me):
            return nodes.list_nodes(store, me)

    def make_worker_token(self, name: str) -> tuple[WorkerToken, str]:
        with self._open() as (store, me):
            return nodes.make_worker_token(store, me, name)

    def worker_tokens(self) -> Sequence[WorkerToken]:
        with self._open() as (store, me):
            return nodes.list_worker_tokens(store, me)

    def revoke_worker_token(self, token_id: str) -> WorkerToken:
        token = worker_token_of(self.worker_tokens(), token_id)
        with self._open() as (store, me):
            nodes.revoke_worker_token(store, me, token.id)
        return token

    @contextmanager
    def _open(self) -> Iterator[tuple[Store, Actor]]:
        store = open_store(self.settings)
        try:
            yield store, person.local_actor(store)
        finally:
            store.close()


def vehicle_named(vehicles: Sequence[Vehicle], name: str) -> Vehicle:
    """The vehicle of a name, in any capitals.

    Raises:
        NotFound: there is none.
    """
    for vehicle in vehicles:
        if vehicle.name_key == name.casefold():
            return vehicle
    names = [vehicle.name for vehicle in vehicles]
    raise NotFound(f"There is no vehicle {name!r} in the garage.{near(name, names)}")


def person_named(people: Sequence[Person], name: str) -> Person:
    """The person of a racer name, in any capitals.

    Raises:
        NotFound: there is none.
    """
    for somebody in people:
        if somebody.name_key == name.casefold():
            return somebody
    raise NotFound(f"There is no racer {name!r}; `racecraft people list` shows who there is.")


def invitation_of(found: Sequence[Invitation], code: str) -> Invitation:
    """The invitation of a code.

    Raises:
        NotFound: there is none.
    """
    for invitation in found:
        if invitation.code == code.strip().upper():
            return invitation
    raise NotFound(
        f"There is no invitation {code!r}; `racecraft invitations list` shows what there is."
    )


def worker_token_of(found: Sequence[WorkerToken], token_id: str) -> WorkerToken:
    """The token of an id, or of how it begins.

    Raises:
        NotFound: there is none, or more than one begins so.
    """
    fitting = [token for token in found if token_id and token.id.startswith(token_id)]
    if len(fitting) != 1:
        raise NotFound(
            f"There is no worker token {token_id!r}; `racecraft workers tokens` shows their ids."
        )
    return fitting[0]
