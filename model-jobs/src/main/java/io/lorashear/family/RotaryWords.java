package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rotary positions in the field names of transformers 4, of 5, or of both at once.
 *
 * <pre>
 *   4   rope_theta, partial_rotary_factor under the family's own names, rope_scaling where scaled
 *   5   rope_parameters: all of that in one object, or in one for each type of layer
 * </pre>
 */
record RotaryWords(ModelConfig config) {
  private static final String NOW = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String THETA = "rope_theta";
  private static final String LOCAL_THETA = "rope_local_base_freq";
  private static final String SHARE = "partial_rotary_factor";

  /** Fields that one of two objects may leave to the other, or to the enclosing fields. */
  private static final Set<String> BESIDE = Set.of(THETA, SHARE, RotaryParameters.LENGTH);

  /** Whether transformers 4 can express them. */
  boolean known4() {
    return !config.rotaryByType()
        || config.known().has(LOCAL_THETA) && of(RotaryParameters.SLIDING).kind().equals("default");
  }

  /** Writes them into {@code fields}, which has them in any form. */
  void write(ObjectNode fields, boolean four, boolean five) {
    if (!config.known().has(NOW)) {
      return;
    }
    if (four && !five && !known4()) {
      throw new InputException(
          "%s: transformers 4 has no words for rotary positions that differ by type of layer:"
              + " write it with --transformers 5",
          config.where());
    }
    var now = now();
    if (four && known4()) {
      write4(fields);
    } else {
      List.of(THETA, SHARE, SCALING, LOCAL_THETA)
          .forEach(field -> config.known().spellings(field).forEach(fields::remove));
    }
    if (five) {
      fields.set(NOW, now);
    } else {
      fields.remove(NOW);
    }
  }

  private void write4(ObjectNode fields) {
    var full = of(RotaryParameters.FULL);
    fields.put(config.known().name(THETA), full.theta());
    if (config.known().has(SHARE)) {
      fields.put(config.known().name(SHARE), full.share());
    }
    if (config.known().has(LOCAL_THETA)) {
      fields.put(LOCAL_THETA, of(RotaryParameters.SLIDING).theta());
    }
    if (full.kind().equals("default")) {
      fields.remove(SCALING);
    } else if (!fields.path(SCALING).isObject()) {
      fields.set(SCALING, scaling4(fields, full));
    }
  }

  /**
   * For Phi-3, transformers 4 reads only {@code type} and two lists here, and the length beside
   * them.
   */
  private JsonNode scaling4(ObjectNode fields, RotaryParameters full) {
    var scaling = now(full);
    scaling.remove(List.of(THETA, SHARE));
    if (config.known().has(RotaryParameters.LENGTH)) {
      scaling.remove("rope_type");
      scaling.put("type", full.kind());
      fields.put(RotaryParameters.LENGTH, full.length());
      scaling.remove(RotaryParameters.LENGTH);
    }
    return scaling;
  }

  private ObjectNode now() {
    if (!config.rotaryByType() && !config.known().has(LOCAL_THETA)) {
      return now(of(RotaryParameters.FULL));
    }
    var both = config.fields().objectNode();
    for (var layers : List.of(RotaryParameters.FULL, RotaryParameters.SLIDING)) {
      both.set(layers, now(of(layers)));
    }
    return both;
  }

  private ObjectNode now(RotaryParameters said) {
    var now =
        said.fields() instanceof ObjectNode object
            ? object.deepCopy()
            : config.fields().objectNode();
    now.remove(List.of("type", RotaryParameters.FULL, RotaryParameters.SLIDING));
    now.put("rope_type", said.kind()).put(THETA, said.theta());
    if (config.known().has(SHARE)) {
      now.put(SHARE, said.share());
    }
    return now;
  }

  private RotaryParameters of(String layers) {
    var spelledOut = config.known().has(LOCAL_THETA) ? Gemma3.spelledOut(config) : config;
    return RotaryParameters.of(spelledOut, layers);
  }

  /** Whether {@code rope_parameters} and {@code rope_scaling} of one file agree. */
  static boolean agree(JsonNode now, JsonNode before) {
    var full = now.path(RotaryParameters.FULL);
    return same(full.isObject() ? full : now, before);
  }

  private static boolean same(JsonNode a, JsonNode b) {
    var names = new HashSet<String>();
    a.fieldNames().forEachRemaining(names::add);
    b.fieldNames().forEachRemaining(names::add);
    names.removeAll(RotaryParameters.KINDS);
    return RotaryParameters.kind(a).equals(RotaryParameters.kind(b))
        && names.stream().allMatch(name -> agree(name, a.path(name), b.path(name)));
  }

  private static boolean agree(String name, JsonNode a, JsonNode b) {
    boolean silent = a.isNull() || a.isMissingNode();
    boolean both = !silent && !b.isNull() && !b.isMissingNode();
    return both
        ? equal(a, b)
        : silent && (b.isNull() || b.isMissingNode()) || BESIDE.contains(name);
  }

  /** 1 and 1.0 are equal, in lists too. */
  private static boolean equal(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.asDouble() == b.asDouble();
    }
    return a.isArray() && b.isArray() && a.size() == b.size()
        ? IntStream.range(0, a.size()).allMatch(at -> equal(a.get(at), b.get(at)))
        : a.equals(b);
  }
}
