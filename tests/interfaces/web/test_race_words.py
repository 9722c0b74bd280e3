"""What a racer is told of a submission."""

from __future__ import annotations

import pytest

from racecraft.domain.ranking import Result
from racecraft.interfaces.web.pages.races.own import end_words
from racecraft.service.races.race import Submission, SubmissionStatus

DEFECT = "A lap of 4.000 s is faster than physics allows."


@pytest.mark.parametrize(
    ("status", "result", "message", "told"),
    [
        ("RANKED", Result(time_ms=9_000), "", "swift was driven: 00:09.000."),
        ("UNRANKED", Result(), "", "swift completed too few laps to be ranked."),
        ("UNRANKED", Result(impossible_laps=1), DEFECT, f"swift is not ranked. {DEFECT}"),
        ("FAILED", Result(), "The disk is full.", "swift was not driven. The disk is full."),
    ],
)
def test_the_end_of_a_submission_is_told_with_its_reason(
    status: str, result: Result, message: str, told: str
) -> None:
    submission = Submission(
        id="s",
        created_at_s=0.0,
        race_id="r",
        person_id="p",
        job_id="j",
        model_id="m",
        model_name="swift",
        checkpoint=4,
        weights_sha256="00",
        status=SubmissionStatus(status),
        result=result,
        message=message,
    )
    assert end_words(submission) == told
