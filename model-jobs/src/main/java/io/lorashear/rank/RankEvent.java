package io.lorashear.rank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One removal event.
 *
 * @param step number of steps before the event
 * @param removed number of components removed from all pairs
 * @param left number of components that remain in all pairs
 */
public record RankEvent(long step, int removed, int left) {

  /** The event as JSON. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    return json.put("step", step).put("removed", removed).put("left", left);
  }

  /** The reverse of {@link #toJson}. */
  public static RankEvent fromJson(JsonNode json) {
    return new RankEvent(
        json.path("step").asLong(), json.path("removed").asInt(), json.path("left").asInt());
  }
}
