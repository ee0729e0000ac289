"""From a Hugging Face folder (config.json, safetensors, tokenizer.json) to one GGUF file in F16.

Needs numpy and `gguf`, but no torch, so that a robot's computer can convert what it has fetched; one tensor at a time
is in memory. The rules are those of llama.cpp's own converter, whose output has the same tensor names, types and bytes.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_runtime.errors import ConversionError, MissingExtraError
from robot_runtime.model_store.llama_config import LlamaConfig, read_config, read_json
from robot_runtime.model_store.locate import PROMPT_FORMAT_KEY
from robot_runtime.model_store.safetensors_file import StoredTensor, stored_tensors
from robot_runtime.model_store.tokenizer_files import TokenizerFiles, read_tokenizer

if TYPE_CHECKING:
    import numpy
    from gguf import GGUFWriter
    from numpy.typing import NDArray


def export_gguf(model_dir: Path, out: Path, *, name: str | None = None, prompt_format: str | None = None) -> None:
    """Write a GGUF file.

    Args:
        model_dir: folder of a `LlamaForCausalLM` model with a byte-level BPE tokenizer.
        out: file to write; it appears only when it is complete.
        name: goes into the file's metadata; the folder's name if None.
        prompt_format: name of a prompt format, stored under `PROMPT_FORMAT_KEY`.

    Raises:
        MissingExtraError: `gguf` is not installed.
        ConversionError: a file is missing or damaged, or the model is of a kind that cannot be written faithfully.
    """
    try:
        import gguf
    except ImportError as error:
        raise MissingExtraError("Converting a model", "models") from error
    config = read_config(model_dir)
    tokenizer = read_tokenizer(model_dir, config.vocab_size)
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(unfinished, "llama")
    try:
        _add_model(writer, config, name or model_dir.resolve().name)
        _add_tokenizer(writer, tokenizer, config)
        if prompt_format:
            writer.add_string(PROMPT_FORMAT_KEY, prompt_format)
        tensors = _placed(model_dir, config)
        for target, tensor in tensors.items():
            kind = _number_type(tensor)
            writer.add_tensor_info(target, tensor.shape, kind, kind.itemsize * math.prod(tensor.shape))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor in tensors.values():
            writer.write_tensor_data(_converted(tensor, config))
        writer.close()
        unfinished.replace(out)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)


def permute(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """Reorder the rows of a query or key matrix.

    Hugging Face rotates the first half of a head against its second half, llama.cpp's `llama` architecture
    neighbouring rows. Without this the logits are off by about 1.

    Args:
        weight: (heads * head size, hidden size).
        heads: attention heads for queries, key-value heads for keys.
    """
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _add_model(writer: GGUFWriter, config: LlamaConfig, name: str) -> None:
    import gguf

    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_block_count(config.layers)
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.hidden)
    writer.add_feed_forward_length(config.feed_forward)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_key_length(config.head_size)
    writer.add_value_length(config.head_size)
    writer.add_layer_norm_rms_eps(config.norm_epsilon)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_rope_dimension_count(config.head_size)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: GGUFWriter, tokenizer: TokenizerFiles, config: LlamaConfig) -> None:
    import gguf

    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(tokenizer.pre)
    writer.add_token_list([token.encode("utf-8") for token in tokenizer.tokens])
    kinds = {"normal": gguf.TokenType.NORMAL, "control": gguf.TokenType.CONTROL, "unused": gguf.TokenType.UNUSED}
    kinds["user"] = gguf.TokenType.USER_DEFINED
    writer.add_token_types([kinds[kind] for kind in tokenizer.kinds])
    vocabulary = gguf.SpecialVocab(tokenizer.folder, load_merges=True, n_vocab=config.vocab_size)
    vocabulary.add_special_token["bos"] = False  # prompt formats write the beginning themselves
    vocabulary.add_to_gguf(writer, quiet=True)


def _placed(model_dir: Path, config: LlamaConfig) -> dict[str, StoredTensor]:
    """Every tensor by its GGUF name; raises ConversionError when the set is not exactly that of a Llama model."""
    import gguf

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.layers)
    wanted = config.tensor_shapes()
    placed = {}
    for tensor in (tensor for file in _weight_files(model_dir) for tensor in stored_tensors(file)):
        if tensor.name.endswith("rotary_emb.inv_freq") or (config.tied and tensor.name == "lm_head.weight"):
            continue
        shape = wanted.pop(tensor.name, None)
        if shape is None:
            raise ConversionError(f"{model_dir}: no place for the tensor {tensor.name} in a plain Llama model")
        if tensor.shape != shape:
            raise ConversionError(f"{model_dir}: {tensor.name} has the shape {tensor.shape}, config.json says {shape}")
        placed[str(names.get_name(tensor.name, (".weight",)))] = tensor
    if wanted:
        raise ConversionError(f"{model_dir}: {len(wanted)} tensors are missing, among them {min(wanted)}")
    return placed


def _weight_files(model_dir: Path) -> list[Path]:
    index = model_dir / "model.safetensors.index.json"
    names = {"model.safetensors"}
    if index.exists():
        names = set(read_json(index).get("weight_map", {}).values())
    for name in sorted(names):
        if not (model_dir / name).is_file():
            raise ConversionError(f"{model_dir}: {name} is missing; weights are read from safetensors files only")
    return [model_dir / name for name in sorted(names)]


def _number_type(tensor: StoredTensor) -> numpy.dtype[Any]:
    """Matrices become F16; vectors (the norms) stay F32, which llama.cpp asks for."""
    import numpy

    return numpy.dtype(numpy.float16 if len(tensor.shape) > 1 else numpy.float32)


def _converted(tensor: StoredTensor, config: LlamaConfig) -> NDArray[Any]:
    """The numbers as llama.cpp wants them."""
    import numpy

    weight: NDArray[Any] = tensor.read()
    if tensor.name.endswith("q_proj.weight"):
        weight = permute(weight, config.heads)
    elif tensor.name.endswith("k_proj.weight"):
        weight = permute(weight, config.kv_heads)
    kind = _number_type(tensor)
    if not numpy.abs(weight).max(initial=0) <= numpy.finfo(kind).max:
        raise ConversionError(
            f"{tensor.file}: {tensor.name} holds numbers that are too large for {kind}, or no numbers"
        )
    return weight.astype(kind)
