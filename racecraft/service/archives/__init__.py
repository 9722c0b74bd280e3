"""Models as single files: written from a model's folder, and read with every distrust.

    container.py   a ZIP that may be opened: no tricks with names, sizes, links or ratios
    layout.py      which files a model's archive may hold, and how large each may be
    manifest.py    what an archive says about itself: version, sizes, checksums
    export.py      folder -> archive, streamed
    contents.py    the documents inside, each checked by what reads it later
    importing.py   archive -> folder, whole or not at all, with a report
    exchange.py    the same for people of a service: rights, quotas, records
    everything.py  all that somebody has, as one file to take home

An archive of another program would come in between `container` and `contents`: its reader turns
what it finds into the files of `layout`, and the rest stays as it is.
"""
