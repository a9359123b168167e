package io.lorashear.checkpoint.gguf.architecture;

import io.lorashear.checkpoint.gguf.head.MetadataValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds a GGUF header's description of a model's layers: keys that begin with the architecture's
 * name, each in the type in which llama.cpp reads it, and the tensors of rotary frequency factors,
 * which Hugging Face has in config.json.
 */
public final class Description {
  private final String architecture;
  private final Map<String, MetadataValue> values = new LinkedHashMap<>();
  private final Map<String, List<Float>> rotaryFactors = new LinkedHashMap<>();

  /** A description with only the architecture's name. */
  public Description(String architecture) {
    this.architecture = architecture;
    values.put(Architecture.KEY, MetadataValue.text(architecture));
  }

  /** All keys and values, in the order in which they were added. */
  public Map<String, MetadataValue> values() {
    return Collections.unmodifiableMap(values);
  }

  /**
   * Tensors of rotary frequency factors, by their names in {@link Hyperparameters#ROTARY_FACTORS}.
   */
  public Map<String, List<Float>> rotaryFactors() {
    return Collections.unmodifiableMap(rotaryFactors);
  }

  private Description put(String name, MetadataValue value) {
    values.put(architecture + "." + name, value);
    return this;
  }

  Description whole(String name, int number) {
    return put(name, MetadataValue.uint32(number));
  }

  /** A number per layer; a single number if it is the same in all layers. */
  Description perLayer(String name, List<Integer> numbers) {
    boolean even = numbers.stream().distinct().count() == 1;
    return put(name, even ? MetadataValue.uint32(numbers.get(0)) : MetadataValue.uint32s(numbers));
  }

  Description number(String name, double number) {
    return put(name, MetadataValue.float32((float) number));
  }

  Description flag(String name, boolean value) {
    return put(name, MetadataValue.flag(value));
  }

  /** Limits texts to so many tokens, replacing an earlier limit. */
  public Description within(int tokens) {
    return whole("context_length", tokens);
  }

  Description text(String name, String text) {
    return put(name, MetadataValue.text(text));
  }

  Description factors(String tensor, List<Double> factors) {
    rotaryFactors.put(tensor, factors.stream().map(Double::floatValue).toList());
    return this;
  }
}
