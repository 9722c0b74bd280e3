"""The guided course: what there is to learn, and how far somebody has come.

    plan        chapters, missions with their checks, questions: keys in every language the same
    evidence    which checks the records of people show
    learner     one person: language, chapters, checks that were seen, answers
    classroom   many people at once, for whoever teaches them

The words are in the console (`interfaces/web/course/texts`), one folder a language.
"""
