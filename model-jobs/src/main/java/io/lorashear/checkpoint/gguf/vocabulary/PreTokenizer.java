package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.head.Metadata;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How text is split before byte-level BPE, by its name in {@code tokenizer.ggml.pre}. A further
 * name needs one line.
 */
enum PreTokenizer {
  /** GPT-2's split. */
  GPT2,
  /** GPT-NeoX: GPT-2's split; text in Unicode's composed form (NFC). */
  NEOX,
  /** Digits one by one, then GPT-2's split. */
  DIGITS,
  /** Llama 3: numbers in groups of three digits; a word that is a token is not built by merges. */
  LLAMA3,
  /** Llama 3's split, as OLMo 2 and Phi 4 have it from GPT-4: every word is built by merges. */
  GPT4,
  /** Mistral Nemo: words end before a capital letter; digits one by one. */
  TEKKEN,
  /** Qwen 2: digits one by one; text in Unicode's composed form (NFC). */
  QWEN2;

  private static final Map<String, PreTokenizer> BY_NAME =
      Map.ofEntries(
          Map.entry("gpt-2", GPT2),
          Map.entry("phi-2", GPT2),
          Map.entry("olmo", NEOX),
          Map.entry("dbrx", GPT4),
          Map.entry("tekken", TEKKEN),
          Map.entry("smollm", DIGITS),
          Map.entry("starcoder", DIGITS),
          Map.entry("llama-bpe", LLAMA3),
          Map.entry("llama3", LLAMA3),
          Map.entry("llama-v3", LLAMA3),
          Map.entry("qwen2", QWEN2));

  /** The name that is written for each split: the one that most files use. */
  private static final Map<PreTokenizer, String> NAMES =
      Map.of(
          GPT2, "gpt-2",
          NEOX, "olmo",
          DIGITS, "smollm",
          LLAMA3, "llama-bpe",
          GPT4, "dbrx",
          TEKKEN, "tekken",
          QWEN2, "qwen2");

  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final Map<String, String> OF_OLD_FILES =
      Map.of("gpt2", "gpt-2", "gptneox", "olmo");
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String NO_WORD = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  private static final String REST =
      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** The split that {@code metadata} names; older files without a name use that of their family. */
  static PreTokenizer of(Metadata metadata) {
    var stated = metadata.textOrNull("tokenizer.ggml.pre");
    var family = metadata.textOrNull("general.architecture");
    var name = stated == null ? OF_OLD_FILES.getOrDefault("" + family, "none") : stated;
    var rule = BY_NAME.get(name);
    if (rule == null) {
      throw new InputException(
          "%s cuts text by the rule '%s' (tokenizer.ggml.pre); known are %s:"
              + " use the model's Hugging Face directory",
          metadata.file(), name, String.join(", ", new TreeSet<>(BY_NAME.keySet())));
    }
    return rule;
  }

  /**
   * llama.cpp's name for the split of a tokenizer.json.
   *
   * @throws InputException if it has none that is known here
   */
  static String nameFor(JsonNode tokenizer, Path file) {
    var cuts = ByteCuts.of(tokenizer.path("pre_tokenizer"));
    boolean whole = tokenizer.path("model").path("ignore_merges").asBoolean();
    for (var rule : values()) {
      if (cuts.equals(ByteCuts.of(rule.json())) && rule.ignoresMerges() == whole) {
        boolean composed = tokenizer.path("normalizer").path("type").asText().equals("NFC");
        return Objects.requireNonNull(NAMES.get(rule == GPT2 && composed ? NEOX : rule));
      }
    }
    throw new InputException(
        "%s: pre_tokenizer is %s (ignore_merges %s): llama.cpp has no name for this cut of a text"
            + " that is known here; known are those of %s. Export the model --for transformers",
        file,
        brief(tokenizer.path("pre_tokenizer")),
        whole,
        String.join(", ", new TreeSet<>(NAMES.values())));
  }

  private static String brief(JsonNode value) {
    var text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() <= 200 ? text : text.substring(0, 199) + "…";
  }

  ObjectNode json() {
    if (this == GPT2 || this == NEOX) {
      return byteLevel(true).put("add_prefix_space", false);
    }
    var sequence = JsonFile.object().put("type", "Sequence");
    var steps = sequence.putArray("pretokenizers");
    if (this == DIGITS) {
      steps.addObject().put("type", "Digits").put("individual_digits", true);
    } else {
      var split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", pattern());
      split.put("behavior", "Isolated").put("invert", false);
    }
    steps.add(byteLevel(this == DIGITS).put("add_prefix_space", false));
    return sequence;
  }

  private String pattern() {
    return switch (this) {
      case LLAMA3, GPT4 -> String.join("|", CONTRACTION, WORD, "\\p{N}{1,3}", REST);
      case TEKKEN ->
          String.join(
              "|",
              NO_WORD + UPPER + "*" + LOWER + "+",
              NO_WORD + UPPER + "+" + LOWER + "*",
              "\\p{N}",
              REST.replace("]+[\\r\\n]*", "]+[\\r\\n/]*"));
      default -> String.join("|", CONTRACTION, WORD, "\\p{N}", REST);
    };
  }

  /** The normalizer that is applied before; null if there is none. */
  @Nullable ObjectNode normalizer() {
    return this == QWEN2 || this == NEOX ? JsonFile.object().put("type", "NFC") : null;
  }

  boolean ignoresMerges() {
    return this == LLAMA3 || this == TEKKEN;
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
