"""The process of the service: console, API and executor, from start to Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from racecraft.domain.errors import Conflict
from racecraft.interfaces import probes
from racecraft.interfaces.addresses import network_addresses
from racecraft.interfaces.gate import Gate
from racecraft.interfaces.patience import PatientProtocol
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.web.app import mount_console
from racecraft.interfaces.who import Installation
from racecraft.service.cluster.keeper import ClusterKeeper
from racecraft.service.executor import Executor, default_slots
from racecraft.service.leaving import refuse_other_records
from racecraft.service.people.person import local_actor
from racecraft.service.signing import ready_key
from racecraft.service.store import open_store

if TYPE_CHECKING:
    from racecraft.service.cluster.plan import ClusterPlan
    from racecraft.service.settings import Settings

MOST_CONNECTIONS = 900
"""At a time; a process may usually have 1024 files open."""
_GOODBYE_S = 5
"""How long open connections may take to end."""
_WARM_S = 60.0
"""After so long nearly every kind of request has been answered once."""
_MOST_WORDS = 2_000_000
"""Bytes of a message that somebody sends over a WebSocket, at most."""


@dataclass(frozen=True)
class Plan:
    """How the service is to run."""

    is_hosted: bool = False
    host: str = "127.0.0.1"
    port: int = 8321
    slots: int | None = None
    cluster: ClusterPlan | None = None
    """The Ray cluster that jobs run on."""
    service_url: str | None = None
    """Where the machines of the cluster reach this service."""

    @property
    def cluster_url(self) -> str:
        """Where they reach the API: by default at this machine's first address."""
        if self.service_url:
            return f"{self.service_url.rstrip('/')}/api"
        address = next(iter(network_addresses(self.host)), None)
        return self.worker_url if address is None else f"http://{address}:{self.port}/api"

    @property
    def slots_here(self) -> int | None:
        """Jobs of this machine: none beside those of a cluster, unless somebody says how many."""
        return 0 if self.slots is None and self.cluster is not None else self.slots

    @property
    def worker_url(self) -> str:
        """Where the workers of this machine reach the API, at whatever address it listens."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/api"


def open_installation(settings: Settings, plan: Plan) -> Installation:
    """The records, brought up to date, and the executor; nothing runs yet.

    Raises:
        Conflict: the records are not those of the people whose folders are there.
        StorageFailed: the home folder or the database cannot be used.
    """
    if plan.is_hosted:  # rewards of other people run here
        settings = settings.model_copy(update={"requires_isolation": True})
    store = open_store(settings)
    if plan.is_hosted:
        refuse_other_records(store, settings)
    ready_key(settings)  # made at the first start
    if not plan.is_hosted:
        local_actor(store)
    slots = default_slots(settings) if plan.slots_here is None else plan.slots_here
    here = Installation(store, settings, plan.is_hosted, slots, plan.host)
    here.executor = Executor(store, settings, plan.worker_url, slots, here.meter)
    return here


def create_app(here: Installation) -> FastAPI:
    """All that answers: the API under `/api`, probes, and the console everywhere else."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.installation = here
    app.mount("/api", create_api(here))
    app.include_router(probes.router)
    mount_console(app, here)
    app.add_middleware(Gate, is_hosted=here.is_hosted)
    return app


def serve(here: Installation, plan: Plan) -> None:
    """Answer until Ctrl-C or a signal to end; to be called inside `in_service`.

    Raises:
        Conflict: somebody else listens at the port.
    """
    listener = _listen(plan)
    config = uvicorn.Config(
        create_app(here),
        log_config=None,  # `begin_log` has seen to it
        access_log=False,
        http=PatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        # Whoever asks could write another address into these headers.
        proxy_headers=here.settings.trusted_proxies is not None,
        forwarded_allow_ips=here.settings.trusted_proxies,
        timeout_graceful_shutdown=_GOODBYE_S,
        ws_max_size=_MOST_WORDS,
        # Numbers and pictures hardly get smaller, and many viewers would keep a core busy with it.
        ws_per_message_deflate=False,
    )
    assert here.executor is not None
    keeper = plan.cluster and ClusterKeeper(
        here.store, here.settings, plan.cluster, plan.cluster_url
    )
    here.executor.start()
    try:
        if keeper:
            keeper.start()
        _Server(config).run(sockets=[listener])
    finally:
        if keeper:
            keeper.stop()
        here.executor.stop()
        here.store.close()
        listener.close()


class _Server(uvicorn.Server):
    """Answers without long pauses.

    What is there after the start, and what the first answers add, stays: looking through it again
    and again for garbage held every answer up for a tenth of a second and more.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        asyncio.get_running_loop().call_later(_WARM_S, gc.freeze)


def _listen(plan: Plan) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in plan.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((plan.host, plan.port))
    except OSError as error:
        listener.close()
        raise Conflict(
            f"Nothing can listen at {plan.host}:{plan.port} ({error.strerror}); end what uses the "
            "port, or choose another one with --port."
        ) from error
    return listener
