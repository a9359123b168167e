package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Chooses the reply to a turn if several people replied, as in OpenAssistant's message trees. */
final class Replies {
  private Replies() {}

  /** The highest-ranked reply, among those neither deleted nor rejected. */
  static Optional<JsonNode> best(JsonNode turn) {
    return StreamSupport.stream(turn.path("replies").spliterator(), false)
        .filter(reply -> !reply.path("deleted").asBoolean(false))
        .filter(reply -> reply.path("review_result").asBoolean(true))
        .min(Comparator.comparingInt(reply -> reply.path("rank").asInt(Integer.MAX_VALUE)));
  }

  /** The number of replies in the whole tree that are not used. */
  static int others(JsonNode turn) {
    var best = best(turn);
    return best.map(reply -> turn.path("replies").size() - 1 + others(reply)).orElse(0);
  }
}
