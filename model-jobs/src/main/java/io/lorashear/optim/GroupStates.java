package io.lorashear.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.saliency.AxisWeights;
import java.util.BitSet;

/** Which groups of one axis are kept, which are shrinking, which are gone. */
final class GroupStates {
  private final AxisWeights axis;
  private final BitSet active = new BitSet();
  private final BitSet removed = new BitSet();

  GroupStates(AxisWeights axis) {
    this.axis = axis;
  }

  AxisWeights axis() {
    return axis;
  }

  BitSet active() {
    return active;
  }

  BitSet removed() {
    return removed;
  }

  /** Groups that are neither shrinking nor gone. */
  BitSet kept() {
    var kept = new BitSet(axis.size());
    kept.set(0, axis.size());
    kept.andNot(active);
    kept.andNot(removed);
    return kept;
  }

  /** The groups {@code zero} have arrived. */
  void arrive(BitSet zero) {
    active.andNot(zero);
    removed.or(zero);
  }

  ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    active.stream().forEach(json.putArray("active")::add);
    removed.stream().forEach(json.putArray("removed")::add);
    return json;
  }

  void restore(JsonNode json) {
    active.clear();
    removed.clear();
    json.path("active").forEach(group -> active.set(group.asInt()));
    json.path("removed").forEach(group -> removed.set(group.asInt()));
  }
}
