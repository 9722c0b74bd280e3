"""Reading what was driven: pictures of learning and of driving. Nothing here loads torch."""
