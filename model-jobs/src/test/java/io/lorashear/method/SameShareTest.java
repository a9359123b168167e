package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.SameShare;
import io.lorashear.shape.Free;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The same share of every axis, on shapes alone. */
class SameShareTest {
  static ModelConfig llama7b() {
    var fields = JsonNodeFactory.instance.objectNode();
    fields.put("model_type", "llama");
    fields.put("hidden_size", 4096);
    fields.put("num_hidden_layers", 32);
    fields.put("num_attention_heads", 32);
    fields.put("num_key_value_heads", 32);
    fields.put("intermediate_size", 11008);
    fields.put("vocab_size", 32000);
    fields.put("max_position_embeddings", 2048);
    fields.put("rms_norm_eps", 1e-6);
    fields.put("hidden_act", "silu");
    return ModelConfig.parse(fields, "LLaMA-7B");
  }

  /** A quarter of every head and channel of layers 4 to 29: LLM-Pruner's 20 % model. */
  @Test
  void llmPrunersModelOfLlama7bHasItsParameters() {
    var graph = Family.of(llama7b()).trace(llama7b());
    assertThat(graph.parameterCount()).isEqualTo(6_738_415_616L);
    var space = PruningSpace.of(graph);
    var axes = new ArrayList<AxisWeights>();
    for (var axis : space.prunable(PruningSpace.STRUCTURES)) {
      int layer = Integer.parseInt(axis.name().split("\\.")[1]);
      if (layer >= 4 && layer < 30) {
        axes.add(new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of()));
      }
    }
    long remove = Math.round(0.1952148 * graph.parameterCount());
    var budget = new PruningBudget(graph.parameterCount(), remove, 0.8, Map.of(), Free.ANY);
    var scores = Baselines.random(axes, 5);
    var gone = budget.choose(axes, SameShare.of(axes, scores, AxisWeights.all(axes)));
    assertThat(new WidthPlan(gone).parameters(graph)).isEqualTo(5_422_977_024L);
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      assertThat(gone.count(axis.name())).isEqualTo(axis.size() / 4);
      var ascending = scores.get(i).clone();
      Arrays.sort(ascending);
      double largest = ascending[axis.size() / 4 - 1];
      int place = i;
      assertThat(gone.indices(axis.name()).stream()).allMatch(g -> scores.get(place)[g] <= largest);
    }
  }
}
