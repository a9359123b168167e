package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.lora.LoraSettings;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.settings.Settings;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoraPruneTest extends LhspgRun {
  private static final LoraPruneSettings SETTINGS = new LoraPruneSettings(20, 3, 0.9, 0.1, 0.2);

  private LoraPrune loraPrune(LoraPruneSettings settings) {
    var budget = PruningBudget.of(0.2, model.base().parameterCount(), 0.8, axes);
    return new LoraPrune(
        model.model().manager(),
        model.adam(AdamSettings.USUAL),
        model.fold(),
        budget,
        settings,
        axes);
  }

  @Test
  void theScheduleIsCubicAndEndsAtTheBudget() {
    assertThat(SETTINGS.firstCut()).isEqualTo(2);
    assertThat(SETTINGS.lastCut()).isEqualTo(16);
    assertThat(IntStream.rangeClosed(0, 20).filter(SETTINGS::cuts).boxed())
        .containsExactly(5, 8, 11, 14, 16);
    for (int step = 2; step <= 16; step++) {
      double left = (16 - step) / 14.0;
      assertThat(1 - SETTINGS.share(step)).isCloseTo(left * left * left, within(1e-12));
    }
    assertThat(SETTINGS.share(1)).isZero();
    assertThat(SETTINGS.share(20)).isOne();
  }

  @Test
  void theBudgetIsMetAndWhatWentIsZero() {
    var pruning = loraPrune(SETTINGS);
    train(pruning, SETTINGS.steps());
    var plan = pruning.finish();
    long total = model.base().parameterCount();
    long removed = total - plan.parameters(model.base());
    long step = axes.stream().mapToLong(AxisWeights::cost).max().orElseThrow();
    assertThat(removed).isBetween(Math.round(0.2 * total), Math.round(0.2 * total) + step);
    expectZeros(plan);
  }

  /** One step from B = 0: ĝ is G_B A alone, so that the sums can be had by plain loops. */
  @Test
  void theAverageIsTheNormalisedProductsOfEveryMatrix() {
    var pruning = loraPrune(new LoraPruneSettings(20, 3, 0.75, 0.1, 0.2));
    var rows = TinyModel.sequences(4, 16, 3);
    Batch.of(rows).backward(model.model(), 20);
    var expected = axes.stream().map(this::byHand).toList();
    pruning.step(0);
    for (int i = 0; i < axes.size(); i++) {
      var average = pruning.arrays().get("saliency." + axes.get(i).name()).toFloatArray();
      for (int g = 0; g < average.length; g++) {
        assertThat((double) average[g]).isCloseTo(0.25 * expected.get(i)[g], within(1e-5));
      }
    }
  }

  private double[] byHand(AxisWeights axis) {
    var sums = new double[axis.size()];
    for (var slice : axis.slices()) {
      var each = products(axis, slice);
      double squares = 0;
      for (double value : each) {
        squares += value * value;
      }
      for (int g = 0; g < each.length; g++) {
        sums[g] += each[g] / Math.sqrt(squares);
      }
    }
    return sums;
  }

  private double[] products(AxisWeights axis, SliceWeights slice) {
    var pair = Objects.requireNonNull(slice.pair());
    try (var scope = model.model().manager().newSubManager()) {
      var a = pair.a().toFloatArray();
      var gradient = model.model().gradient(scope, pair.bName()).toFloatArray();
      var x = slice.weight().toFloatArray();
      int rank = (int) pair.a().getShape().get(0);
      int in = a.length / rank;
      var sums = new double[axis.size()];
      for (int w = 0; w < x.length; w++) {
        double g = 0;
        for (int r = 0; r < rank; r++) {
          g += (double) gradient[w / in * rank + r] * a[r * in + w % in];
        }
        int position = slice.dimension() == 0 ? w / in : w % in;
        sums[slice.groupOf()[position]] += Math.abs(g * x[w]);
      }
      return sums;
    }
  }

  @Test
  void ofEveryAxisTheLeastGo() {
    var pruning = loraPrune(new LoraPruneSettings(20, 14, 0.9, 0.1, 0.2)); // one cut, after 16
    train(pruning, 16);
    var removed = pruning.finish().removed();
    for (var axis : axes) {
      var average = pruning.arrays().get("saliency." + axis.name()).toFloatArray();
      double most = 0;
      double least = Double.MAX_VALUE;
      for (int g = 0; g < average.length; g++) {
        if (removed.contains(axis.name(), g)) {
          most = Math.max(most, average[g]);
        } else {
          least = Math.min(least, average[g]);
        }
      }
      assertThat(most).isLessThanOrEqualTo(least);
    }
    assertThat(removed.count()).isGreaterThan(4);
  }

  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyIsCutToWhatItsZeroedModelComputes(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      model.close();
      load(checkpoint.graph(), checkpoint.tensors(), false, Precision.FLOAT32);
      var pruning = loraPrune(new LoraPruneSettings(6, 2, 0.9, 0.1, 0.1));
      train(pruning, 6);
      expectCutAsZeroed(pruning.finish());
    }
  }

  @Test
  void anAxisWithoutPairsIsRefused() {
    model.close();
    var graph = TinyModel.graph();
    var lora = new LoraSettings(4, 8, List.of("q_proj"));
    load(AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu()), false);
    assertThatThrownBy(() -> loraPrune(SETTINGS))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the method lora-prune sees groups by LoRA's gradients alone, and no pair stands beside"
                + " the weights of layers.0.mlp.channels: let lora.targets name them, or protect"
                + " the axis");
  }

  @Test
  void aScheduleWithoutRoomIsTold() {
    assertThatThrownBy(
            () ->
                Settings.defaults(
                    LoraPruneSettings.class, List.of("steps=8", "warmup=0.5", "decay=1")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("decay is 1.0: give a number in [0, 1)")
        .hasMessageContaining(
            "steps is 8: between warmup (0.5) and coolDown (0.1) there must be 10");
  }
}
