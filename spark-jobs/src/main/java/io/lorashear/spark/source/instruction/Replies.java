package io.lorashear.spark.source.instruction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** What follows a turn where several people replied, as in OpenAssistant's trees of messages. */
final class Replies {
  private Replies() {}

  /** The reply its readers ranked first, of those that were neither deleted nor turned down. */
  static Optional<JsonNode> best(JsonNode turn) {
    return StreamSupport.stream(turn.path("replies").spliterator(), false)
        .filter(reply -> !reply.path("deleted").asBoolean(false))
        .filter(reply -> reply.path("review_result").asBoolean(true))
        .min(Comparator.comparingInt(reply -> reply.path("rank").asInt(Integer.MAX_VALUE)));
  }

  /** How many replies of the whole tree are not among those followed. */
  static int others(JsonNode turn) {
    var best = best(turn);
    return best.map(reply -> turn.path("replies").size() - 1 + others(reply)).orElse(0);
  }
}
