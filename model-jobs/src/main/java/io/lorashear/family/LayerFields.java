package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;

/**
 * One layer's widths in the field names of its family: {"num_attention_heads": 6,
 * "num_key_value_heads": 2, "intermediate_size": 1228}, experts of several widths as a list, and
 * {@code "skip": ["attention"]} or {@code ["mlp"]} for parts that the layer lost. Widths that a
 * layer does not specify are those of the plain fields.
 */
record LayerFields(ModelConfig config) {
  /** The field for a layer with one MLP in a family with experts, and for all layers elsewhere. */
  static final String PLAIN = "intermediate_size";

  private static final int LARGEST = 1 << 24;

  /** The names that a layer may use. */
  List<String> names() {
    var names = new ArrayList<String>();
    LayerWidths.FIELDS.stream()
        .filter(config.known()::has)
        .map(config.known()::name)
        .forEach(names::add);
    if (!names.contains(PLAIN) && config.known().has("num_local_experts")) {
      names.add(PLAIN);
    }
    names.add(LayerWidths.SKIP);
    return names;
  }

  /** The widths of {@code layer}, whose own fields are {@code own}. */
  LayerWidths read(int layer, JsonNode own) {
    int queries = width(own, "num_attention_heads", config.size("num_attention_heads"));
    int keys = width(own, "num_key_value_heads", keys(queries));
    boolean experts = config.known().has("num_local_experts") && !config.plain(layer);
    int mlps = experts ? width(own, "num_local_experts", config.size("num_local_experts")) : 1;
    var widths =
        new LayerWidths(queries, keys, mlps(own, layer, mlps))
            .without(own.path(LayerWidths.SKIP), config.where() + ": layer " + layer);
    check(layer, widths);
    return widths;
  }

  private void check(int layer, LayerWidths widths) {
    if (widths.attends() && widths.queryHeads() % widths.keyValueHeads() != 0) {
      throw new InputException(
          "%s: layer %d has %d query heads for %d key-value heads: the first must be a multiple of"
              + " the second",
          config.where(), layer, widths.queryHeads(), widths.keyValueHeads());
    }
    if ((long) widths.queryHeads() * config.headDimension() > LARGEST) {
      throw new InputException(
          "%s: layer %d has %d query heads of %d numbers: at most %d numbers in all are known",
          config.where(), layer, widths.queryHeads(), config.headDimension(), LARGEST);
    }
  }

  /** As many key-value heads as query heads if the file has null. */
  private int keys(int queries) {
    boolean none = config.fields().path("num_key_value_heads").isNull();
    return none ? queries : config.size("num_key_value_heads", queries);
  }

  private List<Integer> mlps(JsonNode own, int layer, int experts) {
    var field = config.known().name(PLAIN);
    var sizes = config.plain(layer) && own.has(PLAIN) ? own.path(PLAIN) : own.path(field);
    if (sizes.isMissingNode()) {
      return Collections.nCopies(experts, channels(layer));
    }
    if (!sizes.isArray()) {
      return Collections.nCopies(experts, config.size(PLAIN, sizes));
    }
    if (sizes.size() != experts) {
      throw new InputException(
          "%s: layer %d has %d experts, but its %s names %d",
          config.where(), layer, experts, field, sizes.size());
    }
    var mlps = new ArrayList<Integer>();
    sizes.forEach(size -> mlps.add(config.size(PLAIN, size)));
    return List.copyOf(mlps);
  }

  private int width(JsonNode own, String field, int otherwise) {
    var value = own.path(config.known().name(field));
    return value.isMissingNode() ? otherwise : config.size(field, value);
  }

  private int channels(int layer) {
    if (config.plain(layer)) {
      return config.size(PLAIN, config.fields().path(PLAIN));
    }
    int times = config.known().channels();
    return times == 0 ? config.size(PLAIN) : config.size(PLAIN, times * config.hiddenSize());
  }

  /** The reverse of {@link #read}, with every width written. */
  void write(ObjectNode into, int layer, LayerWidths widths) {
    if (widths.hasMlp() && config.plain(layer)) {
      into.put(PLAIN, widths.channels());
    } else if (widths.hasMlp()) {
      writeMlps(into, widths);
    }
    if (widths.attends()) {
      put(into, "num_attention_heads", widths.queryHeads());
      put(into, "num_key_value_heads", widths.keyValueHeads());
    }
    widths.writeSkipped(into);
  }

  /** Writes the plain fields: widths of all layers with experts, or of all layers. */
  void writePlainly(ObjectNode into, LayerWidths widths) {
    if (!widths.mlps().isEmpty()) {
      writeMlps(into, widths);
    }
    put(into, "num_attention_heads", widths.queryHeads());
    put(into, "num_key_value_heads", widths.keyValueHeads());
  }

  private void writeMlps(ObjectNode into, LayerWidths widths) {
    if (new HashSet<>(widths.mlps()).size() == 1) {
      put(into, PLAIN, widths.channels());
    } else {
      widths.mlps().forEach(into.putArray(config.known().name(PLAIN))::add);
    }
    put(into, "num_local_experts", widths.mlps().size());
  }

  private void put(ObjectNode into, String field, int value) {
    if (config.known().has(field) && value > 0) {
      into.put(config.known().name(field), value);
    }
  }
}
