"""Events: races, people, a rule for names, quotas and a timetable, under one link.

event        the records: an event, and who is in it
organising   make, change, close and delete an event; its races and its link
joining      come in by the link, with an account or as somebody new
moderating   rename, ban, reset a result
"""
