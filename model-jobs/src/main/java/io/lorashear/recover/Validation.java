package io.lorashear.recover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.score.SourceLosses;
import java.util.Map;
import java.util.TreeMap;

/**
 * Held-out losses after some steps.
 *
 * @param losses mean loss by source, in nats per predicted token
 */
public record Validation(long step, Map<String, Double> losses) {

  /** The mean over sources. */
  public double mean() {
    return SourceLosses.mean(losses);
  }

  /** The validation as JSON. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("step", step).put("meanLoss", mean());
    var sources = json.putObject("losses");
    new TreeMap<>(losses).forEach(sources::put);
    return json;
  }

  /** The reverse of {@link #toJson}. */
  public static Validation fromJson(JsonNode json) {
    var losses = new TreeMap<String, Double>();
    json.path("losses")
        .fields()
        .forEachRemaining(entry -> losses.put(entry.getKey(), entry.getValue().asDouble()));
    return new Validation(json.path("step").asLong(), losses);
  }
}
