"""Build, train, evaluate and race autonomous 1/18-scale cars on your own machine."""

__version__ = "0.1.0"
