package io.lorashear.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.optim.AdamSettings;

/**
 * A Lagrange multiplier that is updated by gradient ascent with Adam (arXiv 1412.6980), without
 * decay.
 *
 * <pre>
 *   n ← n + 1,  a ← β₁a + (1 − β₁)g,  b ← β₂b + (1 − β₂)g²
 *   λ ← λ + η · (a / (1 − β₁ⁿ)) / (√(b / (1 − β₂ⁿ)) + ε)
 * </pre>
 */
final class Multiplier {
  double value;
  private double first;
  private double second;
  private long count;

  /** One step of ascent along the gradient {@code g}. */
  void ascend(double g, double rate, AdamSettings adam) {
    count++;
    first = adam.beta1() * first + (1 - adam.beta1()) * g;
    second = adam.beta2() * second + (1 - adam.beta2()) * g * g;
    double mean = first / (1 - Math.pow(adam.beta1(), (double) count));
    double square = second / (1 - Math.pow(adam.beta2(), (double) count));
    value += rate * mean / (Math.sqrt(square) + adam.epsilon());
  }

  ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    return json.put("value", value).put("first", first).put("second", second).put("count", count);
  }

  void restore(JsonNode json) {
    value = json.path("value").asDouble();
    first = json.path("first").asDouble();
    second = json.path("second").asDouble();
    count = json.path("count").asLong();
  }
}
