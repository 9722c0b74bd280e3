"""What pages are made of.

buttons    buttons, links that look like buttons, menus of actions
fields     text, number, choice, tick box, tiles: label, control, help, error beside it
tables     count, search, sort, pages, preferences, selection
wizards    steps in a row, with a list of them
dialogs    questions before something is done, and small forms
notices    banners, boxes, empty states, badges
cards      panels, big figures
"""
