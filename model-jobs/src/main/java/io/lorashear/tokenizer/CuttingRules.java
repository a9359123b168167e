package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which {@code tokenizer.json} is known to encode words independently of each other. Only byte-pair
 * encoding qualifies: merges on the two sides of a position that no token of the vocabulary spans
 * do not affect each other; and if a text is first split into words by one of the patterns below,
 * no match spans or looks beyond a space that follows a letter or a punctuation mark.
 */
final class CuttingRules {
  private static final String SPACE = " ";

  /** SentencePiece's character for a space. */
  static final String LOWER_BLOCK = "\u2581";

  private static final String UPPER_LETTERS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER_LETTERS = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String NO_WORD = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

  /**
   * The alternatives that make up the patterns of GPT-2, GPT-4, GPT-4o, Llama 3, Qwen 2 and Tekken.
   */
  private static final Set<String> ALTERNATIVES =
      Set.of(
          "'s|'t|'re|'ve|'m|'ll|'d",
          "'(?:[sdmt]|ll|ve|re)",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
          "(?i:[sdmt]|ll|ve|re)",
          " ?\\p{L}+",
          " ?\\p{N}+",
          " ?[^\\s\\p{L}\\p{N}]+",
          NO_WORD + "\\p{L}+",
          NO_WORD + UPPER_LETTERS + "*" + LOWER_LETTERS + "+",
          NO_WORD + UPPER_LETTERS + "+" + LOWER_LETTERS + "*",
          NO_WORD + UPPER_LETTERS + "*" + LOWER_LETTERS + "+" + CONTRACTION + "?",
          NO_WORD + UPPER_LETTERS + "+" + LOWER_LETTERS + "*" + CONTRACTION + "?",
          "\\p{N}",
          "\\p{N}{1,3}",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
          "\\s*[\\r\\n]+",
          "\\s+(?!\\S)",
          "\\s+");

  private CuttingRules() {}

  static boolean known(JsonNode root) {
    var model = root.path("model");
    return model.path("type").asText().equals("BPE")
        && model.path("dropout").asDouble(0) == 0
        && model.path("continuing_subword_prefix").asText("").isEmpty()
        && model.path("end_of_word_suffix").asText("").isEmpty()
        && steps(root.path("normalizer"), "normalizers").allMatch(CuttingRules::normalizes)
        && words(root)
        && added(root);
  }

  /**
   * Whether text is split by one of the patterns, no space is prepended, and the line end is a
   * token.
   */
  static boolean byPattern(JsonNode root) {
    var steps = steps(root.path("pre_tokenizer"), "pretokenizers").toList();
    return root.path("model").path("vocab").has("\u010a")
        && steps.stream().anyMatch(CuttingRules::cutsBySpace)
        && steps.stream().noneMatch(CuttingRules::putsByteSpace);
  }

  /** Whether words consist of the bytes of a text, not of its characters. */
  static boolean ofBytes(JsonNode root) {
    return steps(root.path("pre_tokenizer"), "pretokenizers")
        .anyMatch(step -> is(step, "ByteLevel"));
  }

  /** Whether a byte-level space is prepended to every text that has none. */
  static boolean putsByteSpaceBefore(JsonNode root) {
    return steps(root.path("pre_tokenizer"), "pretokenizers").anyMatch(CuttingRules::putsByteSpace);
  }

  private static boolean putsByteSpace(JsonNode step) {
    return is(step, "ByteLevel") && step.path("add_prefix_space").asBoolean(true);
  }

  /** Whether SentencePiece's character for a space is prepended to a text. */
  static boolean putsSpace(JsonNode root) {
    return steps(root.path("normalizer"), "normalizers").anyMatch(step -> is(step, "Prepend"))
        || steps(root.path("pre_tokenizer"), "pretokenizers")
            .anyMatch(step -> is(step, "Metaspace") && !scheme(step).equals("never"));
  }

  private static boolean words(JsonNode root) {
    var steps = steps(root.path("pre_tokenizer"), "pretokenizers").toList();
    boolean bytes = ofBytes(root);
    boolean marked =
        steps.stream().anyMatch(step -> is(step, "Metaspace"))
            || steps(root.path("normalizer"), "normalizers").anyMatch(step -> is(step, "Replace"));
    var vocabulary = root.path("model").path("vocab");
    var space = bytes ? "\u0120" : LOWER_BLOCK;
    return bytes != marked
        && vocabulary.has(space)
        && steps.stream().allMatch(step -> cuts(step, steps.size() == 1, marked))
        && (bytes && steps.stream().anyMatch(CuttingRules::cutsBySpace)
            || tokensReachOverNo(space, vocabulary));
  }

  private static boolean normalizes(JsonNode step) {
    return is(step, "NFC")
        || is(step, "Prepend") && step.path("prepend").asText().equals(LOWER_BLOCK)
        || is(step, "Replace")
            && step.path("pattern").path("String").asText().equals(SPACE)
            && step.path("content").asText().equals(LOWER_BLOCK);
  }

  private static boolean cuts(JsonNode step, boolean alone, boolean marked) {
    return switch (step.path("type").asText()) {
      case "ByteLevel" -> alone || !putsByteSpace(step);
      case "Digits" -> true;
      case "Metaspace" -> alone && step.path("replacement").asText().equals(LOWER_BLOCK);
      case "Split" ->
          marked && step.path("pattern").path("String").asText().equals(SPACE)
              || pattern(step) && !step.path("invert").asBoolean();
      default -> false;
    };
  }

  private static boolean cutsBySpace(JsonNode step) {
    return is(step, "ByteLevel") && step.path("use_regex").asBoolean(true)
        || is(step, "Split") && pattern(step);
  }

  private static boolean pattern(JsonNode step) {
    var regex = step.path("pattern").path("Regex").asText();
    return step.path("behavior").asText().equals("Isolated") && madeOfKnown(regex);
  }

  private static boolean madeOfKnown(String regex) {
    if (regex.isEmpty() || ALTERNATIVES.contains(regex)) {
      return !regex.isEmpty();
    }
    return ALTERNATIVES.stream()
        .anyMatch(
            first ->
                regex.startsWith(first + "|") && madeOfKnown(regex.substring(first.length() + 1)));
  }

  /** Whether no token contains a space after a character other than white space. */
  private static boolean tokensReachOverNo(String space, JsonNode vocabulary) {
    var white = new HashSet<>(List.of(space, SPACE, "\n", "\t", "\r", "\u010a", "\u0109"));
    for (var entry : vocabulary.properties()) {
      var token = entry.getKey();
      for (int at = token.indexOf(space, 1); at > 0; at = token.indexOf(space, at + 1)) {
        if (!white.contains(token.substring(at - 1, at))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether no added token contains both a space and other characters. */
  private static boolean added(JsonNode root) {
    for (var token : root.path("added_tokens")) {
      var content = token.path("content").asText();
      if (content.contains(SPACE) && !content.isBlank()) {
        return false;
      }
    }
    return true;
  }

  static Stream<JsonNode> steps(JsonNode node, String list) {
    var none = node.isMissingNode() || node.isNull();
    var steps = Stream.<JsonNode>builder();
    node.path(list).forEach(steps);
    return none ? Stream.of() : is(node, "Sequence") ? steps.build() : Stream.of(node);
  }

  private static boolean is(JsonNode step, String type) {
    return step.path("type").asText().equals(type);
  }

  private static String scheme(JsonNode metaspace) {
    boolean prefix = metaspace.path("add_prefix_space").asBoolean(true);
    return metaspace.path("prepend_scheme").asText(prefix ? "always" : "never");
  }
}
