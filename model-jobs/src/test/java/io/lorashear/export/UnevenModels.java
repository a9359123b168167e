package io.lorashear.export;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.reference.ReferenceData;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** Models whose layers differ in width. */
final class UnevenModels {
  private UnevenModels() {}

  /** Less of everything, and in the second layer still fewer channels. */
  static WidthPlan plan(ModelGraph graph) {
    var plan = WidthPlan.everything();
    for (var axis : PruningSpace.of(graph).prunable(EnumSet.allOf(AxisRole.class))) {
      boolean more = axis.name().contains(".1.") && axis.role() == AxisRole.CHANNELS;
      plan = more ? plan.without(axis.name(), 5, 6, 7) : plan.without(axis.name(), 1);
    }
    return plan;
  }

  /** The reference model of a family, cut by that plan and written at {@code folder}. */
  static Checkpoint ofFamily(String family, Path folder) {
    try (var whole = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var small = Compressor.compress(whole.graph(), whole.tensors(), plan(whole.graph()));
      var config = Family.of(whole.config()).resized(whole.config(), small.graph());
      CheckpointWriter.write(folder, config, small.tensors(), List.of());
      return Checkpoint.open(folder);
    }
  }
}
