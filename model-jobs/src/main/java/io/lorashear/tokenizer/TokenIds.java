package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

/**
 * The ids of tokens in config.json and generation_config.json: a number, a list, or lists of lists.
 *
 * <pre>
 *   "eos_token_id": [2, 32007]      "bad_words_ids": [[5], [7, 9]]      "suppress_tokens": null
 * </pre>
 */
final class TokenIds {
  private static final Pattern ROLE = Pattern.compile(".*_token_(ids?|index)");
  private static final Set<String> LISTS =
      Set.of("suppress_tokens", "begin_suppress_tokens", "bad_words_ids", "force_words_ids");

  /** Fields in which ids stand among other numbers. */
  private static final List<String> MIXED = List.of("forced_decoder_ids", "sequence_bias");

  private TokenIds() {}

  /**
   * Replaces all ids in place. Negative ones, which stand for none, stay.
   *
   * @throws InputException if a field holds ids that cannot be told from other numbers
   */
  static void replace(ObjectNode fields, String where, IntUnaryOperator newId) {
    for (var field : List.copyOf(fields.properties())) {
      var name = field.getKey();
      var value = field.getValue();
      if (MIXED.contains(name) && !value.isNull()) {
        throw new InputException(
            "%s: %s holds ids of tokens, which this program does not renumber: take the field out,"
                + " or prune without vocabulary",
            where, name);
      } else if (ROLE.matcher(name).matches() || LISTS.contains(name)) {
        fields.set(name, replaced(value, newId));
      } else if (value instanceof ObjectNode inner) {
        replace(inner, where, newId);
      }
    }
  }

  private static JsonNode replaced(JsonNode value, IntUnaryOperator newId) {
    if (value.isIntegralNumber() && value.asInt() >= 0) {
      return IntNode.valueOf(newId.applyAsInt(value.asInt()));
    }
    if (value instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        list.set(i, replaced(list.get(i), newId));
      }
    }
    return value;
  }
}
