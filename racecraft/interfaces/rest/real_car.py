"""Models for the physical car."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.real_car.files import CarFile, car_file_for

router = APIRouter(tags=["models"])
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.media_type: {} for kind in CarFile}, "description": "The file."}
}


@router.get("/models/{model_id}/car", response_class=Response, responses=_ANSWER)
def car(
    model_id: str,
    actor: Asker,
    here: Here,
    kind: Annotated[
        CarFile, Query(description="the archive that the car takes, or the policy as ONNX")
    ] = CarFile.CAR,
    checkpoint: Annotated[
        str, Query(max_length=20, description="best, last or the number of an iteration")
    ] = "best",
) -> Response:
    """The policy of a model for the physical car (`model_metadata.json`, `agent/model.pb`)."""
    name, data = car_file_for(
        here.store, here.settings, actor, model_id, kind=kind, checkpoint=checkpoint
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind.media_type, headers=headers)
