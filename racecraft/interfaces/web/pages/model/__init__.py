"""The page of one model.

    reading        everything that it shows, read in one go
    words          states, durations and choices in words
    page           what is where, and what follows when a job gets on
    head           name, state, what can be done with the model
    changes        the dialogs behind those actions
    downloads      the files that can be had
    training       live view, reward graph, figures, log
    watching       where the cars of a job are seen
    evaluation     laps: asking for them, watching, past ones
    asking         the form of an evaluation
    checkpoints    the page of all checkpoints: ranked, and what can be done with each
    checkpoint_rows  its table
    ranking        the form that lets all of them drive
    racing         from a model to the races that are open
    configuration  every choice that was made, readable
    polar          the action space as a drawing

What changes by itself is drawn by the browser (`static/model/`): it fetches the graph once, and
from then on gets what is new. The server makes parts anew only when a job gets into another state.
"""

from racecraft.interfaces.web.pages.model.checkpoints import checkpoints
from racecraft.interfaces.web.pages.model.page import model

__all__ = ["checkpoints", "model"]
