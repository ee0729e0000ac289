"""llama.cpp through the engine, on a small model with random weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import llama_cpp.llama_cpp as llama
import pytest

from robot_runtime.errors import ModelError
from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Piece
from robot_runtime.mind.threads import FEW, MANY, SMALL_MODEL_BYTES, choose_candidates, choose_threads
from robot_runtime.model_store.sampling import Sampling

GREEDY = Sampling(temperature=0.0)


@pytest.fixture
def engine(random_model: Path) -> Iterator[Engine]:
    engine = Engine(random_model, context=512, candidates=4)
    yield engine
    engine.close()


def tokens(engine: Engine, text: str) -> list[int]:
    return engine.tokenize([Piece(text, False)])


def test_greedy_reply_is_that_of_plain_llama_cpp(engine: Engine, random_model: Path) -> None:
    """The peer evaluates the prompt anew for every token, with nothing cached and nothing shared."""
    prompt = tokens(engine, "where is your bag?")
    sampled = engine.sample(prompt, [1], GREEDY, 6, run_on=True)
    params = llama.llama_context_default_params()
    params.n_ctx = 256
    params.n_threads = 1
    context = llama.llama_init_from_model(engine._model, params)
    sequence, log_p = list(prompt), 0.0
    for _ in range(6):
        llama.llama_memory_clear(llama.llama_get_memory(context), True)
        array = (llama.llama_token * len(sequence))(*sequence)
        assert llama.llama_decode(context, llama.llama_batch_get_one(array, len(sequence))) == 0
        logits = llama.llama_get_logits_ith(context, -1)
        sequence.append(max(range(512), key=lambda token: logits[token]))
        highest = logits[sequence[-1]]
        log_p -= math.log(sum(math.exp(logits[token] - highest) for token in range(512)))
    llama.llama_free(context)
    text = b"".join(map(engine.piece, sequence[len(prompt) :])).decode("utf-8", "replace").strip()
    assert sampled.candidates[0].text == text
    assert sampled.candidates[0].log_p == pytest.approx(log_p, abs=1e-3)


def test_a_seed_gives_the_same_reply_alone_or_in_company(engine: Engine) -> None:
    prompt = tokens(engine, "do you want juice?")
    together = engine.sample(prompt, [3, 5, 7, 9], Sampling(temperature=1.5), 8, run_on=True)
    alone = [engine.sample(prompt, [seed], Sampling(temperature=1.5), 8, run_on=True) for seed in (3, 5, 7, 9)]
    assert [c.text for c in together.candidates] == [one.candidates[0].text for one in alone]
    assert len({c.text for c in together.candidates}) == 4


def test_replies_that_are_given_up_end_at_once(engine: Engine) -> None:
    asked = iter([False, False, True])
    given_up = engine.sample(tokens(engine, "hello"), [1, 2], GREEDY, 16, run_on=True, given_up=lambda: next(asked))
    assert [(each.tokens, each.end) for each in given_up.candidates] == [(3, "deadline")] * 2


def test_shared_beginnings_are_evaluated_once(engine: Engine) -> None:
    first = tokens(engine, "hello Pip, what are you doing?")
    second = first + tokens(engine, " me play.")
    assert engine.sample(first, [1], GREEDY, 4).cached_tokens == 0
    cached = engine.sample(second, [1], GREEDY, 4, run_on=True)
    assert cached.cached_tokens == len(first)
    engine.prefill(tokens(engine, "something else"))
    fresh = engine.sample(second, [1], GREEDY, 4, run_on=True)
    assert fresh.cached_tokens < len(first)
    assert fresh.candidates == cached.candidates


def test_a_whole_prompt_in_the_cache_still_gives_a_reply(engine: Engine) -> None:
    prompt = tokens(engine, "what's that?")
    first = engine.sample(prompt, [1], GREEDY, 4, run_on=True)
    again = engine.sample(prompt, [1], GREEDY, 4, run_on=True)
    assert again.candidates == first.candidates
    assert again.cached_tokens == len(prompt) - 1


def test_a_prompt_that_was_read_ahead_is_not_read_again(engine: Engine) -> None:
    prompt = tokens(engine, "who is that over there?")
    asked_at_once = engine.sample(prompt, [1, 2], Sampling(temperature=1.5), 4, run_on=True)
    engine.prefill(tokens(engine, "who is"))
    engine.prefill(prompt)
    read_ahead = engine.sample(prompt, [1, 2], Sampling(temperature=1.5), 4, run_on=True)
    assert read_ahead.cached_tokens == len(prompt)
    assert [each.text for each in read_ahead.candidates] == [each.text for each in asked_at_once.candidates]


def test_long_prompts_are_evaluated_in_parts(random_model: Path) -> None:
    engine = Engine(random_model, context=1280, candidates=1)
    prompt = tokens(engine, "a" * 1200)
    assert len(prompt) > 2 * engine.batch_tokens
    sampled = engine.sample(prompt, [1], GREEDY, 4, run_on=True)
    assert sampled.candidates[0].tokens == 4
    engine.close()


def test_the_deadline_ends_replies_unfinished(engine: Engine) -> None:
    sampled = engine.sample(tokens(engine, "hm"), [1, 2], Sampling(), 50, deadline_s=0.0, run_on=True)
    assert [c.end for c in sampled.candidates] == ["deadline", "deadline"]


def test_too_much_for_the_context_is_an_error(engine: Engine) -> None:
    with pytest.raises(ModelError, match="do not fit into 512"):
        engine.sample([5] * 500, [1], GREEDY, 24)


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF nonsense")
    with pytest.raises(ModelError, match=r"cannot load .*x\.gguf"):
        Engine(path)


def test_small_models_get_one_thread_and_many_candidates(random_model: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.gguf"
    with large.open("wb") as file:
        file.truncate(SMALL_MODEL_BYTES)
    assert choose_threads(random_model) == 1
    assert choose_threads(random_model, 3) == 3
    assert (choose_candidates(random_model), choose_candidates(large), choose_candidates(large, 6)) == (MANY, FEW, 6)
