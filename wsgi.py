"""The search as an app of its own, for `gunicorn wsgi:app`: settings come from the environment or `postsearch.toml`.

Unless the settings say `watch = false`, the processes that serve it elect one of them, by a lock, to index the posts
and to watch them; when that one dies or goes silent, another takes over.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path

from index.errors import PostSearchError, SettingsError
from index.log import get_logger
from index.settings import Settings, load_settings
from index.watching.candidacy import LOOK_SECONDS, Candidacy
from index.watching.watcher import Watcher
from search import create_app
from search.commands.reports import ReportLog

__all__ = ["app"]

logger = get_logger(__name__)

FORK_WAIT_SECONDS = 0.5
"""How long a server has to fork its workers before the process that loaded the app stands for election."""

RETRY_AFTER_ERROR_SECONDS = 5.0
"""Between two tries while the lock can't be had at all."""


def stand_for_election(settings: Settings) -> threading.Event:
    """Try to be the process that watches, in a thread, from shortly after now; the event calls that off until then."""
    called_off = threading.Event()

    def stand() -> None:
        if called_off.wait(FORK_WAIT_SECONDS):
            return
        candidacy, told = Candidacy(settings), ""
        while True:
            pause = LOOK_SECONDS
            try:
                if lock := candidacy.won():
                    with closing(lock):
                        Watcher(settings, ReportLog().tell, lock=lock).run_forever()
            except (PostSearchError, OSError) as error:
                pause = RETRY_AFTER_ERROR_SECONDS
                if told != str(error):  # such as that the index may only be read, which may last
                    logger.warning("Nobody watches the posts from here; tried every %g s: %s", pause, error)
                told = str(error)
            # Nothing but the end of the process ends the candidacy.
            threading.Event().wait(pause)

    threading.Thread(target=stand, name="postsearch-election", daemon=True).start()
    return called_off


def share_metrics(settings: Settings) -> None:
    """Have all processes of a server count into one folder, which the first of them finds empty.

    Each of them holds a lock on it, which those have too that it forks.
    """
    name = blake2b(bytes(settings.index.absolute()), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir(), f"postsearch-metrics-{os.geteuid()}-{name}")
    advice = "see to it, or set PROMETHEUS_MULTIPROC_DIR to a folder of this server alone"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        status = os.fstat(handle)
        if status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise SettingsError(f"metrics: others may write to {folder}; {advice}")
        with suppress(BlockingIOError):  # where others count already
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for file in folder.glob("*.db"):
                file.unlink()
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError as error:
        raise SettingsError(f"metrics: {folder} can't be used ({error.strerror}); {advice}") from error
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


settings = load_settings()
if settings.metrics and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    share_metrics(settings)
app = create_app(settings)

if settings.watch:
    # A server that loads the app and then forks its workers must not watch: they would inherit its locks and hold
    # them for good. So the one that forks leaves the election to those that it forks.
    os.register_at_fork(
        after_in_parent=stand_for_election(settings).set, after_in_child=lambda: stand_for_election(settings)
    )
