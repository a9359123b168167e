package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.index.NDIndex;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.graph.AxisRole;
import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.FisherInformation;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.saliency.SaliencySettings.Measure;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TinyModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LhspgTest extends LhspgRun {
  @Test
  void aScoreMeasuredBeforehandChoosesAsItsOneShotFormDoes() {
    var measured = Baselines.random(axes, 5);
    var alone =
        new SaliencySettings(0, 0, 0, 0, 0, 1, 0, By.ROW, false, 0.5, false, Measure.ONCE, 0, true);
    var lhspg =
        lhspg(
            new LhspgSettings(Mode.PAPER, 2, 1, 4, 0, 0),
            0.2,
            alone,
            new MeasuredScores(measured, FisherInformation.NONE));
    train(lhspg, 6);

    var budget = PruningBudget.of(0.2, model.base().parameterCount(), 0.8, axes);
    assertThat(lhspg.finish().removed())
        .isEqualTo(budget.choose(axes, Baselines.comparable(axes, measured)));
  }

  @ParameterizedTest
  @CsvSource({"PAPER, FLOAT32", "OTO, FLOAT32", "PAPER, BFLOAT16", "OTO, BFLOAT16"})
  void endsWithExactZerosWithinOneGroupOfTheBudget(Mode mode, Precision precision) {
    reload(precision);
    var settings = new LhspgSettings(mode, 4, 3, 5, 4, 0);
    var lhspg = lhspg(settings, 0.25);
    train(lhspg, settings.steps());
    var plan = lhspg.finish();

    long total = model.base().parameterCount();
    long removed = total - plan.parameters(model.base());
    long largest = axes.stream().mapToLong(AxisWeights::cost).min().orElseThrow();
    assertThat(removed).isGreaterThanOrEqualTo(Math.round(0.25 * total));
    assertThat(removed - Math.round(0.25 * total)).isLessThan(largest);
    expectZeros(plan);
  }

  private void reload(Precision precision) {
    model.close();
    var graph = TinyModel.graph();
    load(graph, TinyModel.weights(graph, 1), false, precision);
  }

  @ParameterizedTest
  @CsvSource({"PAPER, FLOAT32", "OTO, FLOAT32", "PAPER, BFLOAT16", "OTO, BFLOAT16"})
  void theCutModelComputesWhatTheZeroedOneDoes(Mode mode, Precision precision) {
    reload(precision);
    expectCutAsZeroed(mode);
  }

  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyIsCutToWhatItsZeroedModelComputes(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      model.close();
      load(checkpoint.graph(), checkpoint.tensors(), false, Precision.FLOAT32);
      expectCutAsZeroed(Mode.PAPER);
    }
  }

  /** Its router's row is at zero at the end, which chooses nobody. */
  @Tag("reference")
  @ParameterizedTest
  @EnumSource(Mode.class)
  void wholeExpertsGoAsChannelsDo(Mode mode) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/mixtral"))) {
      model.close();
      load(checkpoint.graph(), checkpoint.tensors(), true, Precision.FLOAT32);
      var plan = expectCutAsZeroed(mode);
      assertThat(axes)
          .filteredOn(axis -> axis.role() == AxisRole.EXPERTS)
          .extracting(AxisWeights::name)
          .hasSize(3)
          .anyMatch(name -> plan.removed().count(name) > 0);
    }
  }

  @Test
  void aGroupThatLoraPushesBackLeavesBeforeItsDeadline() {
    // s·BA of channel 5 is −0.95 of its own rows: ⟨x̃, x⟩ = (1 − 1/6 − 0.95)·‖x‖² < 0 at once
    var channels = axes.stream().filter(a -> a.name().contains("channels")).findFirst().get();
    for (var slice : channels.zeroed()) {
      var x = slice.weight().get(5).mul(-0.95 / slice.pair().scale());
      slice.pair().a().set(new NDIndex("0"), x);
      slice.pair().b().set(new NDIndex("5, 0"), 1);
    }
    var settings = new LhspgSettings(Mode.PAPER, 0, 1, 6, 0, 0);
    var cosine = new SaliencySettings(0, 0, 1, 0, 0, false);
    var lhspg = lhspg(settings, 0.1, cosine);
    lhspg.step(0); // a rate of zero: A and B stay as they are
    assertThat(lhspg.report().leftEarly()).containsExactly(1);
    assertThat(channels.zeroed().get(0).weight().get(5).abs().max().getFloat()).isZero();
    for (int t = 1; t < 6; t++) {
      lhspg.step(0);
    }
    assertThat(lhspg.finish().removed().contains(channels.name(), 5)).isTrue();
    assertThat(lhspg.report().leftEarly()).containsExactly(1);
    assertThat(lhspg.report().chosen().get(0)).isGreaterThan(1);
  }

  @Test
  void withoutLoraGroupsFallOnAStraightLine() {
    var settings = new LhspgSettings(Mode.PAPER, 0, 1, 5, 0, 0);
    var lhspg = lhspg(settings, 0.1);
    var names = axes.stream().flatMap(a -> a.zeroed().stream()).map(s -> s.name()).toList();
    var start = names.stream().map(model.model().tensors()::floats).toList();
    for (int t = 0; t < 5; t++) {
      lhspg.step(0);
      double left = 1 - (t + 1) / 5.0;
      int moved = 0;
      for (int n = 0; n < names.size(); n++) {
        var now = model.model().tensors().floats(names.get(n));
        for (int i = 0; i < now.length; i++) {
          if (now[i] != start.get(n)[i]) {
            moved++;
            assertThat((double) now[i]).isCloseTo(left * start.get(n)[i], within(1e-6));
          }
        }
      }
      assertThat(moved).isPositive();
    }
  }

  @Test
  void aRatioOutOfReachNamesTheLargest() {
    long total = model.base().parameterCount();
    var budget = PruningBudget.of(0.1, total, 0.8, axes);
    long most = budget.reachable(axes.stream().map(a -> budget.whole(a.axis(), a.cost())).toList());
    var largest = Math.floor(1e4 * most / total) / 1e4;
    assertThatThrownBy(() -> PruningBudget.of(0.9, total, 0.8, axes))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("ratio is 0.9 of " + total + " parameters")
        .hasMessageContaining("the largest ratio that can be reached is " + largest);
    assertThat(PruningBudget.of(largest, total, 0.8, axes).remove()).isLessThanOrEqualTo(most);
  }

  @Test
  void foldingLeavesTheLogits() {
    var adam = model.adam(AdamSettings.USUAL);
    train(adam, 20);
    var before = logits();
    double share = 0;
    for (var pair : model.bindings()) {
      var b = model.model().parameter(pair.b());
      var update = b.matMul(model.model().parameter(pair.a())).mul(pair.scale());
      double weight = model.model().parameter(pair.weight()).norm().getFloat();
      share = Math.max(share, update.norm().getFloat() / weight);
    }
    model.fold().fold();
    assertThat(share).isGreaterThan(0.01);
    assertThat(logits()).usingComparatorWithPrecision(1e-4f).containsExactly(before);
  }

  @Test
  void aFoldedPairBeginsWithOneLearningRate() {
    var settings = new LhspgSettings(Mode.PAPER, 4, 2, 3, 4, 0);
    var lhspg = lhspg(settings, 0.2);
    train(lhspg, 4 + 3); // the second period has just begun, all B are zero
    var name = model.bindings().get(0).b();
    assertThat(model.model().parameter(name).abs().max().getFloat()).isZero();
    train(lhspg, 1);
    for (float moved : model.model().parameter(name).toFloatArray()) {
      // Adam's first step is the rate times the sign of the gradient
      assertThat(Math.abs(moved))
          .satisfiesAnyOf(
              m -> assertThat(m).isZero(), // a row on its way out
              m -> assertThat((double) m).isCloseTo(5e-3, within(5e-5)));
    }
  }
}
