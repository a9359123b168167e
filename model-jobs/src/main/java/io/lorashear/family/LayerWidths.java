package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The widths of one layer that pruning may change. A layer without attention has 0 heads; a layer
 * without MLP has a single MLP of 0 channels, whether it had experts or not.
 *
 * @param queryHeads number of query heads, a multiple of {@code keyValueHeads}; 0 without attention
 * @param keyValueHeads number of key-value heads; 0 without attention
 * @param mlps number of channels of each MLP: of the only one, or of every expert
 */
public record LayerWidths(int queryHeads, int keyValueHeads, List<Integer> mlps) {
  /** The fields that specify them. */
  static final List<String> FIELDS =
      List.of(
          "num_attention_heads", "num_key_value_heads", "intermediate_size", "num_local_experts");

  /** The layer's own field that lists the parts it lost, by their names in transformers 5. */
  static final String SKIP = "skip";

  static final String ATTENTION = "attention";
  static final String MLP = "mlp";

  /** A layer with one MLP. */
  public LayerWidths(int queryHeads, int keyValueHeads, int channels) {
    this(queryHeads, keyValueHeads, List.of(channels));
  }

  /** Whether the layer has attention. */
  public boolean attends() {
    return keyValueHeads > 0;
  }

  /** Whether the layer has an MLP, or experts. */
  public boolean hasMlp() {
    return channels() > 0;
  }

  /**
   * The same without the parts that {@code skip} names.
   *
   * @throws InputException when it is present but not a list of such parts
   */
  LayerWidths without(JsonNode skip, String where) {
    var parts = new HashSet<String>();
    skip.forEach(part -> parts.add(part.asText()));
    boolean listed = skip.isArray() || skip.isMissingNode();
    if (!listed || !Set.of(ATTENTION, MLP).containsAll(parts)) {
      throw new InputException(
          "%s has the skip %s: known is a list of attention and mlp", where, skip);
    }
    boolean attends = !parts.contains(ATTENTION);
    return new LayerWidths(
        attends ? queryHeads : 0,
        attends ? keyValueHeads : 0,
        parts.contains(MLP) ? List.of(0) : mlps);
  }

  /** The reverse of {@link #without}: writes the field only if a part is missing. */
  void writeSkipped(ObjectNode into) {
    if (!attends()) {
      into.withArray(SKIP).add(ATTENTION);
    }
    if (!hasMlp()) {
      into.withArray(SKIP).add(MLP);
    }
  }

  /** Channels of the widest MLP. */
  public int channels() {
    return Collections.max(mlps);
  }
}
