package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * How spaces become ▁ before SentencePiece's merges: by a normalizer (Prepend, Replace) or by a
 * pre-tokenizer (Metaspace).
 *
 * @param prefix whether another ▁ is prepended to a text
 */
record SpaceMarks(boolean prefix) {
  private static final String MARK = "▁";

  static SpaceMarks of(TokenizerFiles files) {
    var normalizer = steps(files.tokenizer().path("normalizer"), "normalizers").toList();
    var cuts = steps(files.tokenizer().path("pre_tokenizer"), "pretokenizers").toList();
    boolean prefix = false;
    boolean marked = false;
    for (var step : Stream.concat(normalizer.stream(), cuts.stream()).toList()) {
      var type = step.path("type").asText();
      boolean meta = type.equals("Metaspace");
      if (type.equals("Prepend") && step.path("prepend").asText().equals(MARK)) {
        prefix = true;
      } else if (meta && isWhole(step)) {
        prefix = !step.path("prepend_scheme").asText("always").equals("never");
        marked = true;
      } else if (isReplace(step)) {
        marked = true;
      } else if (!(marked && isSplitAtSpaces(step))) {
        throw files.refusal("it treats a text by %s, which llama.cpp does not do".formatted(step));
      }
    }
    if (!marked) {
      throw files.refusal("spaces do not become " + MARK + ", as they do in llama.cpp");
    }
    return new SpaceMarks(prefix);
  }

  private static Stream<JsonNode> steps(JsonNode step, String list) {
    if (!step.isObject()) {
      return Stream.of();
    }
    return step.path("type").asText().equals("Sequence")
        ? StreamSupport.stream(step.path(list).spliterator(), false)
            .flatMap(each -> steps(each, list))
        : Stream.of(step);
  }

  private static boolean isWhole(JsonNode metaspace) {
    return metaspace.path("replacement").asText().equals(MARK)
        && metaspace.path("split").isBoolean()
        && !metaspace.path("split").asBoolean();
  }

  private static boolean isReplace(JsonNode step) {
    return step.path("type").asText().equals("Replace")
        && step.path("pattern").path("String").asText().equals(" ")
        && step.path("content").asText().equals(MARK);
  }

  /**
   * Whether a step splits at spaces; at that point there are none left, so that it has no effect.
   */
  private static boolean isSplitAtSpaces(JsonNode step) {
    return step.path("type").asText().equals("Split")
        && step.path("pattern").path("String").asText().equals(" ");
  }
}
