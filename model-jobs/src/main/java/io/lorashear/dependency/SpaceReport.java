package io.lorashear.dependency;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.graph.Extent.Axis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link PruningSpace} found, for people as a table and for programs as JSON. */
public final class SpaceReport {
  private final PruningSpace space;

  private SpaceReport(PruningSpace space) {
    this.space = space;
  }

  /** The report on {@code space}. */
  public static SpaceReport of(PruningSpace space) {
    return new SpaceReport(space);
  }

  /** Every axis with its slices, every overlap. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("parameters", space.graph().parameterCount());
    var axes = json.putArray("axes");
    for (var axis : space.axes()) {
      var entry = axes.addObject();
      entry.put("name", axis.name()).put("role", axis.role().word()).put("groups", axis.size());
      entry.put("status", word(axis.status()));
      if (!axis.reason().isEmpty()) {
        entry.put("reason", axis.reason());
      }
      entry.put("parameters_per_group", space.cost(axis.axis(), Axis::indices));
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

  /**
   * A row for every kind of axis, with layers that agree in one row:
   *
   * <pre>
   *   axis                       groups  parameters a group  status
   *   layers.{0-29}.mlp.channels   1536                1728  prunable
   * </pre>
   */
  public String table() {
    Map<String, List<PrunableAxis>> alike = new LinkedHashMap<>();
    for (var axis : space.axes()) {
      var key =
          String.join(
              "|", pattern(axis.name()), "" + axis.size(), "" + axis.status(), axis.reason());
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(axis);
    }
    var lines = new ArrayList<String>();
    lines.add(row("axis", "groups", "parameters a group", "status"));
    for (var axes : alike.values()) {
      var first = axes.get(0);
      var status = word(first.status()) + (first.reason().isEmpty() ? "" : ": " + first.reason());
      lines.add(
          row(
              axes.size() == 1 ? first.name() : pattern(first.name()).replace("*", layers(axes)),
              String.format("%,d", first.size()),
              String.format("%,d", space.cost(first.axis(), Axis::indices)),
              status));
    }
    return String.join("\n", lines);
  }

  private static String row(String axis, String groups, String cost, String status) {
    return String.format("%-36s %9s %20s  %s", axis, groups, cost, status);
  }

  private static String pattern(String name) {
    return name.replaceFirst("\\.\\d+\\.", ".*.").replaceFirst("#\\d+$", "");
  }

  private static String layers(List<PrunableAxis> axes) {
    return "{" + layer(axes.get(0)) + "-" + layer(axes.get(axes.size() - 1)) + "}";
  }

  private static String layer(PrunableAxis axis) {
    return axis.name().replaceFirst("^.*?\\.(\\d+)\\..*$", "$1");
  }

  private static String word(Status status) {
    return switch (status) {
      case PRUNABLE -> "prunable";
      case OFF_BY_DEFAULT -> "off by default";
      case UNPRUNABLE -> "unprunable";
    };
  }
}
