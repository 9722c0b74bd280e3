"""The big screen of a race: a public view by a link that nobody can guess.

record      the record: its link, colours and what else its organiser decides
keeping     make, renew, change and switch off a screen; the organiser's picture
pictures    a picture that somebody uploads, checked and written anew
showing     what the screen shows, and a stamp that tells whether that has changed
"""
