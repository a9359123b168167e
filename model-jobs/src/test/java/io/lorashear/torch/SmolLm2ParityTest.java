package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraRewrite.LoraGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model: logits, hidden states, losses and one LoRA step, as transformers and PEFT do. */
@Tag("reference")
class SmolLm2ParityTest {
  @TempDir Path cache;

  private Checkpoint open() {
    return Checkpoint.open(ReferenceData.smolLm2(), cache);
  }

  private static JsonNode expected(String name) throws IOException {
    var file = ReferenceData.path("reference/smollm2-135m/" + name);
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void logitsHiddenStatesAndLossesAgree() throws IOException {
    try (var checkpoint = open();
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      for (var text : expected("logits.json")) {
        expectText(model, text);
      }
      for (var source : expected("perplexity.json")) {
        expectLosses(model, source);
      }
    }
  }

  private static void expectText(TorchModel model, JsonNode text) {
    try (var scope = model.manager().newSubManager()) {
      var row = row(text.get("ids"));
      var ids = model.ids(scope, row);
      var last = model.logits(scope, ids, scope.create(new long[] {row.length - 1})).get(0);
      for (var pair : text.get("last_top10")) {
        double wanted = pair.get(1).asDouble();
        assertThat((double) last.getFloat(pair.get(0).asInt())).isCloseTo(wanted, within(1e-3));
      }
      double likelihood = -model.tokenLosses(scope, ids).sum().getFloat();
      double wanted = text.get("log_likelihood_of_ids_1_on").asDouble();
      assertThat(likelihood).isCloseTo(wanted, within(1e-3 * Math.max(1, -wanted / 10)));

      var hidden = model.taps(scope, ids, residuals(model.graph()));
      for (int layer = 0; layer < hidden.size(); layer++) {
        double norm = hidden.get(layer).get(0).get(row.length - 1).norm().getFloat();
        assertThat(norm)
            .as("hidden state %d", layer)
            .isCloseTo(
                text.get("hidden_norm_per_layer").get(layer).asDouble(), withPercentage(0.01));
      }
    }
  }

  /** The embedding's output, that of every block but the last, and what the head reads. */
  private static List<Value> residuals(ModelGraph graph) {
    var found = new LinkedHashMap<String, Value>();
    Value read = graph.logits();
    for (var node : graph.nodes()) {
      if (!node.block().isEmpty() || Sought.EMBEDDING.isAt(node)) {
        found.put(node.block(), node.output());
      }
      read = node.output().equals(graph.logits()) ? node.input() : read;
    }
    var values = new ArrayList<>(found.values());
    values.set(values.size() - 1, read);
    return values;
  }

  private static void expectLosses(TorchModel model, JsonNode source) {
    try (var scope = model.manager().newSubManager()) {
      var losses = model.tokenLosses(scope, model.ids(scope, row(source.get("ids").get(0))));
      double wanted = source.get("mean_nll").get(0).asDouble();
      assertThat((double) losses.mean().getFloat()).isCloseTo(wanted, within(1e-4));
    }
  }

  @Test
  void threeStepsOfLoraTrainingAgree() throws IOException {
    var expected = expected("lora-step.json");
    try (var checkpoint = open()) {
      var lora = LoraRewrite.apply(checkpoint.graph(), new LoraSettings(8, 16, List.of()));
      var sources = List.of(checkpoint.tensors(), weights(lora));
      try (var model =
          TorchModel.load(
              lora.graph(), sources, Placement.of(Device.cpu(), Precision.FLOAT32), Set.of())) {
        var names = new ArrayList<String>();
        lora.bindings().forEach(pair -> names.addAll(List.of(pair.a(), pair.b())));
        model.trainable(names);
        train(model, lora, expected);
      }
    }
  }

  private static void train(TorchModel model, LoraGraph lora, JsonNode expected) {
    try (var scope = model.manager().newSubManager()) {
      var rows = expected.get("ids");
      var ids = model.ids(scope, row(rows.get(0)), row(rows.get(1)));
      var mask = scope.ones(ids.getShape());
      var x = List.copyOf(model.trainable().values());
      var m = x.stream().map(p -> scope.zeros(p.getShape())).toList();
      var v = x.stream().map(p -> scope.zeros(p.getShape())).toList();
      var steps = x.stream().map(p -> scope.zeros(new Shape(1, 1))).toList();
      for (int step = 0; step < 3; step++) {
        double loss = model.lossAndBackward(ids, mask, 1);
        double wanted = expected.get("loss_before_step").get(step).asDouble();
        assertThat(loss).isCloseTo(wanted, withPercentage(0.1));
        if (step == 0) {
          expectGradients(model, lora, expected.get("gradient_norm_A_B_at_first_step"));
        }
        Kernels.adamW(x, m, v, steps, 1e-3, 0.9, 0.95, 1e-8, 0.1);
        Kernels.zeroGradients(x);
      }
    }
  }

  private static void expectGradients(TorchModel model, LoraGraph lora, JsonNode expected) {
    try (var scope = model.manager().newSubManager()) {
      for (var pair : lora.bindings()) {
        var words = pair.weight().split("\\.");
        var norms = expected.get("layers." + words[2] + "." + words[4]);
        double a = model.gradient(scope, pair.a()).norm().getFloat();
        double b = model.gradient(scope, pair.b()).norm().getFloat();
        assertThat(a).as(pair.a()).isCloseTo(norms.get(0).asDouble(), withPercentage(0.1));
        assertThat(b).as(pair.b()).isCloseTo(norms.get(1).asDouble(), withPercentage(0.1));
      }
    }
  }

  private static InMemoryTensors weights(LoraGraph lora) {
    var tensors = new InMemoryTensors();
    for (var pair : lora.bindings()) {
      put(tensors, lora.graph(), pair.a(), k -> 0.01 * Math.sin(0.1 * (k + 1)));
      put(tensors, lora.graph(), pair.b(), k -> 0.001 * Math.cos(0.1 * (k + 1)));
    }
    return tensors;
  }

  private static void put(
      InMemoryTensors tensors, ModelGraph graph, String name, DoubleUnaryOperator formula) {
    var parameter = graph.parameter(name);
    var values = new float[(int) parameter.elements()];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) formula.applyAsDouble(k);
    }
    tensors.put(name, values, parameter.shape());
  }

  private static int[] row(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
