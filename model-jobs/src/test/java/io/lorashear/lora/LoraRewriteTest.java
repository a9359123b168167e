package io.lorashear.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.graph.ReferenceForward;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LoraRewriteTest {

  @Property(tries = 100)
  void aModelStartsUnchanged(@ForAll long seed) {
    var random = new Random(seed);
    var graph = RandomGraphs.graph(random);
    var tensors = RandomGraphs.weights(graph, random);
    var lora = LoraRewrite.apply(graph, new LoraSettings(2, 4, List.of()));
    var first = LoraRewrite.firstWeights(lora, seed);
    var both = RandomGraphs.weights(lora.graph(), new Random(0));
    tensors.tensors().forEach((name, info) -> both.put(name, tensors.floats(name), info.shape()));
    first.tensors().forEach((name, info) -> both.put(name, first.floats(name), info.shape()));

    assertThat(ReferenceForward.logits(lora.graph(), both, 1, 2, 3))
        .isDeepEqualTo(ReferenceForward.logits(graph, tensors, 1, 2, 3));
  }

  @Test
  void aTiedHeadIsRefused() {
    assertThatThrownBy(
            () -> LoraRewrite.apply(tied(), new LoraSettings(2, 4, List.of("embedding"))))
        .hasMessage(
            "LoRA on embedding.weight is refused: the embedding uses the same weight, and a pair"
                + " beside the head alone could not be folded into it");
  }

  @Test
  void aTargetThatNamesNothingIsNamed() {
    assertThatThrownBy(() -> LoraRewrite.apply(tied(), new LoraSettings(2, 4, List.of("q_proj"))))
        .hasMessage(
            "lora.targets names q_proj, but no linear of the model ends in it: there are up,"
                + " embedding");
  }

  /** Experts join B's rows as they join the router's. */
  @Test
  void aRouterHasAPairWhereATargetNamesIt() {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "embedding.weight", 11, 6);
    var y =
        g.block(
            "layers.0",
            () -> {
              var routes = g.route(x, "moe.gate.weight", 3, 1, true);
              var one = g.linear(g.dispatch(x, routes, 0, "moe."), "moe.0.up.weight", 6);
              return g.collect(one, routes, 0);
            });
    var graph = g.build(g.linear(g.add(x, y), "head.weight", 11));
    var plain = LoraRewrite.apply(graph, new LoraSettings(2, 4, List.of()));
    assertThat(plain.bindings()).extracting(LoraBinding::weight).containsExactly("moe.0.up.weight");
    var lora = LoraRewrite.apply(graph, new LoraSettings(2, 4, List.of("gate")));
    assertThat(lora.bindings()).extracting(LoraBinding::weight).containsExactly("moe.gate.weight");
    assertThat(lora.graph().parameter("moe.gate.lora_B.weight").extents().get(0))
        .isEqualTo(lora.graph().parameter("moe.gate.weight").extents().get(0))
        .hasToString("layers.0.experts[3]");
  }

  private static ModelGraph tied() {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "embedding.weight", 11, 6);
    var y = g.block("layers.0", () -> g.linear(x, "layers.0.up.weight", 6));
    return g.build(g.linear(g.add(x, y), "embedding.weight", 11));
  }
}
