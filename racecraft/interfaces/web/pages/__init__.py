"""The pages: one function each, which makes the content inside the frame."""

from racecraft.interfaces.web.pages.get_started import get_started
from racecraft.interfaces.web.pages.models import models
from racecraft.interfaces.web.pages.nowhere import nowhere, refused
from racecraft.interfaces.web.pages.signing_in import join, recover, register, sign_in

__all__ = [
    "get_started",
    "join",
    "models",
    "nowhere",
    "recover",
    "refused",
    "register",
    "sign_in",
]
