"""The search as an app of its own, for `gunicorn wsgi:app`: settings come from the environment or `postsearch.toml`.

Unless the settings say `watch = false`, the processes that serve it elect one of them, by a lock, to index the posts
and to watch them; when that one dies or goes silent, another takes over.
"""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
import threading
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from index.errors import SettingsError
from index.settings import Settings, load_settings
from search import create_app
from search.web.recall import Recalling

__all__ = ["app"]

FORK_WAIT_SECONDS = 0.5
"""How long a server has to fork its workers before the process that loaded the app stands for election."""


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


def show_log() -> None:
    """Show the log as gunicorn shows its own, where nobody has said otherwise by the time that the app is loaded."""
    if not logging.getLogger().handlers:
        form = "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s"
        logging.basicConfig(format=form, datefmt="%Y-%m-%d %H:%M:%S %z")
        for package in ("index", "search"):
            logging.getLogger(package).setLevel(logging.INFO)


show_log()
settings = load_settings()
if settings.metrics and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    share_metrics(settings)
app = create_app(settings)
app.wsgi_app = Recalling(app)  # type: ignore[method-assign]

if settings.watch:  # else the indexer takes no memory
    from index.watching.candidacy import Candidacy
    from search.commands.reports import ReportLog

    def stand_for_election() -> threading.Timer:
        """Try to be the process that watches, from shortly after now; the timer calls that off until then."""
        timer = threading.Timer(FORK_WAIT_SECONDS, Candidacy(settings, ReportLog().tell).run_forever)
        timer.name, timer.daemon = "postsearch-election", True
        timer.start()
        return timer

    # A server that loads the app and then forks its workers must not watch: they would inherit its locks and hold
    # them for good. So the one that forks leaves the election to those that it forks.
    os.register_at_fork(after_in_parent=stand_for_election().cancel, after_in_child=stand_for_election)
