"""A server: jobs, vehicles and people, asked over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.cli.desk.local_records import (
    invitation_of,
    person_named,
    vehicle_named,
    worker_token_of,
)
from racecraft.interfaces.cli.desk.remote_models import named
from racecraft.interfaces.client.connection import Connection, part_of_path
from racecraft.service.garage import Vehicle
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import Node, WorkerToken
from racecraft.service.jobs.quotas import Usage
from racecraft.service.people.invitations import Invitation
from racecraft.service.people.person import Person
from racecraft.service.quota_limits import Limits

if TYPE_CHECKING:
    from racecraft.service.access import Role


@dataclass(frozen=True)
class RemoteRecords:
    """One's own records on a server, and for organisers those of others."""

    connection: Connection

    def jobs(self, *, is_active: bool) -> Sequence[Job]:
        rows = self.connection.pages("jobs", active=is_active)
        return [Job.model_validate(row) for row in rows]

    def stop_job(self, job_id: str) -> Job:
        return Job.model_validate(self.connection.ask("POST", f"jobs/{part_of_path(job_id)}/stop"))

    def resume(self, name: str, stop: Mapping[str, Any]) -> Job:
        place = f"models/{named(self.connection, name)['model']['id']}/train"
        return Job.model_validate(self.connection.ask("POST", place, {"stop": dict(stop)}))

    def vehicles(self) -> Sequence[Vehicle]:
        items = self.connection.ask("GET", "vehicles")["items"]
        return [Vehicle.model_validate(item) for item in items]

    def build_vehicle(self, fields: dict[str, Any]) -> Vehicle:
        return Vehicle.model_validate(self.connection.ask("POST", "vehicles", fields))

    def mod_vehicle(self, name: str, changes: dict[str, Any]) -> Vehicle:
        vehicle = vehicle_named(self.vehicles(), name)
        return Vehicle.model_validate(
            self.connection.ask("PATCH", f"vehicles/{vehicle.id}", changes)
        )

    def scrap_vehicle(self, name: str) -> None:
        self.connection.ask("DELETE", f"vehicles/{vehicle_named(self.vehicles(), name).id}")

    def me(self) -> Person:
        return Person.model_validate(self.connection.ask("GET", "me"))

    def edit_profile(self, changes: dict[str, Any]) -> Person:
        place = f"people/{self.me().id}"
        return Person.model_validate(self.connection.ask("PATCH", place, changes))

    def usage(self) -> Usage:
        values = self.connection.ask("GET", f"people/{self.me().id}/usage")
        return Usage(**{**values, "limits": Limits.model_validate(values["limits"])})

    def people(self, text: str) -> Sequence[Person]:
        items = self.connection.ask("GET", "people", text=text, limit=500)["items"]
        return [Person.model_validate(item) for item in items]

    def set_role(self, name: str, role: Role) -> Person:
        place = f"people/{person_named(self.people(name), name).id}/role"
        return Person.model_validate(self.connection.ask("PUT", place, {"role": role.value}))

    def set_active(self, name: str, *, is_active: bool) -> Person:
        place = f"people/{person_named(self.people(name), name).id}/active"
        return Person.model_validate(self.connection.ask("PUT", place, {"is_active": is_active}))

    def invitations(self) -> Sequence[Invitation]:
        items = self.connection.ask("GET", "invitations")["items"]
        return [Invitation.model_validate(item) for item in items]

    def invite(self, role: Role, heads: int, hours: float | None, note: str) -> Invitation:
        wish = {"role": role.value, "heads": heads, "hours": hours, "note": note}
        return Invitation.model_validate(self.connection.ask("POST", "invitations", wish))

    def revoke_invitation(self, code: str) -> None:
        invitation = invitation_of(self.invitations(), code)
        self.connection.ask("DELETE", f"invitations/{invitation.id}")

    def nodes(self) -> Sequence[Node]:
        items = self.connection.ask("GET", "nodes")["items"]
        return [Node.model_validate(item["node"]) for item in items]

    def make_worker_token(self, name: str) -> tuple[WorkerToken, str]:
        made = self.connection.ask("POST", "worker-tokens", {"name": name})
        return WorkerToken.model_validate(made["token"]), made["secret"]

    def worker_tokens(self) -> Sequence[WorkerToken]:
        items = self.connection.ask("GET", "worker-tokens")["items"]
        return [WorkerToken.model_validate(item) for item in items]

    def revoke_worker_token(self, token_id: str) -> WorkerToken:
        token = worker_token_of(self.worker_tokens(), token_id)
        self.connection.ask("DELETE", f"worker-tokens/{token.id}")
        return token
