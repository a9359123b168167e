package io.lorashear.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Tokenizers small enough to reckon by hand. */
public final class SmallTokenizers {
  private SmallTokenizers() {}

  /** GPT-2's kind: one token a byte, 0 ends a text; " yes" is one token, id 257. */
  public static Path byteLevel(Path folder) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    vocabulary.put("<|endoftext|>", 0);
    for (int b = 0; b < 256; b++) {
      vocabulary.put(Character.toString(visible(b)), vocabulary.size());
    }
    for (String merged : new String[] {"es", "yes", "Ġyes"}) {
      vocabulary.put(merged, vocabulary.size());
    }
    return write(
        folder,
        """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [{"id": 0, "content": "<|endoftext|>", "single_word": false,
           "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
         "normalizer": null,
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
           "use_regex": true},
         "post_processor": null,
         "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
           "use_regex": true},
         "model": {"type": "BPE", "dropout": null, "unk_token": null,
           "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
           "byte_fallback": false, "ignore_merges": false, "vocab": %s,
           "merges": ["e s", "y es", "Ġ yes"]}}
        """
            .formatted(json(vocabulary)));
  }

  /**
   * LLaMA's kind: a space before every text, spaces written ▁. Alone, " yes" is ▁ ▁yes (2 6); after
   * a word it is ▁yes (6).
   */
  public static Path sentencePiece(Path folder) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (String piece :
        new String[] {"<unk>", "</s>", "▁", "y", "es", "yes", "▁yes", "e", "s", "A", ":", "▁A"}) {
      vocabulary.put(piece, vocabulary.size());
    }
    return write(
        folder,
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": {"type": "Sequence", "normalizers": [
           {"type": "Prepend", "prepend": "▁"},
           {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
         "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>",
           "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true,
           "byte_fallback": false, "ignore_merges": false, "vocab": %s,
           "merges": ["e s", "y es", "▁ yes", "▁ A"]}}
        """
            .formatted(json(vocabulary)));
  }

  private static String json(Map<String, Integer> vocabulary) {
    return vocabulary.entrySet().stream()
        .map(
            e ->
                "\""
                    + e.getKey().replace("\\", "\\\\").replace("\"", "\\\"")
                    + "\": "
                    + e.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static Path write(Path folder, String json) throws IOException {
    return Files.writeString(folder.resolve("tokenizer.json"), json);
  }

  /** The character GPT-2 shows a byte as: itself where it is printable, else one from 256 on. */
  static int visible(int b) {
    boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    return printable ? b : b <= ' ' ? 256 + b : b < 0xA1 ? 256 + 33 + (b - 0x7F) : 256 + 67;
  }
}
