package io.lorashear.dependency;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.graph.Widths;

/** Report on a {@link PruningSpace}: a table for people, JSON for programs. */
public final class SpaceReport {
  private final PruningSpace space;

  private SpaceReport(PruningSpace space) {
    this.space = space;
  }

  /** The report on {@code space}. */
  public static SpaceReport of(PruningSpace space) {
    return new SpaceReport(space);
  }

  /** Every axis with its slices, every overlap, and the totals that may be removed. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("parameters", space.graph().parameterCount());
    var removable = space.prunable(PruningSpace.STRUCTURES);
    json.put("removable_groups", removable.stream().mapToLong(PrunableAxis::size).sum());
    json.put("removable_parameters", removable.stream().mapToLong(space::parameters).sum());
    var axes = json.putArray("axes");
    for (var axis : space.axes()) {
      var entry = axes.addObject();
      entry.put("name", axis.name()).put("role", axis.role().word()).put("groups", axis.size());
      entry.put("status", word(axis.status()));
      if (!axis.reason().isEmpty()) {
        entry.put("reason", axis.reason());
      }
      entry.put("parameters_per_group", space.cost(axis.axis(), Widths.TRACED));
      entry.put("parameters", space.parameters(axis));
      var slices = entry.putArray("slices");
      axis.slices().forEach(slice -> slices.add(slice.toString()));
    }
    var overlaps = json.putArray("overlaps");
    for (var overlap : space.overlaps()) {
      overlaps
          .addObject()
          .put("parameter", overlap.parameter())
          .put("first", overlap.first())
          .put("second", overlap.second());
    }
    return json;
  }

  /** See {@link SpaceTable}. */
  public String table() {
    return new SpaceTable(space).text();
  }

  static String word(Status status) {
    return switch (status) {
      case PRUNABLE -> "prunable";
      case OFF_BY_DEFAULT -> "off by default";
      case UNPRUNABLE -> "unprunable";
    };
  }
}
