package io.lorashear.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.graph.ReferenceForward;
import io.lorashear.graph.Widths;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CompressorTest {

  @Property(tries = 300)
  void removingGroupsEqualsMaskingThem(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    if (random.nextBoolean()) {
      graph = LoraRewrite.apply(graph, new LoraSettings(3, 6, List.of())).graph();
    }
    var tensors = RandomGraphs.weights(graph, random);
    var space = PruningSpace.of(graph);
    var plan = randomPlan(space, random, 0.4);
    var ids = random.ints(5, 0, RandomGraphs.VOCABULARY).toArray();

    var masked = ReferenceForward.logits(graph, Compressor.mask(space, tensors, plan), ids);
    var smaller = Compressor.compress(graph, tensors, plan);
    var compressed = ReferenceForward.logits(smaller.graph(), smaller.tensors(), ids);

    for (int t = 0; t < ids.length; t++) {
      for (int v = 0; v < masked[t].length; v++) {
        double scale = Math.max(1, Math.abs(masked[t][v]));
        assertThat(compressed[t][v]).isCloseTo(masked[t][v], within(1e-4 * scale));
      }
    }
  }

  @Test
  void randomModelsHavePrunableAxesOfEveryKind() {
    var found = EnumSet.noneOf(AxisRole.class);
    for (int seed = 0; seed < 100; seed++) {
      for (var axis : PruningSpace.of(RandomGraphs.graph(new Random(seed))).axes()) {
        if (axis.status() != Status.UNPRUNABLE) {
          found.add(axis.role());
        }
      }
    }
    assertThat(found)
        .containsExactlyInAnyOrder(
            AxisRole.CHANNELS,
            AxisRole.EXPERTS,
            AxisRole.KEY_VALUE_HEADS,
            AxisRole.QUERY_GROUP,
            AxisRole.RESIDUAL);
  }

  @Property(tries = 200)
  void theSmallerGraphSaysWhatItsTensorsAre(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    var plan = randomPlan(PruningSpace.of(graph), random, 0.5);
    var smaller = Compressor.compress(graph, RandomGraphs.weights(graph, random), plan);

    smaller
        .graph()
        .parameters()
        .values()
        .forEach(p -> assertThat(smaller.tensors().tensor(p.name()).shape()).isEqualTo(p.shape()));
    assertThat(smaller.graph().parameterCount()).isEqualTo(plan.parameters(graph));
    assertThat(names(smaller.graph(), Widths.TRACED)).isEqualTo(names(graph, plan));
  }

  /**
   * Axes of more than one index: a group of one query head is no axis of its own. Those inside
   * experts are counted anew when one goes.
   */
  private static List<String> names(ModelGraph graph, Widths widths) {
    return graph.axes().stream()
        .filter(axis -> widths.size(axis) > 1)
        .map(Axis::name)
        .filter(name -> !name.contains(".experts."))
        .toList();
  }

  @Property(tries = 200)
  void whatAnIndexCostsIsWhatTheModelLoses(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    var space = PruningSpace.of(graph);
    for (var axis : space.axes()) {
      if (axis.status() != Status.UNPRUNABLE) {
        long lost =
            graph.parameterCount()
                - WidthPlan.everything().without(axis.name(), axis.size() - 1).parameters(graph);
        assertThat(space.cost(axis.axis(), Widths.TRACED)).isEqualTo(lost);
      }
    }
  }

  @Test
  void aPlanThatTakesWhatCannotGoIsRefused() {
    var g = new GraphBuilder();
    var graph = g.build(g.linear(g.embedding(g.tokens(), "embedding", 11, 6), "head", 11));
    var tensors = RandomGraphs.weights(graph, new Random(1));

    assertThatThrownBy(
            () ->
                Compressor.compress(
                    graph, tensors, WidthPlan.everything().without("vocabulary", 3)))
        .hasMessage("axis vocabulary cannot lose an index: token ids name its indices");
    assertThatThrownBy(
            () -> Compressor.compress(graph, tensors, WidthPlan.everything().without("hidden", 99)))
        .hasMessage("axis hidden has 6 indices, the plan removes index 99");
    assertThatThrownBy(
            () ->
                Compressor.compress(
                    graph, tensors, WidthPlan.everything().without("hidden", 0, 1, 2, 3, 4, 5)))
        .hasMessage("axis hidden would lose all its 6 indices");
  }

  @Property(tries = 50)
  void aPlanSurvivesItsJson(@ForAll long seed) {
    var random = new Random(seed);
    var plan = randomPlan(PruningSpace.of(RandomGraphs.graph(random)), random, 0.5);
    assertThat(WidthPlan.fromJson(plan.toJson())).isEqualTo(plan);
  }

  private static WidthPlan randomPlan(PruningSpace space, Random random, double share) {
    var plan = WidthPlan.everything();
    for (var axis : space.axes()) {
      if (axis.status() != Status.UNPRUNABLE && random.nextDouble() < 0.7) {
        int spared = random.nextInt(axis.size());
        for (int i = axis.least(); i < axis.size(); i++) {
          if (random.nextDouble() < share) {
            plan = plan.without(axis.name(), (i + spared) % axis.size());
          }
        }
      }
    }
    return plan;
  }
}
