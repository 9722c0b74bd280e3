"""A racecraft service on the network, as a program asks it.

connection   requests, answers and what goes wrong with them
logins       tokens of services that somebody signed in to, in a file that only they can read
sign_in      from name and password, or a token, to such a file
"""
