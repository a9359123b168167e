package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * The ids in a {@code tokenizer.json} of the tokens that it puts around texts: those of its
 * post-processor, and the one that fills short texts.
 */
final class PutTokens {
  private static final Set<String> WITHOUT_IDS = Set.of("ByteLevel", "Sequence");

  private PutTokens() {}

  /**
   * Replaces the ids in place.
   *
   * @throws InputException if the post-processor is of an unknown type
   */
  static void replace(ObjectNode root, Path file, IntUnaryOperator newId) {
    if (root.path("padding") instanceof ObjectNode padding && padding.has("pad_id")) {
      padding.put("pad_id", newId.applyAsInt(padding.path("pad_id").asInt()));
    }
    for (var step : CuttingRules.steps(root.path("post_processor"), "processors").toList()) {
      switch (step.path("type").asText()) {
        case "TemplateProcessing" -> template(step, newId);
        case "BertProcessing", "RobertaProcessing" ->
            List.of("sep", "cls").forEach(name -> pair(step.path(name), newId));
        default -> require(step, file);
      }
    }
  }

  private static void require(JsonNode step, Path file) {
    if (!WITHOUT_IDS.contains(step.path("type").asText())) {
      throw new InputException(
          "%s: post_processor is of the type %s, whose ids this program does not know: prune"
              + " without vocabulary",
          file, step.path("type").asText());
    }
  }

  private static void template(JsonNode step, IntUnaryOperator newId) {
    for (var token : step.path("special_tokens")) {
      if (token.path("ids") instanceof ArrayNode ids) {
        for (int i = 0; i < ids.size(); i++) {
          ids.set(i, IntNode.valueOf(newId.applyAsInt(ids.get(i).asInt())));
        }
      }
    }
  }

  /** {@code ["</s>", 2]}. */
  private static void pair(JsonNode pair, IntUnaryOperator newId) {
    if (pair instanceof ArrayNode both && both.size() == 2) {
      both.set(1, IntNode.valueOf(newId.applyAsInt(both.get(1).asInt())));
    }
  }
}
