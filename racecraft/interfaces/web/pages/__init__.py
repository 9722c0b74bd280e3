"""The pages: one function each, which makes the content inside the frame."""

from racecraft.interfaces.web.pages import analysis, course, events, races, seasons
from racecraft.interfaces.web.pages.account import account
from racecraft.interfaces.web.pages.create_model import clone_model, create_model
from racecraft.interfaces.web.pages.garage import garage
from racecraft.interfaces.web.pages.garage_wizard import build as build_vehicle
from racecraft.interfaces.web.pages.garage_wizard import mod as mod_vehicle
from racecraft.interfaces.web.pages.get_started import get_started
from racecraft.interfaces.web.pages.import_model import import_model
from racecraft.interfaces.web.pages.invitations import invitations
from racecraft.interfaces.web.pages.model import checkpoints, model
from racecraft.interfaces.web.pages.models import models
from racecraft.interfaces.web.pages.nowhere import nowhere, refused
from racecraft.interfaces.web.pages.operations import operations
from racecraft.interfaces.web.pages.people import people
from racecraft.interfaces.web.pages.profile import profile
from racecraft.interfaces.web.pages.replay import replay
from racecraft.interfaces.web.pages.settings import settings
from racecraft.interfaces.web.pages.signing_in import join, recover, register, sign_in

__all__ = [
    "account",
    "analysis",
    "build_vehicle",
    "checkpoints",
    "clone_model",
    "course",
    "create_model",
    "events",
    "garage",
    "get_started",
    "import_model",
    "invitations",
    "join",
    "mod_vehicle",
    "model",
    "models",
    "nowhere",
    "operations",
    "people",
    "profile",
    "races",
    "recover",
    "refused",
    "register",
    "replay",
    "seasons",
    "settings",
    "sign_in",
]
