"""Watching jobs live.

    broadcast   in the worker: plays what was driven, a second at a time
    hub         in the service: hands it to everybody who watches
    wanted      what the one tells the other
    watching    who may watch what, and what they are told first

A worker learns from every answer of the service whether somebody watches; when nobody does, it
copies and sends nothing.
"""
