package io.lorashear.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.optim.PruningBudget;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.Baselines;
import io.lorashear.shape.Free;
import io.lorashear.shape.Shape;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.Batch;
import io.lorashear.train.Batches;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import io.lorashear.train.TrainingStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTrainingTest {
  private static final TrainSettings TRAIN =
      new TrainSettings(1, LearningRate.Shape.COSINE, 0.1, 0, 2, 1, 5);

  @TempDir Path folder;

  /** What a run left. */
  private record Ending(
      WidthPlan plan, TensorSource tensors, Map<String, float[]> weights, double open) {}

  private static MaskRule rule(String name, long steps) {
    return name.equals("sheared") ? new HardConcrete(2.0 / 3) : new RectifiedGate(0.5, 0.1, steps);
  }

  private static GateRates rates(String name, long steps) {
    return name.equals("sheared")
        ? new GateRates(0.3, 0.05, 0.3, 0, steps / 5, 1, AdamSettings.USUAL)
        : new GateRates(0.1, 0.1, 2, 0.1, 0, 1, AdamSettings.USUAL);
  }

  private static GateTraining training(
      TorchModel model, String name, long steps, double ratio, Shape shape, boolean experts) {
    var graph = model.graph();
    var axes = GatesTest.axes(graph, model, experts);
    var rule = shape.rule(PruningSpace.of(graph), 1, true);
    long total = graph.parameterCount();
    var budget = new PruningBudget(total, Math.round(ratio * total), 0.8, Map.of(), rule);
    var target = Target.of(budget, axes, Baselines.perParameter(axes, Baselines.magnitude(axes)));
    return new GateTraining(model, rule(name, steps), target, rates(name, steps), 7);
  }

  private static TrainLoop loop(
      TorchModel model, GateTraining training, String name, long steps, List<Sequence> rows) {
    var peak = new LearningRate(rates(name, steps).masks(), LearningRate.Shape.COSINE, 3, steps);
    return new TrainLoop(model, training, peak, Batches.shuffled(rows, 2, 1, 5), TRAIN);
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors, int[] ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }

  private static void expectCutAsMasked(ModelGraph graph, TensorSource tensors, WidthPlan plan) {
    var ids = new Random(8).ints(12, 0, 24).toArray();
    var small = Compressor.compress(graph, tensors, plan);
    var masked = Compressor.mask(PruningSpace.of(graph), tensors, plan);
    assertThat(logits(small.graph(), small.tensors(), ids))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(logits(graph, masked, ids));
    assertThat(small.graph().parameterCount()).isEqualTo(plan.parameters(graph));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sheared", "ddp"})
  void theBudgetIsMetWithinAGroupAndWhatIsCutIsWhatWasShut(String name) {
    var graph = TinyModel.graph();
    long steps = 120;
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var training = training(model, name, steps, 0.25, Shape.FREE, false);
      loop(model, training, name, steps, TinyModel.sequences(32, 16, 3)).run(steps, step -> {});
      var report = training.report().path("kinds").path(0);
      assertThat(report.path("open").asDouble() - report.path("target").asDouble())
          .isBetween(-0.1, 0.1);
      var plan = training.finish();
      training.close();
      long wanted = Math.round(0.25 * graph.parameterCount());
      long gone = graph.parameterCount() - plan.parameters(graph);
      long largest =
          GatesTest.axes(graph, model, false).stream().mapToLong(a -> a.cost()).max().orElseThrow();
      assertThat(gone).isBetween(wanted, wanted + largest);
      expectCutAsMasked(graph, model.tensors(), plan);
      // What is shut contributes nothing to the running model either.
      var ids = new Random(8).ints(12, 0, 24).toArray();
      var small = Compressor.compress(graph, model.tensors(), plan);
      assertThat(logits(graph, model.tensors(), ids))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(logits(small.graph(), small.tensors(), ids));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sheared", "ddp"})
  void aUniformShapeIsATargetForEveryAxis(String name) {
    var graph = TinyModel.graph();
    long steps = 120;
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var training = training(model, name, steps, 0.15, Shape.UNIFORM_FFN, false);
      loop(model, training, name, steps, TinyModel.sequences(32, 16, 3)).run(steps, step -> {});
      var kinds = training.report().path("kinds");
      assertThat(kinds.findValuesAsText("kind"))
          .containsExactly("layers.*.mlp.channels"); // heads stay, and have no masks
      var channels = kinds.path(0);
      assertThat(channels.path("open").asDouble() - channels.path("target").asDouble())
          .isBetween(-0.1, 0.1);
      var plan = training.finish();
      var sizes = plan.sizes(graph);
      assertThat(sizes.keySet()).containsExactly("layers.0.mlp.channels", "layers.1.mlp.channels");
      assertThat(sizes.values()).containsOnly(sizes.get("layers.0.mlp.channels"));
      expectCutAsMasked(graph, model.tensors(), plan);
    }
  }

  /** One of two layers goes whole, and the other loses what is left of the budget. */
  @Test
  void layersAreShutBesideTheirGroups() {
    var graph = TinyModel.graph();
    var space = PruningSpace.of(graph);
    long steps = 120;
    long remove = graph.parameterCount() / 2;
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var axes = GatesTest.axes(graph, model, false);
      var budget = new PruningBudget(graph.parameterCount(), remove, 0.8, Map.of(), Free.ANY);
      var layers = LayerMasks.of(space, axes, 1, remove);
      var target = Target.of(budget, axes, List.of()).with(layers);
      var training =
          new GateTraining(model, rule("sheared", steps), target, rates("sheared", steps), 7);
      loop(model, training, "sheared", steps, TinyModel.sequences(32, 16, 3))
          .run(steps, step -> {});
      assertThat(training.arrays()).containsKey("masks.layers");
      var kinds = training.report().path("kinds");
      assertThat(kinds.findValuesAsText("kind")).containsExactly("parameters", "layers");
      assertThat(kinds.path(1).path("target").asDouble()).isEqualTo(0.5);
      assertThat(kinds.path(1).path("open").asDouble()).isBetween(0.35, 0.65);
      var plan = training.finish();
      training.close();
      var gone = plan.removed();
      var heads =
          List.of(
              gone.count("layers.0.attention.kvHeads"), gone.count("layers.1.attention.kvHeads"));
      int layer = heads.get(0) == 2 ? 0 : 1;
      assertThat(gone.count("layers." + layer + ".attention.kvHeads")).isEqualTo(2);
      assertThat(gone.count("layers." + layer + ".mlp.channels")).isEqualTo(12);
      assertThat(gone.count("layers." + (1 - layer) + ".mlp.channels")).isBetween(1, 9);
      long left = graph.parameterCount() - plan.parameters(graph) - remove;
      assertThat(left).isBetween(0L, axes.stream().mapToLong(a -> a.cost()).max().orElseThrow());
      expectCutAsMasked(graph, model.tensors(), plan);
      var ids = new Random(8).ints(12, 0, 24).toArray();
      var small = Compressor.compress(graph, model.tensors(), plan);
      assertThat(logits(graph, model.tensors(), ids))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(logits(small.graph(), small.tensors(), ids));
    }
  }

  /** Channels of the residual stream go beside heads and channels of MLPs, as many as are to. */
  @ParameterizedTest
  @CsvSource({"FREE, 0", "UNIFORM_FFN, 0", "FREE, 1"})
  void theStreamIsNarrowedBesideTheRest(Shape shape, int layersThatStay) {
    var graph = TinyModel.graph();
    var space = PruningSpace.of(graph);
    long steps = 120;
    long total = graph.parameterCount();
    long remove = Math.round((layersThatStay == 0 ? 0.4 : 0.65) * total);
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var rule = shape.rule(space, 1, true);
      var budget = new PruningBudget(total, remove, 0.8, Map.of(), rule);
      var mask = new StreamMask(space, GatesTest.stream(graph, model), 12);
      var axes = mask.narrowed(GatesTest.axes(graph, model, false));
      var rest = mask.rest(budget, axes, layersThatStay > 0);
      var layers = LayerMasks.of(space, axes, layersThatStay, rest.remove(), mask.narrow());
      var saliency = Baselines.perParameter(axes, Baselines.magnitude(axes));
      var target = Target.of(rest, axes, saliency).with(layers).with(mask);
      var training =
          new GateTraining(model, rule("sheared", steps), target, rates("sheared", steps), 7);
      loop(model, training, "sheared", steps, TinyModel.sequences(32, 16, 3))
          .run(steps, step -> {});
      for (var kind : training.report().path("kinds")) {
        assertThat(kind.path("open").asDouble() - kind.path("target").asDouble())
            .as(kind.toString())
            .isBetween(-0.15, 0.15);
      }
      assertThat(training.report().path("kinds").findValuesAsText("kind")).contains("hidden");
      assertThat(training.report().at("/targetWidths/hidden").asInt()).isEqualTo(12);
      var plan = training.finish();
      training.close();
      assertThat(plan.sizes(graph)).containsEntry("hidden", 12);
      long gone = total - plan.parameters(graph);
      long largest = axes.stream().mapToLong(axis -> axis.cost()).max().orElseThrow();
      assertThat(gone).isBetween(remove - largest, remove + largest);
      expectCutAsMasked(graph, model.tensors(), plan);
      var ids = new Random(8).ints(12, 0, 24).toArray();
      var small = Compressor.compress(graph, model.tensors(), plan);
      assertThat(logits(graph, model.tensors(), ids))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(logits(small.graph(), small.tensors(), ids));
    }
  }

  /**
   * Adam's first mean after one step is a tenth of the gradient by log α, here against differences
   * of the loss under the same draws; the multipliers are 0 then.
   */
  @Test
  void aStepFollowsTheLossThroughWhatIsDrawn() {
    var graph = TinyModel.graph();
    var rows = TinyModel.sequences(2, 16, 3);
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var training = training(model, "sheared", 50, 0.25, Shape.FREE, false);
      var start = training.values();
      var arrays = training.arrays();
      arrays.values().forEach(array -> array.muli(0)); // log α = 0: masks that are open by half
      training.restore(start.deepCopy());
      double loss = Batch.of(rows).backward(model, 1);
      training.step(0.1);
      var moments = new TreeMap<String, float[]>();
      training.arrays().forEach((name, array) -> moments.put(name, array.toFloatArray()));
      arrays.values().forEach(array -> array.muli(0));
      training.restore(start.deepCopy());
      assertThat(Batch.of(rows).backward(model, 1)).isEqualTo(loss);
      double step = 0.02;
      int felt = 0;
      for (var array : arrays.entrySet()) {
        int groups = (int) array.getValue().getShape().get(1);
        for (int g = 0; g < groups; g++) {
          double above = lossAt(training, array.getValue(), g, step, model, rows);
          double below = lossAt(training, array.getValue(), g, -step, model, rows);
          double slope = (above - below) / (2 * step);
          var means = Objects.requireNonNull(moments.get(array.getKey()));
          double gradient = means[groups + g] / 0.1;
          assertThat(gradient)
              .as(array.getKey() + " " + g)
              .isCloseTo(slope, within(2e-4 + 0.05 * Math.abs(slope)));
          felt += Math.abs(slope) > 1e-3 ? 1 : 0;
        }
      }
      assertThat(felt).isGreaterThan(5);
    }
  }

  /** With log α of one group moved, all others at 0. */
  private static double lossAt(
      GateTraining training,
      NDArray masks,
      int group,
      double by,
      TorchModel model,
      List<Sequence> rows) {
    var start = training.values();
    var values = new float[(int) masks.size()];
    values[group] = (float) by;
    masks.set(values);
    training.restore(start);
    double loss = Batch.of(rows).backward(model, 1);
    masks.set(new float[values.length]);
    training.restore(start);
    return loss;
  }

  /** Also what is wide open when the run ends, as after no step at all. */
  @Test
  void whatGoesIsShutHoweverOpenItsMaskIs() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var training = training(model, "sheared", 50, 0.25, Shape.FREE, false);
      var plan = training.finish();
      training.close();
      var ids = new Random(8).ints(12, 0, 24).toArray();
      var small = Compressor.compress(graph, model.tensors(), plan);
      assertThat(plan.groups()).isGreaterThan(3);
      assertThat(logits(graph, model.tensors(), ids))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(logits(small.graph(), small.tensors(), ids));
    }
  }

  /** Before the multipliers have grown, a step of the masks is one down the loss. */
  @Test
  void theFirstStepGoesDownTheLoss() {
    var graph = TinyModel.graph();
    var rows = TinyModel.sequences(2, 16, 3);
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var training = training(model, "ddp", 50, 0.25, Shape.FREE, false);
      double before = Batch.of(rows).backward(model, 1);
      loop(model, training, "ddp", 50, rows).run(1, step -> {});
      double moved = before - Batch.of(rows).backward(model, 1);
      assertThat(moved).isGreaterThan(0.02);
    }
  }

  private Ending run(String name, String store, long last, Precision precision) {
    var graph = TinyModel.graph();
    var dense = List.<TensorSource>of(TinyModel.weights(graph, 1));
    try (var model =
        TorchModel.load(graph, dense, Placement.of(Device.cpu(), precision), Set.of())) {
      var training = training(model, name, 20, 0.25, Shape.FREE, false);
      var loop = loop(model, training, name, 20, TinyModel.sequences(13, 16, 3));
      loop.run(
          last, new TrainingStore(folder.resolve(name + store + precision), "run"), step -> {});
      var weights = new TreeMap<String, float[]>();
      double open = training.report().path("kinds").path(0).path("open").asDouble();
      var plan = training.finish();
      training.weights().forEach((each, weight) -> weights.put(each, weight.toFloatArray()));
      training.arrays().forEach((each, array) -> weights.put(each, array.toFloatArray()));
      return new Ending(plan, model.tensors(), weights, open);
    }
  }

  @ParameterizedTest
  @CsvSource({"sheared,FLOAT32", "ddp,FLOAT32", "sheared,BFLOAT16", "ddp,BFLOAT16"})
  void aKilledRunEndsWithTheSameBits(String name, Precision precision) {
    var whole = run(name, "whole", 20, precision);
    run(name, "killed", 13, precision); // state at 10; steps 11 to 13 are lost
    var resumed = run(name, "killed", 20, precision);
    assertThat(resumed.plan().removed()).isEqualTo(whole.plan().removed());
    assertThat(resumed.open()).isEqualTo(whole.open());
    whole
        .weights()
        .forEach((each, values) -> assertThat(resumed.weights().get(each)).isEqualTo(values));
  }

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  @Tag("reference")
  void everyFamilyRuns(String family) {
    for (var name : List.of("sheared", "ddp")) {
      expectRun(family, name, false);
    }
  }

  @Test
  @Tag("reference")
  void wholeExpertsAreGatedToo() {
    expectRun("mixtral", "sheared", true);
    expectRun("mixtral", "ddp", true);
  }

  private static void expectRun(String family, String name, boolean experts) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var graph = checkpoint.graph();
      var training = training(model, name, 2, 0.1, Shape.FREE, experts);
      var before = new ArrayList<float[]>();
      training.arrays().values().forEach(array -> before.add(array.toFloatArray()));
      loop(model, training, name, 2, TinyModel.sequences(4, 12, 3)).run(2, step -> {});
      int i = 0;
      for (var after : training.arrays().values()) {
        assertThat(after.toFloatArray()).isNotEqualTo(before.get(i++));
      }
      var plan = training.finish();
      assertThat(plan.parameters(graph)).isLessThan(graph.parameterCount());
      expectCutAsMasked(graph, model.tensors(), plan);
      assertThat(logits(graph, model.tensors(), new int[] {1, 2, 3})).doesNotContain(Float.NaN);
    }
  }
}
