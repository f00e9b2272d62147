"""Makes taskflow's tables in the database whose URL is on stdin.

Debian 12's python3-taskflow ships no alembic scripts, so `masakari-manage db sync` cannot make them; their declarations
are in the package.
"""

import sys

import sqlalchemy
from taskflow.persistence.backends.sqlalchemy import tables

metadata = sqlalchemy.MetaData()
tables.fetch(metadata)
metadata.create_all(sqlalchemy.create_engine(sys.stdin.readline().strip()))
