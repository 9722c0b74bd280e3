"""What commands ask for, whether it is done on this machine or by a server.

desk            the questions, as protocols, and what is answered
local           answers from the folders of this machine, as the command line always did
local_records   and from the records of the service in its home folder
results         results of races, from here or from a server
remote          answers of a server, over HTTP
remote_models   its models and tracks
remote_records  jobs, garage, people of a server
remote_work     trainings and evaluations on a server, watched from here
"""
