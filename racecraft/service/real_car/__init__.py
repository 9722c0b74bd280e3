"""A policy frozen into a file that other programs run: the physical car, and anything with ONNX.

    wire.py        the few rules of protocol buffers that are needed to write such files
    files.py       the archive that the car takes, and ONNX, for people of a service
    weights.py     the arrays of a checkpoint, read without torch
    plan.py        the layers of a policy with their weights, and what they are called on the car
    tensorflow.py  that plan as a TensorFlow 1 graph (`model.pb`)
    onnx.py        that plan as an ONNX model

Nothing here loads torch, so that a server may do it.
"""
