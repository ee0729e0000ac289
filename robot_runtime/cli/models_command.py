"""`toddler-robot models`: list, pull, verify, convert."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

QUANTIZATIONS = ("q8_0", "q4_0")
"""The kinds worth having; see robot_runtime/model_store/quantize.py."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("models", help="list, fetch, check and convert models")
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", dest="models_command", required=True)
    listing = parts.add_parser("list", help="the models known by name")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=run_list)
    pulling = parts.add_parser("pull", help="fetch a model and try it; one that talks is converted first")
    pulling.add_argument("name", metavar="NAME", help="a name from the list")
    pulling.add_argument(
        "--quantize",
        choices=QUANTIZATIONS,
        default="q8_0",
        help="kind of weights of a model that talks (default: q8_0)",
    )
    pulling.set_defaults(run=run_pull)
    verifying = parts.add_parser("verify", help="compare checksums and try a decode")
    verifying.add_argument(
        "name", metavar="NAME", nargs="?", help="name, .gguf file or folder (default: all that are here)"
    )
    verifying.add_argument("--json", action="store_true", help="as JSON")
    verifying.set_defaults(run=run_verify)
    converting = parts.add_parser("convert", help="make a GGUF file of a Hugging Face folder")
    converting.add_argument("folder", metavar="DIR", type=Path, help="holds config.json, safetensors, tokenizer.json")
    converting.add_argument("out", metavar="OUT.gguf", type=Path, help="file to write")
    converting.add_argument("--quantize", choices=QUANTIZATIONS, help="kind of weights (default: F16)")
    converting.add_argument(
        "--prompt-format", metavar="NAME", help="recorded in the file: chatml, toddler-llm, nursery"
    )
    converting.set_defaults(run=run_convert)


def run_list(options: argparse.Namespace) -> int:
    """Print the catalogue."""
    from robot_runtime.model_store import load_catalogue
    from robot_runtime.model_store.catalogue import load_vosk_entries
    from robot_runtime.model_store.locate import present_file
    from robot_runtime.model_store.vosk_folder import vosk_folder

    rows: list[dict[str, str | float | None]] = []
    for entry in load_catalogue().values():
        path = present_file(entry)
        rows.append(
            {
                "name": entry.name,
                "kind": "talks",
                "megabytes": round(path.stat().st_size / 1e6, 1) if path else entry.size_mb,
                "licence": entry.licence,
                "prompt_format": entry.prompt_format,
                "path": str(path) if path else None,
                "about": entry.about,
            }
        )
    for listener in load_vosk_entries().values():
        folder = vosk_folder(listener.name)
        rows.append(
            {
                "name": listener.name,
                "kind": "listens",
                "megabytes": round(listener.size / 1e6, 1),
                "licence": listener.licence,
                "prompt_format": None,
                "path": str(folder) if folder.is_dir() else None,
                "about": listener.about,
            }
        )
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        state = "here" if row["path"] else "not here"
        print(
            f"{row['name']:22} {row['megabytes']:6} MB  {state:9} {row['prompt_format'] or 'vosk':12} {row['licence']}"
        )
        print(f"    {row['about']}")
    return 0


def run_pull(options: argparse.Namespace) -> int:
    """Fetch a model."""
    from robot_runtime.model_store.catalogue import load_vosk_entries
    from robot_runtime.model_store.pull import pull
    from robot_runtime.model_store.pull_vosk import pull_vosk

    if listener := load_vosk_entries().get(options.name):
        pull_vosk(listener, notice=_notice)
    else:
        pull(options.name, kind=options.quantize, notice=_notice)
    return 0


def run_verify(options: argparse.Namespace) -> int:
    """Print what was found.

    Returns:
        1 when a model cannot be used, else 0.
    """
    from robot_runtime.model_store import load_catalogue, verify
    from robot_runtime.model_store.catalogue import load_vosk_entries
    from robot_runtime.model_store.locate import present_file
    from robot_runtime.model_store.verify import verify_vosk
    from robot_runtime.model_store.vosk_folder import is_vosk_folder, vosk_folder

    listeners = load_vosk_entries()
    here = [entry.name for entry in load_catalogue().values() if present_file(entry)]
    here += [name for name in listeners if vosk_folder(name).is_dir()]
    names = [options.name] if options.name else here
    reports = [verify_vosk(name) if name in listeners or is_vosk_folder(Path(name)) else verify(name) for name in names]
    if options.json:
        print(json.dumps([dataclasses.asdict(report) for report in reports], indent=2))
    else:
        for report in reports:
            print(f"{'ok    ' if report.ok else 'BROKEN'} {report.name}: {report.text}")
    return int(not all(report.ok for report in reports))


def run_convert(options: argparse.Namespace) -> int:
    """Write a GGUF file."""
    from robot_runtime.mind.prompt import prompt_format
    from robot_runtime.model_store.export import export_gguf
    from robot_runtime.model_store.quantize import quantize

    if options.prompt_format:
        prompt_format(options.prompt_format)
    out: Path = options.out
    if not options.quantize:
        export_gguf(options.folder, out, prompt_format=options.prompt_format)
    else:
        whole = out.with_name(f"{out.name}.f16.part")
        try:
            export_gguf(options.folder, whole, prompt_format=options.prompt_format)
            _notice(f"quantising to {options.quantize}")
            quantize(whole, out, options.quantize)
        finally:
            whole.unlink(missing_ok=True)
    _notice(f"wrote {out} ({out.stat().st_size / 1e6:.0f} MB)")
    return 0


def _notice(line: str) -> None:
    print(f"[{line}]", file=sys.stderr)
