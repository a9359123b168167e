package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The patterns by which a tokenizer.json splits text, in order, before its bytes are merged;
 * equivalent patterns are written in one form.
 *
 * <pre>
 *   Digits, ByteLevel with its pattern          \p{N} , GPT-2's
 *   Split by a pattern, ByteLevel without       the pattern
 * </pre>
 */
record ByteCuts(List<String> patterns) {
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String BYTES = "";

  /** Replacements of equivalent spellings, applied in this order. */
  private static final List<Map.Entry<String, String>> SPELLINGS =
      List.of(
          Map.entry("?+", "?"), // possessive: what follows begins with something else
          Map.entry("++", "+"),
          Map.entry("'(?i:[sdmt]|ll|ve|re)", "(?i:'s|'t|'re|'ve|'m|'ll|'d)"),
          Map.entry(
              "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
              "(?i:'s|'t|'re|'ve|'m|'ll|'d)"),
          Map.entry("'(?:[sdmt]|ll|ve|re)", "'s|'t|'re|'ve|'m|'ll|'d"),
          Map.entry("\\s*[\\r\\n]|", "\\s*[\\r\\n]+|"));

  /** The patterns of a {@code pre_tokenizer}; empty if it has a step of another kind. */
  static Optional<ByteCuts> of(JsonNode preTokenizer) {
    var patterns = new ArrayList<String>();
    for (var step : steps(preTokenizer).toList()) {
      var found = patterns(step);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      patterns.addAll(found);
    }
    boolean bytesLast = patterns.indexOf(BYTES) == patterns.size() - 1;
    if (patterns.isEmpty() || !bytesLast) {
      return Optional.empty();
    }
    return Optional.of(new ByteCuts(List.copyOf(patterns.subList(0, patterns.size() - 1))));
  }

  private static Stream<JsonNode> steps(JsonNode step) {
    return step.path("type").asText().equals("Sequence")
        ? StreamSupport.stream(step.path("pretokenizers").spliterator(), false)
            .flatMap(ByteCuts::steps)
        : Stream.of(step);
  }

  private static List<String> patterns(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "ByteLevel" -> byteLevel(step);
      case "Digits" -> step.path("individual_digits").asBoolean() ? List.of("\\p{N}") : List.of();
      case "Split" -> split(step);
      default -> List.of();
    };
  }

  private static List<String> byteLevel(JsonNode step) {
    if (step.path("add_prefix_space").asBoolean(true)) {
      return List.of();
    }
    return step.path("use_regex").asBoolean(true) ? List.of(GPT2, BYTES) : List.of(BYTES);
  }

  /**
   * The pattern of a Split step, if it keeps each match as one piece; all known patterns match
   * everything.
   */
  private static List<String> split(JsonNode step) {
    var behavior = step.path("behavior").asText() + step.path("invert").asBoolean();
    var pattern = step.path("pattern").path("Regex");
    boolean keeps = behavior.equals("Isolatedfalse") || behavior.equals("Removedtrue");
    if (!keeps || !pattern.isTextual()) {
      return List.of();
    }
    var spelled = pattern.asText();
    for (var spelling : SPELLINGS) {
      spelled = spelled.replace(spelling.getKey(), spelling.getValue());
    }
    return List.of(spelled);
  }
}
