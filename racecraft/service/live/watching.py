"""Who may watch what, what they are told first, and where all cars are now."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.job import JobKind
from racecraft.domain.live.scene import PERIOD_S
from racecraft.domain.live.segments import read_cars, read_head
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice
from racecraft.service.jobs.asking import view_job
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.models import load_model, load_training

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.jobs.job import Job
    from racecraft.service.live.hub import Hub, Viewer
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

FORMAT = 1
"""Version of what is sent to viewers."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CarSize(_Answer):
    """How large the cars are."""

    body_length_m: float
    body_width_m: float
    wheelbase_m: float


class CameraSize(_Answer):
    """How large the pictures of one eye are."""

    width: int
    height: int
    channels: int = Field(description="1 grey, 2 two grey eyes, 3 colour")


class ActionValues(_Answer):
    """One action of a list."""

    steering_rad: float
    speed_mps: float


class LiveFacts(_Answer):
    """What a viewer must know of a job before the first segment."""

    type: str = "hello"
    format: int = FORMAT
    job: str
    kind: str
    status: str
    model: str
    shell: str
    colour: str
    num_cars: int
    lap_cars: int = Field(description="cars with higher numbers practise from places off the line")
    period_s: float = PERIOD_S
    tracks: tuple[TrackChoice, ...] = Field(description="car i drives on i modulo their count")
    car: CarSize
    camera: CameraSize | None
    actions: tuple[ActionValues, ...] | None


class CarNow(_Answer):
    """Where a car is."""

    x_m: float
    y_m: float
    heading_rad: float
    speed_mps: float
    steering_rad: float
    progress_percent: float
    reward: float | None
    action: int
    status: str


class Snapshot(_Answer):
    """Where all cars of a job were in the newest step that was published."""

    job: str
    status: str
    viewers: int = Field(description="how many watch through a WebSocket")
    part: int | None = Field(description="iteration or trial; null before the first is known")
    stream_s: float | None = Field(description="stream time of this step")
    cars: tuple[CarNow, ...] = Field(description="empty before the first is known")


def live_facts(store: Store, settings: Settings, actor: Actor, job_id: str) -> LiveFacts:
    """What a viewer must know first.

    Raises:
        NotFound: there is no such job, it is somebody else's, or its model is gone.
        StorageFailed: the documents of the model cannot be read.
    """
    job = view_job(store, actor, job_id)
    with store.look() as work:
        record = work.get(Model, job.model_id)
    folder = folder_of(settings, record)
    model = load_model(folder)
    facts = {
        "job": job.id,
        "kind": job.kind.value,
        "status": job.status.value,
        "model": record.name,
        "shell": record.shell,
        "colour": record.colour,
        **_design(model),
    }
    if job.kind is JobKind.TRAINING:
        training = load_training(folder)
        hyper, tracks = training.hyperparameters, training.tracks
        cars = {"num_cars": hyper.num_cars, "lap_cars": hyper.num_lap_cars}
    else:
        fields = job.request.get("evaluation", job.request)
        tracks = (EvaluationSpec.model_validate(fields).track,)
        cars = {"num_cars": 1, "lap_cars": 1}
    return LiveFacts.model_validate({**facts, **cars, "tracks": tracks})


def watch(store: Store, hub: Hub, actor: Actor, job_id: str, wake: Callable[[], None]) -> Viewer:
    """Watch a job.

    Args:
        store: the records.
        hub: of this service.
        actor: who asks.
        job_id: which job.
        wake: called, from any thread, when there is something to take.

    Raises:
        NotFound: there is no such job, or it is somebody else's.
        TooManyRequests: as many watch already as this service can serve.
    """
    return hub.join(view_job(store, actor, job_id).id, wake)


def snapshot(store: Store, hub: Hub, actor: Actor, job_id: str) -> Snapshot:
    """Where all cars of a job are now; who asks again within five seconds gets newer places.

    Raises:
        NotFound: there is no such job, or it is somebody else's.
    """
    job = view_job(store, actor, job_id)
    message, viewers = hub.glance(job_id)
    if message is None:
        return _snapshot(job, viewers)
    head, cars = read_head(message), read_cars(message)
    last = head.steps - 1
    rows = [
        CarNow(
            **{name: round(float(getattr(cars, name)[last, car]), 4) for name in _PLAIN},
            reward=_finite(float(cars.reward[last, car])),
            action=int(cars.action[last, car]),
            status=EpisodeStatus(int(cars.status[last, car])).trace_word,
        )
        for car in range(head.cars)
    ]
    stream_s = head.start_s + float(cars.time_s[last])
    return _snapshot(job, viewers, part=head.part, stream_s=stream_s, cars=tuple(rows))


_PLAIN = ("x_m", "y_m", "heading_rad", "speed_mps", "steering_rad", "progress_percent")


def _snapshot(job: Job, viewers: int, **known: Any) -> Snapshot:
    facts = {"part": None, "stream_s": None, "cars": (), **known}
    return Snapshot(job=job.id, status=job.status.value, viewers=viewers, **facts)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _design(model: ModelSpec) -> dict[str, Any]:
    """What of a model a viewer can see."""
    car, camera, space = model.car, model.camera, model.action_space
    actions = None
    if isinstance(space, DiscreteActionSpace):
        actions = tuple(
            ActionValues(steering_rad=math.radians(each.steering_angle), speed_mps=each.speed)
            for each in space.actions
        )
    return {
        "car": CarSize(
            body_length_m=car.body_length_m,
            body_width_m=car.body_width_m,
            wheelbase_m=car.wheelbase_m,
        ),
        "camera": camera
        and CameraSize(width=camera.width, height=camera.height, channels=camera.channels),
        "actions": actions,
    }
