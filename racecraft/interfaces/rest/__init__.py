"""The REST interface: one service call a route, no rule of its own.

app        puts it together
errors     class of error -> status, and the one shape of an error
who        who asks: cookie, API token, or the one person of this machine
shared     pages, versions, answers kept for repeated requests
and one file a noun: account, people, installation, garage, models, jobs, rewards, tracks,
workers
"""
