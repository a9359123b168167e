package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.dependency.Groups;
import io.lorashear.device.Gpu;
import io.lorashear.device.Tf32;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.policy.Limits;
import io.lorashear.prune.Recipe;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.torch.Originals;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe and method on a GPU in every number type, against float32 on the CPU. */
class DevicesAlikeTest {
  /** With biases and without. */
  private static final List<ModelConfig> FAMILIES =
      List.of(TinyModel.config(), TinyModel.withBiases());

  /** What a run ended with. */
  private record Found(Groups removed, List<Double> losses) {}

  private static Stream<Arguments> recipesAndNumbers() {
    var recipes = new ArrayList<List<String>>();
    for (var recipe : Recipe.values()) {
      recipes.add(recipe.prune());
    }
    for (var method : Method.values()) {
      recipes.add(List.of("method=" + Settings.word(method)));
    }
    return recipes.stream()
        .flatMap(recipe -> Stream.of(Precision.values()).map(p -> Arguments.of(recipe, p)));
  }

  @Tag("gpu")
  @ParameterizedTest
  @MethodSource("recipesAndNumbers")
  void aGpuFindsWhatTheCpuFinds(List<String> recipe, Precision precision) {
    var gpu = Gpu.first();
    for (var config : FAMILIES) {
      for (var originals : List.of(Originals.DEVICE, Originals.HOST)) {
        expectAlike(recipe, config, new Placement(gpu, precision, originals));
      }
    }
    assertThat(Tf32.allowed()).isEqualTo(precision == Precision.TF32);
  }

  /** The comparison itself, where both sides are the CPU. */
  @ParameterizedTest
  @EnumSource(names = "TF32", mode = EnumSource.Mode.EXCLUDE)
  void theCpuFindsWhatTheCpuFinds(Precision precision) {
    for (var config : FAMILIES) {
      expectAlike(Recipe.BEST.prune(), config, Placement.of(Device.cpu(), precision));
    }
  }

  @Tag("gpu")
  @Test
  void weightsGoToAGpuAndBackToTheBit() {
    var gpu = Gpu.first();
    for (var precision : Precision.values()) {
      for (var config : FAMILIES) {
        var graph = Family.of(config).trace(config);
        var weights = TinyModel.weights(graph, 1);
        for (var originals : Originals.values()) {
          var placement = new Placement(gpu, precision, originals);
          boolean host = precision.narrow() && originals == Originals.HOST;
          try (var model = TorchModel.load(graph, List.of(weights), placement, Set.of())) {
            for (var name : graph.parameters().keySet()) {
              assertThat(model.tensors().floats(name)).isEqualTo(weights.floats(name));
              assertThat(model.parameter(name).getDevice().isGpu()).isEqualTo(!host);
            }
          }
        }
      }
    }
  }

  private static void expectAlike(List<String> recipe, ModelConfig config, Placement placement) {
    var wanted = run(recipe, config, Placement.of(Device.cpu(), Precision.FLOAT32));
    var found = run(recipe, config, placement);
    var precision = placement.precision();
    double far = precision == Precision.FLOAT32 ? 1e-3 : precision.narrow() ? 0.1 : 0.02;
    assertThat(found.losses()).hasSameSizeAs(wanted.losses());
    for (int step = 0; step < wanted.losses().size(); step++) {
      double loss = wanted.losses().get(step);
      assertThat(found.losses().get(step)).isCloseTo(loss, within(far * loss));
    }
    if (precision == Precision.FLOAT32) {
      assertThat(found.removed()).isEqualTo(wanted.removed());
    }
    assertThat(found.removed().count()).isPositive();
  }

  private static Found run(List<String> recipe, ModelConfig config, Placement placement) {
    var graph = Family.of(config).trace(config);
    var task =
        new PruningMethod.Task(
            config,
            graph,
            TinyModel.weights(graph, 1),
            settings(recipe, placement),
            new Limits(Set.of(), Map.of(), Free.ANY),
            TinyModel.sequences(8, 12, 3),
            placement.device(),
            null,
            Progress.silent());
    try (var outcome = task.settings().method().method().prune(task)) {
      var losses = new ArrayList<Double>();
      StreamSupport.stream(outcome.report().path("losses").spliterator(), false)
          .forEach(loss -> losses.add(loss.asDouble()));
      return new Found(outcome.plan().removed(), losses);
    }
  }

  /** Few steps, whatever the recipe says of their number. */
  private static PruneSettings settings(List<String> recipe, Placement placement) {
    var values = new ArrayList<>(recipe);
    values.addAll(
        List.of(
            "checkpoint=dense",
            "corpus=corpus",
            "output=pruned",
            "ratio=0.25",
            "unprunable=0",
            "rows=8",
            "lora.rank=2",
            "train.precision=" + placement.precision().toString().toLowerCase(Locale.ROOT),
            "train.originals=" + placement.originals().name().toLowerCase(Locale.ROOT),
            "train.rows=2",
            "train.saveEvery=0"));
    var method = String.join(" ", recipe);
    if (method.contains("method=lhspg")) {
      values.addAll(
          List.of(
              "lhspg.warmupSteps=2",
              "lhspg.periods=2",
              "lhspg.stepsPerPeriod=3",
              "lhspg.coolDownSteps=1"));
    } else if (method.contains("lora-prune")) {
      values.add("loraPrune.steps=20");
    } else if (method.contains("sheared-llama")) {
      values.add("sheared.steps=6");
    } else if (method.contains("ddp")) {
      values.add("ddp.steps=6");
    }
    return Settings.defaults(PruneSettings.class, values);
  }
}
