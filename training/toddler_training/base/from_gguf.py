"""From a GGUF file back to a Hugging Face folder: the way of robot_runtime/model_store/export.py, walked backwards.

What was lost in quantising stays lost: the numbers are those that llama.cpp computes with, written as 32-bit floats.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_runtime.errors import ConversionError, MissingExtraError
from robot_runtime.model_store.gguf_header import read_texts
from robot_runtime.model_store.llama_config import LlamaConfig
from robot_runtime.model_store.tokenizer_files import SPLITTING_RULES

if TYPE_CHECKING:
    from gguf import GGUFReader
    from numpy.typing import NDArray

SPECIALS = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}
"""Kinds of special tokens as Hugging Face calls them, and as GGUF does."""


def write_folder(file: Path, folder: Path) -> None:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json.

    Args:
        file: a GGUF file of the architecture `llama` with a byte-level BPE tokenizer, in any kind of number that the
            package `gguf` can read.
        folder: where to write; made when missing.

    Raises:
        MissingExtraError: `gguf` is not installed.
        ModelError: the file cannot be read.
        ConversionError: the model is of a kind that cannot be carried over.
    """
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise MissingExtraError("Reading a GGUF file", "models") from error
    if read_texts(file).get("general.architecture") != "llama":
        raise ConversionError(f"{file}: only models of the architecture llama can be trained further")
    folder.mkdir(parents=True, exist_ok=True)
    reader = GGUFReader(file)
    config = _config(file, reader)
    _write_json(folder / "config.json", _hugging_face_config(config, reader))
    _write_tokenizer(file, reader, folder)
    _write_weights(file, reader, config, folder / "model.safetensors")


def unpermute(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Undo `robot_runtime.model_store.export.permute`.

    Args:
        weight: (heads * head size, hidden size).
        heads: attention heads for queries, key-value heads for keys.
    """
    rows = weight.shape[0]
    return weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _entry(reader: GGUFReader, key: str, default: Any = None) -> Any:
    """A metadata entry."""
    field = reader.get_field(key)
    return default if field is None else field.contents()


def _config(file: Path, reader: GGUFReader) -> LlamaConfig:
    def number(key: str, default: float | None = None) -> Any:
        value = _entry(reader, f"llama.{key}", default)
        if value is None:
            raise ConversionError(f"{file} lacks the entry llama.{key}")
        # GGUF keeps 32-bit floats; the shortest text that gives the same one is what was meant.
        return value if isinstance(value, int) else float(f"{value:.7g}")

    heads, hidden = number("attention.head_count"), number("embedding_length")
    return LlamaConfig(
        layers=number("block_count"),
        hidden=hidden,
        feed_forward=number("feed_forward_length"),
        heads=heads,
        kv_heads=number("attention.head_count_kv", heads),
        head_size=number("attention.key_length", hidden // heads),
        context=number("context_length"),
        vocab_size=len(_entry(reader, "tokenizer.ggml.tokens", [])),
        norm_epsilon=number("attention.layer_norm_rms_epsilon"),
        rope_theta=number("rope.freq_base", 10000.0),
        tied=all(tensor.name != "output.weight" for tensor in reader.tensors),
    )


def _hugging_face_config(config: LlamaConfig, reader: GGUFReader) -> dict[str, Any]:
    ids = {name: _entry(reader, f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos")}
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden,
        "intermediate_size": config.feed_forward,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_size,
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.norm_epsilon,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        "tie_word_embeddings": config.tied,
        "bos_token_id": ids["bos"],
        "eos_token_id": ids["eos"],
        "pad_token_id": _entry(reader, "tokenizer.ggml.padding_token_id", ids["eos"]),
        "dtype": "float32",
    }


def _write_tokenizer(file: Path, reader: GGUFReader, folder: Path) -> None:
    from gguf import TokenType
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    rule = _entry(reader, "tokenizer.ggml.pre")
    steps = next((steps for steps, name in SPLITTING_RULES.items() if name == rule), None)
    if _entry(reader, "tokenizer.ggml.model") != "gpt2" or steps is None:
        raise ConversionError(f"{file}: its tokenizer ({rule}) is no byte-level BPE of a known kind")
    tokens = _entry(reader, "tokenizer.ggml.tokens")
    kinds = [TokenType(kind) for kind in _entry(reader, "tokenizer.ggml.token_type")]
    vocabulary = {token: number for number, token in enumerate(tokens) if kinds[number] is not TokenType.UNUSED}
    merges = [tuple(merge.split(" ")) for merge in _entry(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    digits, split = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    parts = [{"Digits": digits, "ByteLevel": split}[step] for step in steps]
    tokenizer.pre_tokenizer = parts[0] if len(parts) == 1 else pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    for token, number in vocabulary.items():
        if kinds[number] is TokenType.CONTROL:
            tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False)])
        elif kinds[number] is TokenType.USER_DEFINED:
            tokenizer.add_tokens([AddedToken(token, normalized=False)])
    tokenizer.save(str(folder / "tokenizer.json"))
    described: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    for kind, name in SPECIALS.items():
        number = _entry(reader, f"tokenizer.ggml.{name}_token_id")
        if number is not None:
            described[f"{kind}_token"] = tokens[number]
    template = _entry(reader, "tokenizer.chat_template")
    if template is not None:
        described["chat_template"] = template
    _write_json(folder / "tokenizer_config.json", described)


def _write_weights(file: Path, reader: GGUFReader, config: LlamaConfig, target: Path) -> None:
    import gguf
    import numpy
    from safetensors.numpy import save_file

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.layers)
    stored = {tensor.name: tensor for tensor in reader.tensors}
    weights = {}
    for name, shape in config.tensor_shapes().items():
        tensor = stored.get(str(names.get_name(name, (".weight",))))
        if tensor is None:
            raise ConversionError(f"{file}: no tensor for {name}; is this a plain Llama model?")
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(shape)
        if name.endswith("q_proj.weight"):
            weight = unpermute(weight, config.heads)
        elif name.endswith("k_proj.weight"):
            weight = unpermute(weight, config.kv_heads)
        weights[name] = numpy.ascontiguousarray(weight, numpy.float32)
    save_file(weights, target, metadata={"format": "pt"})


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
