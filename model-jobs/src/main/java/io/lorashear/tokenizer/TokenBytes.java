package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How many bytes of text each token stands for. Byte-level tokenizers (Language Models are
 * Unsupervised Multitask Learners, section 2.2) write one character of a token for each byte, so
 * that lengths of tokens add up to that of the text:
 *
 * <pre>
 *   |####Resp|onse|:|\n|The| cat|       tokens end at 8, 12, 13, 14, 17, 21
 *                      ^ 14             four of them lie within the first 14 bytes
 * </pre>
 */
final class TokenBytes {
  private final int[] lengths;

  private TokenBytes(int[] lengths) {
    this.lengths = lengths;
  }

  /**
   * Of a {@code tokenizer.json}; empty where text is changed before it is cut, or tokens are no
   * bytes.
   *
   * @param size one more than the highest id
   */
  static Optional<TokenBytes> of(JsonNode root, int size) {
    var model = root.path("model");
    boolean unchanged = root.path("normalizer").isMissingNode() || root.path("normalizer").isNull();
    if (!unchanged || !model.path("type").asText().equals("BPE") || !isByteLevel(root)) {
      return Optional.empty();
    }
    var lengths = new int[size];
    model
        .path("vocab")
        .properties()
        .forEach(token -> lengths[token.getValue().intValue()] = token.getKey().length());
    for (var added : root.path("added_tokens")) {
      var content = added.path("content").asText();
      lengths[added.path("id").intValue()] = content.getBytes(StandardCharsets.UTF_8).length;
    }
    return Optional.of(new TokenBytes(lengths));
  }

  private static boolean isByteLevel(JsonNode root) {
    var cutting = root.path("pre_tokenizer");
    if (cutting.path("type").asText().equals("ByteLevel")) {
      return isPlain(cutting);
    }
    for (var step : cutting.path("pretokenizers")) {
      if (step.path("type").asText().equals("ByteLevel")) {
        return isPlain(step);
      }
    }
    return false;
  }

  private static boolean isPlain(JsonNode byteLevel) {
    return !byteLevel.path("add_prefix_space").asBoolean(true);
  }

  /**
   * How many tokens lie wholly within the first bytes of a text.
   *
   * @param ids of the whole text
   * @param first bytes, from its begin
   * @param all bytes of the text
   * @return empty where the tokens do not add up to the text
   */
  OptionalInt within(int[] ids, int first, int all) {
    int end = 0;
    int within = 0;
    for (int id : ids) {
      end += lengths[id];
      within += end <= first ? 1 : 0;
    }
    return end == all ? OptionalInt.of(within) : OptionalInt.empty();
  }
}
