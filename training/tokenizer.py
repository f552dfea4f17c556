"""Trains the byte-level BPE tokenizer on the captions and writes it as tokenizer.json.

    python -m training.tokenizer --output training/runs/tokenizer

Lower case, split like CLIP's (words, numbers one digit at a time, punctuation), with one rule of its own: the letters of a
quoted word are tokens of their own, so that the model can learn to spell. Any text can be read: the alphabet is all 256 bytes.
"""
from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from .captions import caption
from .world import NOUN_LIST, random_scene

LENGTH = 48  # tokens that the text encoder's window holds
VOCABULARY = 3072
BEGIN, END, PAD = "<|startoftext|>", "<|endoftext|>", "<|pad|>"


def build() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix="", unk_token=END))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r'[a-z](?=[a-z]*["”])'), "isolated"),
        pre_tokenizers.Split(Regex(r"\s+"), "removed"),
        pre_tokenizers.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def train(texts: list[str], output: Path, vocabulary_size: int = VOCABULARY, length: int = LENGTH, min_frequency: int = 8) -> Tokenizer:
    """Learns the pieces of words from the texts, and writes tokenizer.json with its settings to `output`."""
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = build()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocabulary_size, special_tokens=[BEGIN, END, PAD], initial_alphabet=sorted(alphabet), end_of_word_suffix="</w>", show_progress=False, min_frequency=min_frequency))
    # every byte must also exist as the last of a word, or a rare letter could not be read there
    data = json.loads(tokenizer.to_str())
    vocabulary = data["model"]["vocab"]
    for letter in sorted(alphabet):
        vocabulary.setdefault(letter + "</w>", len(vocabulary))
    data["model"]["unk_token"] = None
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A {END}", special_tokens=[(BEGIN, vocabulary[BEGIN]), (END, vocabulary[END])])
    tokenizer.save(str(output / "tokenizer.json"))
    (output / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, "bos_token": BEGIN, "eos_token": END, "pad_token": PAD,
        "unk_token": END, "clean_up_tokenization_spaces": False}, indent=2))
    (output / "special_tokens_map.json").write_text(json.dumps({"bos_token": BEGIN, "eos_token": END, "pad_token": PAD, "unk_token": END}, indent=2))
    lengths = [len(tokenizer.encode(t).ids) for t in texts[:5000]]
    print(f"{len(vocabulary)} tokens; a caption has {sum(lengths) / len(lengths):.1f} on average, {max(lengths)} at most")
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=int, default=120_000)
    parser.add_argument("--output", type=Path, default=Path("training/runs/tokenizer"))
    options = parser.parse_args()
    rng = random.Random(7)
    names = [name for noun in NOUN_LIST for pair in ((noun.singular, noun.plural), *noun.synonyms) for name in pair] * 20
    texts = [caption(random_scene(rng), rng) for _ in range(options.captions)] + names
    tokenizer = train(texts, options.output)
    for text in texts[:12] + ['the word "HELLO" in red', "naïve café, 東京 2026!", "xylophonist"]:
        print(text, "->", tokenizer.encode(text).tokens)


if __name__ == "__main__":
    main()
