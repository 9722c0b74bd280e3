"""Results that leave the installation.

collecting   the results of a race, with every lap of every submission that counts
heats        those of a live race, its bracket and podium
signed       the same as a file that its installation has signed, and checking such a file
tables       the same as CSV, for spreadsheets
"""
