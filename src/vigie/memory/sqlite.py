"""The embedded database: one file, one writer thread and a few readers per process, any number of processes.

A transaction runs as a whole in its thread: one hop instead of one per statement, and none is left open by a task that ends.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from vigie.domain.errors import Permanent, Transient
from vigie.memory.database import Database, Work
from vigie.memory.migrate import bring_up_to_date

T = TypeVar("T")

_READERS = 3
_BUSY_S = 30.0
