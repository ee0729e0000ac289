"""GRPO as TRL does it, faster: the same losses, metrics, checkpoints and settings.

Two of TRL's steps are replaced. Replies are written by `fast_decode`. Log-probabilities, for the loss and for the
reference, are computed on the packed trees of `fast_packing`, which read a prompt once for all its replies and have
little padding; TRL's own fused head then scores the packed positions. Everything around them is TRL's: advantages,
ratios, clipping, KL, which passes can be left out (it computes no old log-probabilities while they equal the new).

Tested on a CPU, where loss and gradient equal TRL's; the CUDA graphs of the decoder have been run on no GPU yet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from trl.extras.profiling import profiling_context
from trl.trainer.grpo_trainer import GRPOTrainer

from robot_runtime.errors import SettingsError
from toddler_training.grpo.fast_decode import Decoder
from toddler_training.grpo.fast_packing import pack
from toddler_training.grpo.fast_sampling import Sampling


class FastGRPOTrainer(GRPOTrainer):
    """Takes what TRL's GRPOTrainer takes, for Llama-architecture models with LoRA or without."""

    numbers: Callable[[list[list[int]]], Tensor] | None = None
    """From the prompts of a batch, as tokens, the random numbers that the tokens of each reply are drawn by: (prompts,
    longest reply) in (0, 1]. None takes them from torch's generator."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        """Make a trainer.

        Raises:
            SettingsError: something that only TRL's own trainer can do.
        """
        super().__init__(*positional, **named)
        model: Any = self._plain_model()
        args: Any = self.args
        refusals = {
            "shards the model (FSDP or DeepSpeed)": self.is_fsdp_enabled or self.is_deepspeed_enabled,
            "has its own generation (vLLM, continuous batching or a rollout function)": self.use_vllm
            or self.use_transformers_continuous_batching
            or self.rollout_func is not None,
            f"uses the attention '{model.config._attn_implementation}', which takes no mask of ours": (
                model.config._attn_implementation not in ("sdpa",)
            ),
        }
        if why := [reason for reason, refused in refusals.items() if refused]:
            raise SettingsError(f"the fast trainer does not serve a run that {why[0]}: use TRL's")
        self._sampling = Sampling.of(self.generation_config, args.generation_kwargs)
        self._decoder: Decoder | None = None

    def _plain_model(self) -> Any:
        model = self.accelerator.unwrap_model(self.model)
        return model.get_base_model() if hasattr(model, "get_base_model") else model

    def _generate_single_turn(
        self,
        prompt_ids: list[list[int]],
        images: Any,
        multimodal_fields: Any,
        num_generations: int,
        has_tool_images: bool = False,
    ) -> tuple[list[list[int]], None]:
        if self._decoder is None:  # not before the model is where it is trained
            self._decoder = Decoder(self._plain_model())
        numbers = self.numbers(prompt_ids) if self.numbers else None
        longest, ends = int(self.max_completion_length or 0), self.eos_token_ids
        with profiling_context(self, "transformers.generate"):
            return self._decoder.replies(prompt_ids, longest, ends, self._sampling, numbers), None

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: Tensor,
        attention_mask: Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **_: Any,
    ) -> tuple[Tensor, Tensor | None, None]:
        """As TRL's, on packed trees: log-probabilities, and entropies if asked for, of the last `logits_to_keep`."""
        rows = len(input_ids)
        batch_size = batch_size or rows
        logps, entropies = [], []
        for start in range(0, rows, batch_size):
            ids, mask = input_ids[start : start + batch_size].cpu(), attention_mask[start : start + batch_size].cpu()
            prompts, replies = (
                [row[there].tolist() for row, there in zip(ids[:, part], mask[:, part].bool(), strict=True)]
                for part in (slice(-logits_to_keep), slice(-logits_to_keep, None))
            )
            packing = pack(prompts, replies, input_ids.device)
            with self.accelerator.autocast():
                output = model(
                    input_ids=packing.ids,
                    attention_mask=packing.sees,
                    position_ids=packing.positions,
                    shift_labels=packing.labels,
                    fused_lm_head=True,
                )
            shape = (len(ids), logits_to_keep)
            logps.append(packing.spread(output.log_probs, shape))
            if compute_entropy:
                entropies.append(packing.spread(output.entropy, shape))
        return torch.cat(logps), torch.cat(entropies) if compute_entropy else None, None
