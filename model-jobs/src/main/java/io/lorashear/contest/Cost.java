package io.lorashear.contest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Map;
import java.util.TreeMap;

/**
 * Time and speed of a cell on the machine where it ran; they differ on another machine or under
 * load.
 *
 * @param minutes minutes by stage; for a stage that was killed, those since it resumed
 * @param tokensPerSecond speed of scoring held-out rows
 */
public record Cost(Map<String, Double> minutes, double tokensPerSecond) {

  public Cost {
    minutes = new TreeMap<>(minutes);
  }

  /** Minutes of all stages. */
  double total() {
    return minutes.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  ObjectNode toJson() {
    var json = JsonFile.object();
    minutes.forEach(json.putObject("minutes")::put);
    return json.put("tokensPerSecond", tokensPerSecond);
  }

  static Cost fromJson(JsonNode json) {
    var minutes = new TreeMap<String, Double>();
    json.path("minutes")
        .properties()
        .forEach(entry -> minutes.put(entry.getKey(), entry.getValue().asDouble()));
    return new Cost(minutes, json.path("tokensPerSecond").asDouble());
  }
}
