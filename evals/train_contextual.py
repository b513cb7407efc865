"""Teaches the sentence encoder to read a turn in its conversation: ``python -m evals.train_contextual --write``.

Learns from the known follow-ups of ``corpus/questions.jsonl``, which stand there in the order in which they were asked,
and from ``evals/training/read-conversations.jsonl``. From a turn and the questions before it, the encoder makes the
vector that the question would have had if it stood by itself (Yu et al. 2021, https://arxiv.org/abs/2105.04166): near
to the questions known of its section and far from those of the others, and near to its written-out form where that is
known. All but the adapters (``ingest.embedders.adapter``) stays as it is. Writes ``ingest/embedders/contextual.npz``;
about 20 minutes on two cores. Prints, for the dev and the training conversations, which are not learned from, how many
follow-ups are nearest to a target section's known questions.

``--all`` is for shipping: it learns of the training conversations too. Run it last: whatever is learned of what the
encoder says of these (``train_followups``, ``train_rewording``) has to be learned with one that has not seen them.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from assistant.contextual import BEFORE
from assistant.settings import Settings
from evals.cases import EvalCase, EvalTurn, load_suites
from evals.training.questions import CONVERSATIONS, READ_CONVERSATIONS, training_conversations
from ingest.asked import read_asked
from ingest.asked_lessons import Asked
from ingest.embedders import load_embedder
from ingest.embedders.adapter import adapt, pooled, save
from ingest.embedders.minilm import model_folder
from ingest.embedders.turns import ADAPTER, joined
from ingest.embedding_cache import EmbeddingCache
from ingest.protocols import Vectors

CORPUS = Path(__file__).parents[1] / "corpus"
MEASURED = ("conversations", "conversations-more")
BATCH, RATE, SHARPNESS, SMOOTHED, REWRITES_WEIGH = 64, 0.001, 20.0, 0.05, 2.0
WARM_UP, BUCKET = 50, 32
"""Steps until the rate is full; batches that are sorted by length together."""
_NEAR = 20
"""A turn goes on from the one listed before it if the question before it leads to that one's section, which is then
among so many."""

Section = tuple[str, str]
"""Document and last heading."""


@dataclass(frozen=True, slots=True)
class Turn:
    """``before``: the questions before, nearest first; ``sections`` that answer; ``rewrite``: the vector of the
    written-out form, if it is known."""

    question: str
    before: tuple[str, ...]
    sections: tuple[Section, ...]
    rewrite: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """``middles``, (sections, dimension): unit vectors in the middle of the questions known of each section, and of the
    turns that are written out."""

    turns: Sequence[Turn]
    number: dict[Section, int]
    middles: Vectors


def known() -> Known:
    settings = Settings()
    embedder = load_embedder(settings.embedding_model, settings.data_dir)
    embed = partial(EmbeddingCache(settings.data_dir / "embeddings.sqlite3").embed, embedder=embedder)
    entries = [entry for entry in read_asked([str(CORPUS)], "default")[0] if entry.document]
    standing = [entry for entry in entries if not entry.after]
    number = {section: place for place, section in enumerate(dict.fromkeys(map(_section, standing)))}
    middles = np.zeros((len(number), embedder.dimension), dtype=np.float32)
    places = [number[_section(entry)] for entry in standing]
    np.add.at(middles, places, embed([entry.question for entry in standing]))
    follow_ups = [entry for entry in entries if entry.after and _section(entry) in number]
    turns = _turns(follow_ups, embed([entry.after for entry in follow_ups]), number, _unit(middles))
    for turn in turns:
        if turn.rewrite is not None:
            middles[number[turn.sections[0]]] += turn.rewrite
    turns += of_conversations(READ_CONVERSATIONS, number)
    return Known(turns, number, _unit(middles))


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _section(entry: Asked) -> Section:
    return entry.document, entry.section


def _turns(follow_ups: Sequence[Asked], befores: Vectors, number: dict[Section, int], middles: Vectors) -> list[Turn]:
    """What each said before; its own written-out form is what the next has before it, if that goes on from it."""
    cosines = befores @ middles.T
    last = [number[_section(entry)] for entry in follow_ups[:-1]]
    ranks = (cosines[1:] > cosines[np.arange(1, len(befores)), last][:, None]).sum(axis=1)
    goes_on = [False, *(ranks < _NEAR), False]
    turns: list[Turn] = []
    for place, entry in enumerate(follow_ups):
        before = (turns[-1].question, *turns[-1].before)[:BEFORE] if goes_on[place] else (entry.after,)
        rewrite = befores[place + 1] if goes_on[place + 1] else None
        turns.append(Turn(entry.question, before, (_section(entry),), rewrite))
    return turns


def held_out(number: dict[Section, int], *, seen: bool = False) -> dict[str, list[Turn]]:
    """Follow-ups of the dev half and, unless they were ``seen``, of the training conversations."""
    dev = [case for suite in load_suites(MEASURED) for case in suite.cases if case.split == "dev"]
    training = () if seen else training_conversations().cases
    return {
        "dev": [turn for case in dev for turn, _ in _asked(case, number)],
        "training conversations": [turn for case in training for turn, _ in _asked(case, number)],
    }


def of_conversations(path: Path, number: dict[Section, int]) -> list[Turn]:
    """Their follow-ups with what each means."""
    settings = Settings()
    embedder = load_embedder(settings.embedding_model, settings.data_dir)
    turns = [asked for case in training_conversations(path).cases for asked in _asked(case, number)]
    texts = [written for _, written in turns if written]
    vectors = iter(EmbeddingCache(settings.data_dir / "embeddings.sqlite3").embed(texts, embedder))
    return [replace(turn, rewrite=next(vectors) if written else None) for turn, written in turns]


def _asked(case: EvalCase, number: dict[Section, int]) -> Iterator[tuple[Turn, str]]:
    """Each follow-up with its written-out form, "" where there is none."""
    for place, turn in enumerate(case.turns):
        sections = tuple(section for section in _sections(turn) if section in number)
        if place and sections:
            before = tuple(one.question for one in reversed(case.turns[:place]))
            yield Turn(turn.question, before[:BEFORE], sections), turn.standalone


def _sections(turn: EvalTurn) -> list[Section]:
    places = [place for target in turn.targets for place in target.places]
    return [(place.document, place.section[-1]) for place in places if place.section]


def parted(data: Known, folder: str) -> tuple[Known, list[Turn]]:
    """Without the turns that a section in ``folder`` answers, and those."""
    halves: tuple[list[Turn], list[Turn]] = ([], [])
    for turn in data.turns:
        halves[bool(folder) and turn.sections[0][0].startswith(f"{folder}/")].append(turn)
    return replace(data, turns=halves[False]), halves[True]


class Reader:
    """The encoder with its adapters on."""

    def __init__(self) -> None:
        folder = model_folder()
        self.encoder: Any = AutoModel.from_pretrained(str(folder), attn_implementation="sdpa", local_files_only=True)
        self.switch, self.adapters = adapt(self.encoder)
        self.switch.on = torch.ones(1)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.first: int = self.tokenizer.token_to_id("[CLS]") or 0
        self.last: int = self.tokenizer.token_to_id("[SEP]") or 0

    def ids(self, turn: Turn) -> list[int]:
        texts = [turn.question, *turn.before]
        own, *before = [one.ids for one in self.tokenizer.encode_batch(texts, add_special_tokens=False)]
        return [self.first, *joined(own, before, self.last), self.last]

    def vectors(self, batch: Sequence[Sequence[int]]) -> Any:
        """(len(batch), dimension), of length 1."""
        ids = torch.zeros((len(batch), max(map(len, batch))), dtype=torch.int64)
        mask = torch.zeros_like(ids)
        for row, one in enumerate(batch):
            ids[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        return pooled(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float(), mask)


def learn(reader: Reader, data: Known, epochs: int) -> None:
    chance = random.Random(0)
    middles = torch.from_numpy(data.middles)
    parameters = [parameter for adapter in reader.adapters for parameter in (adapter.down, adapter.up)]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    steps, step = epochs * math.ceil(len(data.turns) / BATCH), 0
    reader.encoder.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in _batches(reader, data.turns, chance):
            rate = RATE * min(1, (step + 1) / WARM_UP) * (1 + math.cos(math.pi * step / steps)) / 2
            for group in optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast("cpu", dtype=torch.bfloat16):
                vectors = reader.vectors([ids for ids, _ in batch])
            loss = _loss(vectors, [turn for _, turn in batch], middles, data.number)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            total, step = total + float(loss.detach()), step + 1
            if step % 50 == 0:
                print(f"\r{step} of {steps} steps", end="", flush=True)
        print(f"\rround {epoch + 1} of {epochs}: loss {total / math.ceil(len(data.turns) / BATCH):.3f}", flush=True)
    reader.encoder.eval()


def _batches(reader: Reader, turns: Sequence[Turn], chance: random.Random) -> Iterator[list[tuple[list[int], Turn]]]:
    read = [(reader.ids(turn), turn) for turn in turns]
    chance.shuffle(read)
    batches = []
    for start in range(0, len(read), BATCH * BUCKET):
        alike = sorted(read[start : start + BATCH * BUCKET], key=lambda one: len(one[0]))
        batches += [alike[place : place + BATCH] for place in range(0, len(alike), BATCH)]
    chance.shuffle(batches)
    yield from batches


def _loss(vectors: Any, turns: Sequence[Turn], middles: Any, number: dict[Section, int]) -> Any:
    logs = torch.log_softmax(SHARPNESS * vectors @ middles.T, dim=1)
    # Each of the sections answers by itself: near to any of them is right.
    right = torch.full_like(logs, -torch.inf)
    for place, turn in enumerate(turns):
        wanted = [number[section] for section in turn.sections]
        right[place, wanted] = logs[place, wanted]
    loss = -((1 - SMOOTHED) * torch.logsumexp(right, dim=1) + SMOOTHED * logs.mean(dim=1)).mean()
    written = [(place, turn.rewrite) for place, turn in enumerate(turns) if turn.rewrite is not None]
    if not written:
        return loss
    rewrites = torch.from_numpy(np.stack([rewrite for _, rewrite in written]))
    return loss + REWRITES_WEIGH * (1 - (vectors[[place for place, _ in written]] * rewrites).sum(1)).mean()


def nearest(reader: Reader, data: Known, turns: Sequence[Turn], rank: int) -> float:
    """The share of the turns of which a target section is among the ``rank`` nearest."""
    read = sorted(((reader.ids(turn), turn) for turn in turns), key=lambda one: len(one[0]))
    found = []
    for start in range(0, len(read), BATCH):
        batch = read[start : start + BATCH]
        with torch.no_grad():
            cosines = reader.vectors([ids for ids, _ in batch]).numpy() @ data.middles.T
        for row, (_, turn) in zip(cosines, batch, strict=True):
            best = max(row[data.number[section]] for section in turn.sections)
            found.append(int((row > best).sum()) < rank)
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"replace {ADAPTER.name}")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--all", action="store_true", help="learn of the training conversations too")
    parser.add_argument("--apart", default="", help="learn nothing of this folder of corpus/, and report on it apart")
    chosen = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(2)
    everything, reader = known(), Reader()
    if chosen.all:
        of_training = of_conversations(CONVERSATIONS, everything.number)
        everything = replace(everything, turns=[*everything.turns, *of_training])
    data, apart = parted(everything, chosen.apart)
    print(f"{len(data.turns)} follow-ups, {sum(turn.rewrite is not None for turn in data.turns)} written out")
    turns_of = held_out(data.number, seen=chosen.all) | ({f"follow-ups of {chosen.apart}": apart} if apart else {})

    def report(name: str) -> None:
        for half, turns in ((half, turns) for half, turns in turns_of.items() if turns):
            first, in_five = nearest(reader, data, turns, 1), nearest(reader, data, turns, 5)
            print(f"{name}, {half}: {len(turns)} follow-ups, first {first:.3f}, in five {in_five:.3f}", flush=True)

    report("before")
    learn(reader, data, chosen.epochs)
    report("after")
    if chosen.write:
        save(reader.adapters)


if __name__ == "__main__":
    main()
