package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The number of bytes of text that each token stands for. Byte-level tokenizers (Language Models
 * are Unsupervised Multitask Learners, section 2.2) write one character of a token for each byte,
 * so that the lengths of the tokens add up to that of the text:
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
   * The lengths of a {@code tokenizer.json}; empty if text is normalised before it is split, or if
   * tokens do not consist of bytes.
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
   * The number of tokens that lie completely within the first bytes of a text.
   *
   * @param ids ids of the whole text
   * @param first number of bytes from the begin of the text
   * @param all number of bytes of the whole text
   * @return empty if the lengths of the tokens do not add up to that of the text
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
