package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.optim.Lhspg;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.optim.Optimizer;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SaliencySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingStoreTest {
  private static final int STEPS = 20;
  private static final TrainSettings SETTINGS =
      new TrainSettings(5e-3, LearningRate.Shape.COSINE, 0.2, 1, 2, 2, 5);

  @TempDir Path folder;

  private record Ending(Map<String, float[]> arrays, List<StepResult> history) {}

  private static AdaptedModel model() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(4, 8, List.of());
    return AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu());
  }

  private static Optimizer adam(AdaptedModel model) {
    return model.adam(AdamSettings.USUAL);
  }

  private static Optimizer lhspg(AdaptedModel model) {
    var space = PruningSpace.of(model.model().graph());
    var prunable = space.prunable(PruningSpace.STRUCTURES);
    var axes = AxisWeights.of(space, prunable, model.bindings(), model.model()::parameter);
    return new Lhspg(
        model.model().manager(),
        model.adam(AdamSettings.USUAL),
        axes,
        model.fold(),
        PruningBudget.of(0.2, model.base().parameterCount(), 0.8, axes),
        new LhspgSettings(LhspgSettings.Mode.PAPER, 3, 3, 4, 5, 0),
        new SaliencySettings(0.2, 0.2, 0.2, 0.2, 0.2, 0, true),
        List.of());
  }

  /** Runs on a fresh model to {@code last}; the store carries over what an earlier run saved. */
  private Ending run(Function<AdaptedModel, Optimizer> optimizer, String store, long last) {
    try (var model = model()) {
      var chosen = optimizer.apply(model);
      var batches = Batches.shuffled(TinyModel.sequences(13, 16, 3), 2, 2, 5);
      var loop = new TrainLoop(model.model(), chosen, SETTINGS.schedule(STEPS), batches, SETTINGS);
      loop.run(last, new TrainingStore(folder.resolve(store), "run"), step -> {});
      var arrays = new LinkedHashMap<String, float[]>();
      chosen.arrays().forEach((name, array) -> arrays.put(name, array.toFloatArray()));
      return new Ending(arrays, loop.history());
    }
  }

  private void assertSame(Function<AdaptedModel, Optimizer> optimizer) {
    var whole = run(optimizer, "whole", STEPS);
    run(optimizer, "killed", 13); // state at 10; steps 11 to 13 are lost
    var resumed = run(optimizer, "killed", STEPS);
    assertThat(resumed.history()).isEqualTo(whole.history());
    whole
        .arrays()
        .forEach((name, values) -> assertThat(resumed.arrays().get(name)).isEqualTo(values));
  }

  @Test
  void aKilledTrainingEndsWithTheSameBits() {
    assertSame(TrainingStoreTest::adam);
  }

  /** The engine leaves gradients on for every thread but the one that opened it. */
  @Test
  void itDoesOnEveryThread() throws Exception {
    model().close();
    var another = new FutureTask<>(() -> assertSame(TrainingStoreTest::adam), true);
    new Thread(another).start();
    assertThat(another.get()).isTrue();
  }

  @Test
  void aKilledPruningEndsWithTheSameBits() {
    assertSame(TrainingStoreTest::lhspg);
  }

  @Test
  void keepsTheNewestTwoStates() throws Exception {
    run(TrainingStoreTest::adam, "states", STEPS);
    try (var states = Files.list(folder.resolve("states"))) {
      assertThat(states.map(state -> state.getFileName().toString()))
          .containsExactlyInAnyOrder("step-00000010", "step-00000015");
    }
  }

  @Test
  void aStateOfAnotherRunIsRefused() {
    run(TrainingStoreTest::adam, "states", 6);
    try (var model = model()) {
      var loop =
          new TrainLoop(
              model.model(),
              adam(model),
              SETTINGS.schedule(STEPS),
              Batches.inOrder(TinyModel.sequences(4, 16, 3), 2, 1),
              SETTINGS);
      var store = new TrainingStore(folder.resolve("states"), "other settings");
      assertThatThrownBy(() -> loop.run(STEPS, store, step -> {}))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "%s is the state of a run with other settings or inputs: remove %s to begin anew",
              folder.resolve("states/step-00000005"), folder.resolve("states"));
    }
  }
}
