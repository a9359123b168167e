package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How text is cut before byte-level BPE, by the name that {@code tokenizer.ggml.pre} gives it. One
 * more name is one line.
 */
enum PreTokenizer {
  /** GPT-2's own cut. */
  GPT2,
  /** Digits one by one, then GPT-2's cut. */
  DIGITS,
  /** Llama 3: numbers by three; a word that is a token is never built from merges. */
  LLAMA3,
  /** Qwen 2: digits one by one; text in Unicode's composed form. */
  QWEN2;

  private static final Map<String, PreTokenizer> BY_NAME =
      Map.ofEntries(
          Map.entry("gpt-2", GPT2),
          Map.entry("smollm", DIGITS),
          Map.entry("starcoder", DIGITS),
          Map.entry("llama-bpe", LLAMA3),
          Map.entry("llama3", LLAMA3),
          Map.entry("llama-v3", LLAMA3),
          Map.entry("qwen2", QWEN2));

  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  private static final String REST =
      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static PreTokenizer of(Metadata metadata) {
    var name = metadata.textOrNull("tokenizer.ggml.pre");
    var rule = name == null ? null : BY_NAME.get(name);
    if (rule == null) {
      throw new InputException(
          "%s cuts text by the rule '%s' (tokenizer.ggml.pre); known are %s:"
              + " use the model's Hugging Face directory",
          metadata.file(), name, String.join(", ", new TreeSet<>(BY_NAME.keySet())));
    }
    return rule;
  }

  ObjectNode json() {
    if (this == GPT2) {
      return byteLevel(true).put("add_prefix_space", false);
    }
    var sequence = JsonFile.object().put("type", "Sequence");
    var steps = sequence.putArray("pretokenizers");
    if (this == DIGITS) {
      steps.addObject().put("type", "Digits").put("individual_digits", true);
    } else {
      var numbers = this == LLAMA3 ? "\\p{N}{1,3}" : "\\p{N}";
      var split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", String.join("|", CONTRACTION, WORD, numbers, REST));
      split.put("behavior", "Isolated").put("invert", false);
    }
    steps.add(byteLevel(this == DIGITS).put("add_prefix_space", false));
    return sequence;
  }

  /** What happens to the text before; null when nothing does. */
  @Nullable ObjectNode normalizer() {
    return this == QWEN2 ? JsonFile.object().put("type", "NFC") : null;
  }

  boolean ignoresMerges() {
    return this == LLAMA3;
  }

  boolean fusesUnknown() {
    return this == DIGITS;
  }

  /** The byte-level step, also used as decoder. */
  static ObjectNode byteLevel(boolean withRegex) {
    return JsonFile.object()
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", withRegex);
  }
}
