"""What drives say: of a model, of uploaded logs, of several side by side.

    report     findings, figures and tables on a page
    overview   all comparisons and uploaded logs
    model      the analysis of one model
    logs       uploading logs of other programs, and their analysis
    compare    choosing what to compare, and the comparison
    choosing   the form of what to compare

Another process makes every report; these pages show what it wrote.
"""

from racecraft.interfaces.web.pages.analysis.compare import compare
from racecraft.interfaces.web.pages.analysis.logs import logs, upload
from racecraft.interfaces.web.pages.analysis.model import analysis
from racecraft.interfaces.web.pages.analysis.overview import overview

__all__ = ["analysis", "compare", "logs", "overview", "upload"]
