"""The console: what most people see of racecraft, in a browser.

app        the table of pages, and how they come into the server
place      one row of that table: path, title, place in the menu
visit      one opened page: who asks, slow work, messages
tags       plain HTML elements
icons      small drawings, all of them ours
frame      what is around every page: header, menu, breadcrumb, Info drawer
help       what the Info drawer says, one text file a page
widgets    buttons, fields, tables, wizards, dialogs, notices, cards
pages      one page = one function
static     styles, the little code that runs in the browser, typefaces, logo

Pages call the service's functions, in threads; they never ask the REST interface.
docs/contributing/console.md tells how to add a page.
"""
