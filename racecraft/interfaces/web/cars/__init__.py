"""Cars as pictures: shells in colours, turning in 3D or flat.

view       a car that turns, in 3D
flat       the same shells from the side and from above, as SVG
shapes     the shells in 3D, for every page that shows cars
"""
