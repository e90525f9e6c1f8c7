"""Compact models of the Hugging Face hub: fetched by id, and pushed."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download

from neurosieve.compact.description import DESCRIPTION, read_about
from neurosieve.compact.digests import CARD, check_names
from neurosieve.errors import CompactError


def folder_of(name: str | Path, revision: str | None = None) -> Path:
    """A folder as it is, or that of a hub id once its files are there; a `Path` is always a folder.

    Of the hub's files only those are fetched that the description lists, all of one commit.

    Raises:
        CompactError: the id is unknown, cannot be reached, or is no compact model.
    """
    folder = Path(name).expanduser()
    if isinstance(name, Path) or folder.is_dir() or not _may_be_an_id(name):
        return folder
    description = Path(_fetch(name, DESCRIPTION, revision))
    about, commit = read_about(description.parent), description.parent.name
    check_names(description.parent, about)
    for file in (*about.files, CARD):
        _fetch(name, file, commit)
    return description.parent


def push(folder: Path, repo_id: str, *, private: bool, token: str | None, message: str) -> str:
    """Upload a saved folder as one commit and return its address; the repository is made if there is none.

    Raises:
        CompactError: the hub refuses, or cannot be reached.
    """
    try:
        api = HfApi(token=token)
        api.create_repo(repo_id, private=private, exist_ok=True)
        found = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message=message, delete_patterns="*")
    # No network, no right, no such account: to a user one thing, and the hub's own words say which.
    except Exception as error:
        raise CompactError(f"The compact model cannot be pushed to {repo_id!r}: {_reason(error)}") from error
    return str(found)


def _fetch(repo_id: str, file: str, revision: str | None) -> str:
    try:
        return hf_hub_download(repo_id, file, revision=revision)
    except Exception as error:
        raise CompactError(
            f"{repo_id!r} is neither a folder nor a compact model that the hub gives ({file}): {_reason(error)}"
        ) from error


def _may_be_an_id(name: str) -> bool:
    """OWNER/NAME: one slash, and nothing that only paths have."""
    owner, _, rest = name.partition("/")
    return bool(owner and rest) and not name.startswith((".", "~")) and "/" not in rest and "\\" not in name


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
