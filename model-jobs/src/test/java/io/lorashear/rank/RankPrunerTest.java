package io.lorashear.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.rank.RankSettings.Compensation;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankPrunerTest {
  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6};

  private static RankSettings settings(Score score, Allocation allocation) {
    return new RankSettings(
        SmallPairs.RANK, 2, 2, score, allocation, Compensation.BY_SCORE, 0.01, 0.9);
  }

  private static TrainSettings train(int rows, int accumulate, double clip) {
    return new TrainSettings(2e-2, LearningRate.Shape.CONSTANT, 0, clip, rows, accumulate, 0);
  }

  private static void run(SmallPairs small, RankPruner pruner, TrainSettings train, long steps) {
    var batches =
        Batches.shuffled(TinyModel.sequences(8, 12, 3), train.rows(), train.accumulate(), 5);
    new TrainLoop(small.model.model(), pruner, train.schedule(steps), batches, train)
        .run(steps, step -> {});
  }

  @ParameterizedTest
  @EnumSource
  void theFinalRankIsMetExactlyAndWhatIsGoneStaysGone(Score score) {
    try (var small = new SmallPairs()) {
      var adam = small.model.adam(new AdamSettings(0.9, 0.999, 1e-8, 0.1)); // decays, too
      var pruner =
          new RankPruner(
              small.model.model().manager(),
              adam,
              small.model.bindings(),
              small.model.model()::parameter,
              settings(score, Allocation.PER_MODULE),
              2,
              1);
      run(small, pruner, train(2, 1, 1), 9);
      assertThat(pruner.done()).isTrue();
      // before step 2 two of 5 go, before step 4 the last one: never before the first step
      assertThat(pruner.events()).containsExactly(new RankEvent(2, 8, 12), new RankEvent(4, 4, 8));
      for (int i = 0; i < small.pairs.size(); i++) {
        var binding = small.pairs.get(i).binding();
        var kept = pruner.kept().get(binding.a());
        assertThat(kept.cardinality()).isEqualTo(2);
        for (var name : List.of("", "adam.first.", "adam.second.")) {
          expectZeros(PlainMatrix.of(adam.arrays().get(name + binding.a())).transposed(), kept);
          expectZeros(PlainMatrix.of(adam.arrays().get(name + binding.b())), kept);
        }
      }
    }
  }

  /** Columns outside {@code kept} are zero to the bit, others are not. */
  private static void expectZeros(PlainMatrix matrix, BitSet kept) {
    for (int j = 0; j < matrix.width(); j++) {
      var column = matrix.transposed().rows()[j];
      assertThat(Arrays.stream(column).allMatch(value -> value == 0)).isEqualTo(!kept.get(j));
    }
  }

  @Test
  void ranksMayDifferAndTheirSumIsMetExactly() {
    try (var small = new SmallPairs()) {
      var pruner = small.pruner(settings(Score.MAGNITUDE, Allocation.GLOBAL), 2);
      run(small, pruner, train(2, 1, 1), 9);
      var ranks = pruner.kept().values().stream().map(BitSet::cardinality).toList();
      assertThat(ranks.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2 * 4);
      assertThat(ranks).allMatch(rank -> rank >= 1).anyMatch(rank -> rank != 2);
      assertThat(pruner.events()).extracting(RankEvent::left).containsExactly(12, 8);
    }
  }

  @Test
  void theCutPairsComputeWhatTheZeroedOnesDo() {
    try (var small = new SmallPairs()) {
      var pruner = small.pruner(settings(Score.GRADIENT, Allocation.GLOBAL), 2);
      run(small, pruner, train(2, 1, 1), 7);
      var model = small.model.model();
      var cut = CutPairs.of(model.graph(), model.tensors(), pruner.kept());
      for (var pair : small.pairs) {
        int rank = pruner.kept().get(pair.binding().a()).cardinality();
        assertThat(cut.graph().parameter(pair.binding().a()).shape()[0]).isEqualTo(rank);
        assertThat(cut.tensors().tensor(pair.binding().b()).shape()[1]).isEqualTo(rank);
      }
      try (var smaller = TorchModel.load(cut.graph(), cut.tensors(), Device.cpu())) {
        assertThat(logits(smaller)).containsExactly(logits(model), within(1e-5f));
      }
    }
  }

  private static float[] logits(TorchModel model) {
    try (var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, IDS)).toFloatArray();
    }
  }

  /** Scores see the gradient of the whole step: not that of a micro-batch, not a clipped one. */
  @Test
  void curvatureIsOfTheWholeGradientBeforeItIsClipped() {
    try (var whole = new SmallPairs();
        var parts = new SmallPairs()) {
      var settings = settings(Score.GRADIENT, Allocation.PER_MODULE);
      var first = whole.pruner(settings, 2);
      run(whole, first, train(4, 1, 0), 1);
      var second = parts.pruner(settings, 2);
      run(parts, second, train(1, 4, 1e-4), 1);
      double clipped = norm(parts);
      assertThat(clipped).isCloseTo(1e-4, within(1e-6));
      for (int i = 0; i < whole.pairs.size(); i++) {
        var g = whole.gradientOfB(i);
        var expected = g.transposed().times(g).scaled(1 - settings.memory());
        var name = "rank.curvature." + whole.pairs.get(i).binding().b();
        for (var pruner : List.of(first, second)) {
          var h = PlainMatrix.of(pruner.arrays().get(name));
          double size = expected.trace();
          for (int j = 0; j < SmallPairs.RANK; j++) {
            assertThat(h.rows()[j]).containsExactly(expected.rows()[j], within(1e-4 * size));
          }
        }
      }
    }
  }

  private static double norm(SmallPairs small) {
    double sum = 0;
    for (int i = 0; i < small.pairs.size(); i++) {
      for (var g : List.of(small.gradientOfA(i), small.gradientOfB(i))) {
        sum += g.transposed().times(g).trace();
      }
    }
    return Math.sqrt(sum);
  }

  @Test
  void survivorsAreChangedWhereTheyMakeUpAndElseLeftAsTheyAre() {
    for (var compensation : List.of(Compensation.B, Compensation.NONE)) {
      try (var small = new SmallPairs()) {
        var settings =
            new RankSettings(
                5, 1, 2, Score.MAGNITUDE, Allocation.PER_MODULE, compensation, 0.01, 0.9);
        var pruner = small.pruner(settings, 3);
        small.backward(1);
        pruner.prepareGradients();
        pruner.step(0);
        var before = small.b(0);
        small.backward(2);
        pruner.prepareGradients();
        int kept = pruner.kept().get(small.pairs.get(0).binding().a()).nextSetBit(0);
        var same =
            Arrays.equals(before.transposed().rows()[kept], small.b(0).transposed().rows()[kept]);
        assertThat(same).isEqualTo(compensation == Compensation.NONE);
      }
    }
  }

  @Test
  void aFinalRankOutOfReachIsToldWithWhatWouldDo() {
    var settings = settings(Score.GRADIENT, Allocation.PER_MODULE);
    settings.requireRoom(2, 5);
    assertThatThrownBy(() -> settings.requireRoom(2, 4))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "prunedLora takes 2 components of each pair away every 2 steps: from rank 5 to 2 that"
                + " is done after step 4, but there are 4 steps: give more steps, more components"
                + " or a lower every");
  }
}
