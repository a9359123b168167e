package io.lorashear.shape;

import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A model's axes with scores out of nowhere: what a shape's rule leaves of it. */
record ShapedModel(ModelConfig config, ModelGraph graph, PruningBudget budget) {
  static ShapedModel of(ModelConfig config, Shape shape, int multiple, double ratio) {
    var graph = Family.of(config).trace(config);
    var rule = shape.rule(PruningSpace.of(graph), multiple, config.known().storesHeadDimension());
    long total = graph.parameterCount();
    return new ShapedModel(
        config, graph, new PruningBudget(total, Math.round(ratio * total), 0.8, Map.of(), rule));
  }

  /** All axes that may lose groups; scores are between 0 and 1 and differ in size by axis. */
  List<Candidates> axes(long seed) {
    var space = PruningSpace.of(graph);
    var random = new Random(seed);
    return space.prunable(PruningSpace.STRUCTURES).stream()
        .map(
            axis -> {
              var whole = budget.whole(axis, space.cost(axis.axis(), Widths.TRACED));
              double scale = random.nextDouble();
              for (int g = 0; g < axis.size(); g++) {
                whole.scores()[g] = scale * random.nextDouble();
              }
              return whole;
            })
        .toList();
  }

  WidthPlan plan(List<Candidates> axes) {
    return new WidthPlan(budget.choose(axes));
  }

  List<String> contradictions(List<Candidates> axes, Set<PrunableAxis> kept) {
    return budget.shape().contradictions(PruningSpace.of(graph), axes, kept);
  }

  /** What the plan leaves. */
  ModelConfig resized(WidthPlan plan) {
    return Family.of(config).resized(config, GraphReplay.resized(graph, plan).graph());
  }
}
