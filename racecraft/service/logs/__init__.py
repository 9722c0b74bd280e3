"""What a model drove, as downloads in the shapes that log tools read.

    text.py      the two text logs of a training: SIM_TRACE_LOG lines, and what learning said
    entries.py   which file lies where in a download, for each shape
    packing.py   those files as one stream of bytes, ZIP or tar.gz
    exchange.py  the same for people of a service

Everything is made from the model's folder at the moment of asking, also while a job writes to it:
traces are replaced as a whole, so what is there is complete.
"""
