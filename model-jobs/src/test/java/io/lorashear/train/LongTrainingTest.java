package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.lorashear.bench.PeakMemory;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.settings.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long run leaves nothing behind. */
class LongTrainingTest {
  private static final int STEPS = 300;
  private static final int SETTLED = 10;

  private static TrainLoop loop(AdaptedModel model, boolean recompute) {
    var settings =
        Settings.defaults(TrainSettings.class, List.of("saveEvery=0", "recompute=" + recompute));
    var batches = Batches.shuffled(TinyModel.sequences(13, 16, 3), 2, 1, 5);
    var adam = model.adam(AdamSettings.USUAL);
    return new TrainLoop(model.model(), adam, settings.schedule(STEPS), batches, settings);
  }

  private static AdaptedModel model() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(4, 8, List.of());
    return AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu());
  }

  /** Arrays a manager still holds. */
  private static int live(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void liveArraysAfterThreeHundredStepsAreThoseAfterTen(boolean recompute) {
    try (var model = model()) {
      var loop = loop(model, recompute);
      loop.run(SETTLED, step -> {});
      int before = live(model.model().manager());
      loop.run(STEPS, step -> {});
      assertThat(loop.history()).hasSize(STEPS);
      assertThat(live(model.model().manager())).isEqualTo(before);
      assertThat(loop.history().get(STEPS - 1).loss())
          .isLessThan(0.7 * loop.history().get(0).loss());
    }
  }

  /** Within 2 %, Java's own heap included. */
  @Test
  void residentMemoryStaysWhereItWas() {
    assumeThat(PeakMemory.now()).isPresent();
    try (var model = model()) {
      var loop = loop(model, false);
      loop.run(SETTLED, step -> {});
      System.gc();
      long before = PeakMemory.now().orElseThrow();
      loop.run(STEPS, step -> {});
      System.gc();
      assertThat(PeakMemory.now().orElseThrow()).isLessThan(before + before / 50);
    }
  }
}
