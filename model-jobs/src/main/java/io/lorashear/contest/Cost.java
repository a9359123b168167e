package io.lorashear.contest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a cell took on the machine where it was made; another machine, or the same one busy, gives
 * other figures.
 *
 * @param minutes by stage; of a stage that was killed once, those since it went on
 * @param tokensPerSecond at which held-out rows were scored
 */
public record Cost(Map<String, Double> minutes, double tokensPerSecond) {

  public Cost {
    minutes = new TreeMap<>(minutes);
  }

  /** Of all stages. */
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
