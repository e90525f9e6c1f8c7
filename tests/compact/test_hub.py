"""The hub's own calls are replaced by ones that copy from and to a local folder: no network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from neurosieve.compact import CompactModel, hub
from neurosieve.errors import CompactError
from tests.compact.test_files import edit
from tests.compact.test_model import SENTENCES

ID, COMMIT = "someone/small", "0123abcd"


class Hub:
    """Repositories as folders, by their ids; ``asked`` are the files that were fetched, with their revisions."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked, self.made = root, [], {}

    def download(self, repo_id: str, file: str, revision: str | None = None) -> str:
        self.asked.append((file, revision))
        source, place = self.root / repo_id / file, self.root / "cache" / COMMIT / file
        if not source.is_file():
            raise FileNotFoundError(f"404: {file} of {repo_id}")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
        return str(place)

    def api(self, token: str | None = None) -> Hub:
        if token == "wrong":
            raise PermissionError("401: not you")
        return self

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> None:
        assert exist_ok
        self.made[repo_id] = private

    def upload_folder(self, *, repo_id: str, folder_path: Path, commit_message: str, delete_patterns: str) -> str:
        assert commit_message
        assert delete_patterns == "*"
        shutil.copytree(folder_path, self.root / repo_id, dirs_exist_ok=True)
        return f"address of {repo_id}"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    found = Hub(tmp_path)
    monkeypatch.setattr(hub, "hf_hub_download", found.download)
    monkeypatch.setattr(hub, "HfApi", found.api)
    return found


def test_pushed_and_fetched_it_is_the_same(model, there):
    assert model.push_to_hub(ID, "# A card\n", token="mine") == f"address of {ID}"
    assert there.made == {ID: True}
    (there.root / ID / "unasked.bin").write_bytes(b"large")
    again = CompactModel.from_pretrained(ID, revision="main", device="cpu")
    assert torch.equal(again.scores(SENTENCES), model.scores(SENTENCES))
    names = [file for file, _ in there.asked]
    assert names[0] == "compact.json"
    assert {"model.safetensors", "head.safetensors", "README.md"} <= set(names)
    assert "unasked.bin" not in names
    assert [revision for _, revision in there.asked] == ["main", *[COMMIT] * (len(names) - 1)]


def test_a_public_one_is_asked_for(model, there):
    model.push_to_hub(ID, private=False)
    assert there.made == {ID: False}


def test_what_the_hub_refuses_is_said(model, there):
    with pytest.raises(CompactError, match=r"cannot be pushed to 'someone/small': 401: not you"):
        model.push_to_hub(ID, token="wrong")
    with pytest.raises(CompactError, match=r"'someone/none' is neither a folder nor a compact model .*404"):
        CompactModel.from_pretrained("someone/none")


def test_a_description_that_leads_out_of_the_folder_is_refused_before_anything_else_is_fetched(model, there):
    model.push_to_hub(ID)
    edit(there.root / ID, files={"../../outside": "0" * 64})
    with pytest.raises(CompactError, match="lies outside the folder"):
        CompactModel.from_pretrained(ID, device="cpu")
    assert [file for file, _ in there.asked] == ["compact.json"]


@pytest.mark.parametrize("name", ["nothing", "./some/thing", "/no/where", "~/none", "a/b/c", "/none", "none/"])
def test_what_can_only_be_a_path_touches_no_network(name, there):
    with pytest.raises(CompactError, match="is no compact model: it has no compact"):
        CompactModel.from_pretrained(name)
    with pytest.raises(CompactError, match="is no compact model: it has no compact"):
        CompactModel.from_pretrained(Path("someone/small"))
    assert there.asked == []
