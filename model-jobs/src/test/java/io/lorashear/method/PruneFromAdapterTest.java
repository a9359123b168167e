package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.export.AdapterExport;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.train.SmallAdapters;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pruning that starts from an adapter is pruning of the model with the adapter merged. */
class PruneFromAdapterTest {
  @TempDir Path folder;

  private PruningMethod.Outcome prune(
      Method method, ModelGraph graph, TensorSource tensors, LoraSettings lora) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=dense",
                "corpus=corpus",
                "output=pruned",
                "method=" + Settings.word(method),
                "unprunable=0",
                "rows=1",
                "lora.rank=" + lora.rank(),
                "lora.alpha=" + lora.alpha(),
                "lhspg.warmupSteps=2",
                "lhspg.periods=1",
                "lhspg.stepsPerPeriod=2",
                "lhspg.coolDownSteps=0",
                "train.learningRate=1e-3",
                "train.schedule=constant",
                "train.warmup=0",
                "train.saveEvery=0"));
    if (method == Method.SHEARED_LLAMA) {
      values.addAll(List.of("sheared.steps=3", "sheared.rate=0.2"));
    }
    if (method == Method.DDP) {
      values.addAll(List.of("ddp.steps=3", "ddp.top=8"));
    }
    lora.adapter().ifPresent(adapter -> values.add("lora.adapter=" + adapter));
    var settings = Settings.defaults(PruneSettings.class, values);
    var task =
        new PruningMethod.Task(
            TinyModel.config(),
            graph,
            tensors,
            settings,
            new Limits(Set.of(), Map.of(), Free.ANY),
            TinyModel.sequences(4, 12, 3),
            Device.cpu(),
            null,
            Progress.silent());
    return method.method().prune(task);
  }

  @ParameterizedTest
  @EnumSource(names = {"MAGNITUDE", "TAYLOR", "SHEARED_LLAMA", "DDP"})
  void theSameGroupsGoAndTheSameWeightsStay(Method method) {
    var graph = TinyModel.graph();
    var base = TinyModel.weights(graph, 5);
    var adapter = SmallAdapters.uneven(graph);
    adapter.write(folder, "base");
    var start = new LoraSettings(8, 16, List.of(), Optional.of(folder));
    var none = new LoraSettings(8, 16, List.of());
    var merged = SmallAdapters.merged(base, adapter);
    try (var expected = prune(method, graph, merged, none);
        var actual = prune(method, graph, base, start);
        var without = prune(method, graph, base, none)) {
      assertThat(actual.plan().toJson()).isEqualTo(expected.plan().toJson());
      assertThat(actual.plan().toJson()).isNotEqualTo(without.plan().toJson());
      for (var name : merged.tensors().keySet()) {
        assertThat(actual.tensors().floats(name))
            .containsExactly(expected.tensors().floats(name), within(1e-4f));
      }
    }
  }

  /** Fresh pairs kept as an adapter are the same start, so all that follows is the same. */
  @Test
  void lhspgFromPairsOnDiskIsLhspgFromFreshOnes() {
    var graph = TinyModel.graph();
    var base = TinyModel.weights(graph, 5);
    var fresh = new LoraSettings(2, 4, List.of());
    var lora = LoraRewrite.apply(graph, fresh);
    AdapterExport.of(lora.bindings(), LoraRewrite.firstWeights(lora, 1)).write(folder, "base");
    var start = new LoraSettings(8, 16, List.of(), Optional.of(folder));
    try (var expected = prune(Method.LHSPG, graph, base, fresh);
        var actual = prune(Method.LHSPG, graph, base, start)) {
      assertThat(actual.plan().toJson()).isEqualTo(expected.plan().toJson());
      for (var name : base.tensors().keySet()) {
        assertThat(actual.tensors().floats(name)).isEqualTo(expected.tensors().floats(name));
      }
    }
  }

  /** Pairs of several ranks and scales, beside some linears only. */
  @Test
  void lhspgMeetsItsRatioFromAnUnevenAdapter() {
    var graph = TinyModel.graph();
    SmallAdapters.uneven(graph).write(folder, "base");
    var start = new LoraSettings(8, 16, List.of(), Optional.of(folder));
    try (var outcome = prune(Method.LHSPG, graph, TinyModel.weights(graph, 5), start)) {
      double left = (double) outcome.plan().parameters(graph) / graph.parameterCount();
      assertThat(left).isBetween(0.75, 0.8);
    }
  }
}
