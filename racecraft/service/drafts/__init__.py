"""Models that somebody is putting together: kept as they are typed, right or wrong.

sheet       what stands in the form, as plain values
beginnings  sheets to begin with: from scratch, from a preset, as a clone
faults      what does not fit, field by field
fields      why a value does not fit into a field, in a sentence
records     kept in the store, per person; two windows do not overwrite each other
wishes      the sheet as the wish for a model, and what there is to know before it is sent
"""

from racecraft.service.drafts.records import Draft

__all__ = ["Draft"]
