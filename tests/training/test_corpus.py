from __future__ import annotations

import random
from pathlib import Path

import pytest

from robot_runtime.errors import CorpusError, ToddlerRobotError
from toddler_training.corpus import build
from toddler_training.corpus.__main__ import main
from toddler_training.corpus.build import (
    HERE,
    CorpusSettings,
    corpus_fingerprint,
    held_out_folder,
    load_expanders,
    read_settings,
)
from toddler_training.corpus.expand import Expander
from toddler_training.corpus.held_out import line_mark, load_held_out, normalise
from toddler_training.corpus.lexicon import load_lexicon
from toddler_training.corpus.scenes import load_scenes, parse_scene
from toddler_training.corpus.surface import SurfaceShares, adult, child

FOUR = Path(__file__).parents[2] / "training" / "examples" / "four"
LEXICON = """
[food]
apple = {color = ["red", "green"], tags = ["fruit"]}
milk = {mass = true, color = "white"}
peas = {plural = true, color = "green"}
"""
SCENE = """
@scene meals
@def y {yeah|yes}
@frame want
@vars f=food g=food.fruit
A: do you want [f.a]?
A: is it {red|big}?
C*3: <y>, [f]!
C: me want [g.pl].
"""


def folder(tmp_path: Path, scene: str = SCENE, lexicon: str = LEXICON) -> Path:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "scenes").mkdir()
    (tmp_path / "lexicon" / "food.toml").write_text(lexicon, encoding="utf-8")
    (tmp_path / "scenes" / "meals.txt").write_text(scene, encoding="utf-8")
    return tmp_path


def expander(tmp_path: Path, scene: str) -> Expander:
    return load_expanders(folder(tmp_path, scene))[0]


def test_forms_follow_number_and_sound(tmp_path: Path) -> None:
    words = {e.base: e for e in load_lexicon([folder(tmp_path) / "lexicon" / "food.toml"])["food"]}
    assert words["apple"].values("a") == ("an apple",)
    assert words["apple"].values("pl") == ("apples",)
    assert words["milk"].values("a") == ("some milk",)
    assert words["peas"].values("is") == ("are",)
    assert words["apple"].values("color") == ("red", "green")
    assert words["apple"].values("sound") == ()


def test_a_category_in_two_files_merges(tmp_path: Path) -> None:
    base = folder(tmp_path) / "lexicon"
    (base / "z_more.toml").write_text('[food]\napple = {color = "blue"}\ncorn = {}\n', encoding="utf-8")
    words = {e.base: e for e in load_lexicon(sorted(base.glob("*.toml")))["food"]}
    assert set(words) == {"apple", "milk", "peas", "corn"}
    assert words["apple"].values("color") == ("red", "green")


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("@scene s\n@frame f\nA: hi {a|b.\nC: hi.", "s.txt:3", "never closed"),
        ("@scene s\n@frame f\nA: hi a}.\nC: hi.", "s.txt:3", "closes nothing"),
        ("@scene s\n@frame f\nB: hi.\nC: hi.", "s.txt:3", "not understood"),
        ("@scene s\n@frame f\nA: hi.", "s.txt:2", "without a child line"),
        ("@scene s\nA: hi.", "s.txt:2", "outside a frame"),
        ("@frame f", "s.txt:1", "before any scene"),
        ("@scene s\n@frame f\n@vars f:food", "s.txt:3", "no variable"),
        ("@scene s\n@frame f\nA: <no>.", "s.txt:3", "not defined"),
    ],
)
def test_a_wrong_line_is_named(text: str, where: str, says: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse_scene(text, "s.txt")
    assert where in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ("@vars f=foood\nA: [f]?\nC: [f].", "'foood' is in no lexicon file"),
        ("@vars f=food\nA: [g]?\nC: [f].", "meals.txt:4: [g] is unknown"),
        ("@vars f=food\nA: [f.sound]?\nC: [f].", "no entry of 'food' has sound"),
        ("@vars f=food!g g=food\nA: [f]?\nC: [g].", "not before it"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, frame: str, says: str) -> None:
    with pytest.raises(CorpusError) as caught:
        expander(tmp_path, f"@scene meals\n@frame x\n{frame}")
    assert says in str(caught.value)


def test_a_frame_name_may_exist_once(tmp_path: Path) -> None:
    base = folder(tmp_path)
    with pytest.raises(CorpusError, match="exists twice"):
        load_scenes([base / "scenes" / "meals.txt", base / "scenes" / "meals.txt"])


def test_different_means_different(tmp_path: Path) -> None:
    one = expander(tmp_path, "@scene s\n@frame f\n@vars a=food b=food!a\nA: [a] or [b]?\nC: [a].")
    for _ in range(100):
        (line, reply), *_ = one.draw(random.Random(_))
        first, _, second = line.rstrip("?").partition(" or ")
        assert first != second
        assert reply == f"{first}."


def test_written_phrases_may_differ_too(tmp_path: Path) -> None:
    one = expander(tmp_path, "@scene s\n@frame f\n@vars a=(pen|pencil) b=(pen|pencil)!a\nA: [a] or [b]?\nC: [b.a].")
    assert {one.draw(random.Random(seed))[0] for seed in range(50)} == {
        ("pen or pencil?", "a pencil."),
        ("pencil or pen?", "a pen."),
    }


def test_a_form_that_written_phrases_lack_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no entry of 'a' has color"):
        expander(tmp_path, "@scene s\n@frame f\n@vars a=(pen|pencil)\nA: what color?\nC: [a.color].")


def test_the_pairs_of_a_frame_are_counted(tmp_path: Path) -> None:
    one = expander(tmp_path, "@scene s\n@frame f\n@vars a=food\nA: {do|did} you eat [a]?\nC: {yes|no}.\nC: [a].")
    assert one.pairs == 2 * 3 * 2 + 2 * 3


def test_an_attribute_is_drawn_once_for_a_dialogue(tmp_path: Path) -> None:
    one = expander(tmp_path, "@scene s\n@frame f\n@vars a=food\nA: is it [a.color]?\nC: [a.color].")
    for seed in range(50):
        ((line, reply),) = one.draw(random.Random(seed))
        assert line == f"is it {reply.rstrip('.')}?"


def test_built_dialogues_repeat_for_a_seed_and_never_twice(tmp_path: Path) -> None:
    base = folder(tmp_path)
    first = list(build(100, 3, folder=base))
    assert first == list(build(100, 3, folder=base))
    assert first != list(build(100, 4, folder=base))
    pairs = [turn for dialogue in first for turn in dialogue.turns]
    assert len(set(pairs)) == len(pairs) == 100


def test_replies_of_three_words_are_thinned(tmp_path: Path) -> None:
    base = folder(
        tmp_path, "@scene s\n@frame f\n@vars a=food\nA: what do you {want|like|see}?\nC: [a].\nC: me want [a]."
    )
    lengths = [len(reply.split()) for dialogue in build(150, 1, folder=base) for _, reply in dialogue.turns]
    assert lengths.count(1) > 1.5 * lengths.count(3) > 0


def test_an_exhausted_corpus_ends(tmp_path: Path) -> None:
    base = folder(tmp_path, "@scene s\n@frame f\nA: hi!\nC: hi!")
    assert 1 <= len(list(build(100_000, 1, folder=base))) < 1000


def test_held_out_lines_do_not_appear_in_any_spelling(tmp_path: Path) -> None:
    base = folder(tmp_path)
    held = tmp_path / "held"
    held.mkdir()
    (held / "own.txt").write_text("# ours\nDo you want an apple?\n", encoding="utf-8")
    (held / "others.marks").write_text(line_mark("do you want some milk") + "\n", encoding="utf-8")
    held_out = load_held_out(held)
    assert len(held_out) == 2
    plain = [normalise(said) for d in build(300, 1, folder=base) for said, _ in d.turns]
    kept = [normalise(said) for d in build(300, 1, held_out, folder=base) for said, _ in d.turns]
    for line in ("do you want an apple", "do you want some milk"):
        assert line in plain
        assert line not in kept


def test_surface_keeps_words_that_carry_meaning() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        assert "banana" in adult("do you want a banana?", rng).lower()
        assert child("me want banana.", rng).rstrip(".").endswith("want banana")
        assert "why do not you" not in adult("why don't you eat?", rng).lower()


def test_a_faulty_reply_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = folder(tmp_path, "@scene s\n@frame f\nA: what?\nC: one two three four five six seven eight.")
    assert main(["--corpus", str(base), "--check"]) == 1
    assert "meals.txt:2: child reply longer than 7 words: 'one two" in capsys.readouterr().out
    (base / "corpus.toml").write_text("longest_reply = 8", encoding="utf-8")
    assert main(["--corpus", str(base), "--check"]) == 0


def test_a_corpus_says_how_long_its_replies_are(tmp_path: Path) -> None:
    base = folder(
        tmp_path,
        "@scene s\n@frame f\n@vars a=food\nA: what do you {want|like|see}?\nC: [a].\nC: I want [a].\nC: a b c d.",
    )
    (base / "corpus.toml").write_text(
        "longest_reply = 3\nkept_by_words = [0.0, 0.0]\n[surface]\nstumble = 0.0", encoding="utf-8"
    )
    assert {len(reply.split()) for dialogue in build(60, 1, folder=base) for _, reply in dialogue.turns} == {3}


def test_what_a_corpus_does_not_say_is_as_in_ours(tmp_path: Path) -> None:
    assert read_settings() == read_settings(tmp_path) == CorpusSettings()
    (tmp_path / "corpus.toml").write_text("kept_by_words = []\n[surface]\narticle = 0.0", encoding="utf-8")
    assert read_settings(tmp_path) == CorpusSettings(kept_by_words=(), surface=SurfaceShares(article=0.0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("longest = 9", "did you mean 'longest_reply'?"),
        ("longest_reply = 21", "must lie between 1 and 20"),
        ("longest_reply = 'nine'", "should be int"),
        ("kept_by_words = [0.5, 2]", "between 0 and 1"),
        ("kept_by_words = 0.5", "write numbers such as"),
        ("[surface]\narticle = 1.5", "article is 1.5"),
        ("longest_reply", "cannot be read"),
    ],
)
def test_a_wrong_setting_of_a_corpus_is_named(
    tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = folder(tmp_path)
    (base / "corpus.toml").write_text(text, encoding="utf-8")
    assert main(["--corpus", str(base), "--check"]) == 2
    error = capsys.readouterr().err
    assert str(base / "corpus.toml") in error and says in error and error.count("\n") == 1


def test_another_language_gets_no_english(tmp_path: Path) -> None:
    lexicon = '[food]\nApfel = {pl = "Äpfel"}\nBirne = {}\n'
    base = folder(
        tmp_path,
        "@scene s\n@frame f\n@vars a=food\nA: ändern wir {zwei|drei|vier} [a.pl] a ein?\nC: ja, an der [a.pl]!",
        lexicon,
    )
    (base / "corpus.toml").write_text("english = false", encoding="utf-8")
    (only,) = load_expanders(base)
    assert [entry.base for entry in only.domains[0].entries] == ["Apfel"]
    assert only.domains[0].lacking == ("meals.txt:2: [food] Birne lacks 'pl'",)
    lines = {said for dialogue in build(50, 1, folder=base) for said, _ in dialogue.turns}
    words = {word for line in lines for word in normalise(line).split()}
    assert words == {"ändern", "wir", "zwei", "drei", "vier", "äpfel", "a", "ein"}
    assert "Ändern wir drei Äpfel a ein?" in lines
    assert main(["--corpus", str(base), "--check"]) == 0


def test_a_corpus_may_use_our_words_beside_its_own(tmp_path: Path) -> None:
    base = folder(tmp_path, "@scene s\n@frame f\n@vars a=food\nA: [a]?\nC: [a].")
    assert len(load_expanders(base)[0].domains[0].entries) == 3
    (base / "corpus.toml").write_text("bundled_lexicon = true", encoding="utf-8")
    words = {entry.base: entry for entry in load_expanders(base)[0].domains[0].entries}
    assert {"banana", "peas"} < set(words)
    assert words["apple"].values("taste") == ()


def test_a_folder_without_scenes_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToddlerRobotError, match="no scenes in"):
        next(build(10, 1, folder=tmp_path))


def test_a_corpus_may_be_judged_by_lines_of_its_own(tmp_path: Path) -> None:
    base = folder(tmp_path)
    assert held_out_folder(base) == held_out_folder() == HERE.parent / "heldout"
    (base / "heldout").mkdir()
    (base / "heldout" / "everyday.txt").write_text("Do you want an apple?\n", encoding="utf-8")
    out = tmp_path / "text.jsonl"
    assert main(["--corpus", str(base), "--pairs", "200", "--out", str(out)]) == 0
    assert "some milk" in out.read_text("utf-8") and '["do you want an apple?"' not in out.read_text("utf-8").lower()


def test_the_fingerprint_covers_the_corpus(tmp_path: Path) -> None:
    base = folder(tmp_path)
    marks = {corpus_fingerprint(), corpus_fingerprint(base)}
    (base / "corpus.toml").write_text("longest_reply = 8", encoding="utf-8")
    marks.add(corpus_fingerprint(base))
    with (base / "scenes" / "meals.txt").open("a", encoding="utf-8") as scene:
        scene.write("C: me want [f].\n")
    marks.add(corpus_fingerprint(base))
    assert len(marks) == 4


def test_the_example_has_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--corpus", str(FOUR), "--check"]) == 0
    assert "0 problems, 0 words left out" in capsys.readouterr().out
    replies = [reply for dialogue in build(2000, 1, folder=FOUR) for _, reply in dialogue.turns]
    assert max(len(reply.split()) for reply in replies) > CorpusSettings.longest_reply
    assert not any(word in reply.split() for reply in replies for word in ("goed", "eated", "runned"))


def test_the_real_corpus_keeps_its_rules() -> None:
    dialogues = list(build(3000, 1))
    for dialogue in dialogues:
        for said, reply in dialogue.turns:
            assert said and 1 <= len(reply.split()) <= 7
            assert not set("{}[]<>|") & set(said + reply)
    assert len({dialogue.scene for dialogue in dialogues}) >= 15
    assert (HERE / "scenes").is_dir()


def test_a_line_is_tidied(tmp_path: Path) -> None:
    one = expander(tmp_path, "@scene s\n@frame f\n@vars a=food.fruit\nA: is it  a [a].?\nC: no , a [a]!.")
    assert one.draw(random.Random(1)) == [("is it an apple?", "no, an apple.")]
