"""The command line: `main` assembles it, each other noun has a file, `screen` speaks to the person or the program.

`up` and `demo` run everything: `running` opens the database and brings up the children, which `children` keeps alive.
"""
