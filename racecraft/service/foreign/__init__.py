"""Models of other programs, taken over as far as they go.

wire.py       protocol buffers, read with distrust
graphs.py     a frozen TensorFlow graph (`model.pb`) as the arrays of its layers
bundles.py    a TensorFlow checkpoint (`.ckpt`) as named arrays
checkpoints.py  those of its arrays that are the layers of the policy
policies.py   those arrays as the weights of one of our networks
drives.py     simtraces of any age as ours, with tables of trials
documents.py  vehicle, hyperparameters, track and reward as documents of ours
work.py       the files, and what is said about them in the end
taking.py     a folder or an archive as a new model, and a report of what was taken over
"""
