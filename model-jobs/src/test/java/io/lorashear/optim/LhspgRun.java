package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.Compensation;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.Saliency;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A small model with pairs: what tests of pruning beside them begin with, and what their end is
 * held against.
 */
abstract class LhspgRun {
  static final SaliencySettings SALIENCY = new SaliencySettings(0.2, 0.2, 0.2, 0.2, 0.2, true);
  static final TrainSettings TRAIN =
      new TrainSettings(5e-3, LearningRate.Shape.CONSTANT, 0, 1, 4, 1, 0);

  AdaptedModel model;
  List<AxisWeights> axes;

  @BeforeEach
  void load() {
    var graph = TinyModel.graph();
    load(graph, TinyModel.weights(graph, 1), false, Precision.FLOAT32);
  }

  void load(ModelGraph graph, TensorSource tensors, boolean wholeExperts, Precision precision) {
    var lora = new LoraSettings(4, 8, List.of());
    load(
        AdaptedModel.load(graph, tensors, lora, 7, Placement.of(Device.cpu(), precision)),
        wholeExperts);
  }

  void load(AdaptedModel loaded, boolean wholeExperts) {
    model = loaded;
    var space = PruningSpace.of(model.model().graph());
    axes =
        AxisWeights.of(
            space,
            space.prunable(PruningSpace.structures(wholeExperts)),
            model.bindings(),
            model.model()::parameter);
  }

  @AfterEach
  void close() {
    model.close();
  }

  Lhspg lhspg(LhspgSettings settings, double ratio) {
    return lhspg(settings, ratio, SALIENCY);
  }

  Lhspg lhspg(LhspgSettings settings, double ratio, SaliencySettings saliency) {
    return lhspg(settings, ratio, saliency, MeasuredScores.NONE);
  }

  Lhspg lhspg(
      LhspgSettings settings, double ratio, SaliencySettings saliency, MeasuredScores measured) {
    var budget = PruningBudget.of(ratio, model.base().parameterCount(), 0.8, axes);
    return lhspg(settings, budget, saliency, measured);
  }

  Lhspg lhspg(
      LhspgSettings settings,
      PruningBudget budget,
      SaliencySettings saliency,
      MeasuredScores measured) {
    return new Lhspg(
        model.model(),
        model.adam(AdamSettings.USUAL),
        model.fold(),
        settings,
        new RemovalOrder.BySaliency(budget, new Saliency(axes, saliency, () -> measured)),
        new Compensation(model.model(), List.of(), List.of(), 0.01));
  }

  void train(Optimizer optimizer, long steps) {
    var batches = Batches.shuffled(TinyModel.sequences(32, 16, 3), 4, 1, 5);
    new TrainLoop(
            model.model(), optimizer, LearningRate.constant(TRAIN.learningRate()), batches, TRAIN)
        .run(steps, step -> {});
  }

  float[] logits() {
    return logits(model.model());
  }

  static float[] logits(TorchModel model) {
    try (var scope = model.manager().newSubManager()) {
      var ids =
          TinyModel.sequences(2, 12, 11).stream().map(s -> s.inputIds()).toArray(int[][]::new);
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }

  /** What went is exactly zero in every row that writes it. */
  void expectZeros(WidthPlan plan) {
    for (var axis : axes) {
      var gone = plan.removed().indices(axis.name());
      for (var slice : axis.zeroed()) {
        var values = model.model().tensors().floats(slice.name());
        int width = values.length / slice.groupOf().length;
        for (int i = 0; i < values.length; i++) {
          if (gone.get(slice.groupOf()[i / width])) {
            assertThat(values[i]).isZero();
          }
        }
      }
    }
  }

  WidthPlan expectCutAsZeroed(Mode mode) {
    var settings = new LhspgSettings(mode, 4, 3, 5, 0, 0);
    var lhspg = lhspg(settings, 0.25);
    train(lhspg, settings.steps());
    var plan = lhspg.finish();
    expectCutAsZeroed(plan);
    return plan;
  }

  void expectCutAsZeroed(WidthPlan plan) {
    var small = Compressor.compress(model.base(), model.baseTensors(), plan);
    try (var cut = TorchModel.load(small.graph(), small.tensors(), Device.cpu());
        var zeroed = TorchModel.load(model.base(), model.baseTensors(), Device.cpu())) {
      assertThat(logits(cut)).usingComparatorWithPrecision(1e-4f).containsExactly(logits(zeroed));
      float within = model.model().precision() == Precision.FLOAT32 ? 1e-4f : 0.1f;
      assertThat(logits()).usingComparatorWithPrecision(within).containsExactly(logits(zeroed));
    }
    assertThat(small.graph().parameterCount()).isEqualTo(plan.parameters(model.base()));
  }
}
