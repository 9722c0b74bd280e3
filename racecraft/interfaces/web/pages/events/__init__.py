"""Events: the list, one event, organising it, the hand-out, and its door."""

from racecraft.interfaces.web.pages.events.door import door
from racecraft.interfaces.web.pages.events.event import event
from racecraft.interfaces.web.pages.events.handout import handout
from racecraft.interfaces.web.pages.events.listing import events
from racecraft.interfaces.web.pages.events.organising import edit, organise

__all__ = ["door", "edit", "event", "events", "handout", "organise"]
