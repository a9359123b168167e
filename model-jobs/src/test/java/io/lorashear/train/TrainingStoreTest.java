package io.lorashear.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.compensate.Compensation;
import io.lorashear.compensate.CompensationSettings;
import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.compensate.DenseRefit;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.optim.Lhspg;
import io.lorashear.optim.LhspgSettings;
import io.lorashear.optim.LoraPrune;
import io.lorashear.optim.LoraPruneSettings;
import io.lorashear.optim.Optimizer;
import io.lorashear.optim.PruningBudget;
import io.lorashear.optim.RemovalOrder;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.Saliency;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingStoreTest {
  private static final int STEPS = 20;
  private static final TrainSettings SETTINGS =
      new TrainSettings(5e-3, LearningRate.Shape.COSINE, 0.2, 1, 2, 2, 5);

  @TempDir Path folder;

  private record Ending(Map<String, float[]> arrays, List<StepResult> history) {}

  private static AdaptedModel model(Precision precision) {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(4, 8, List.of());
    return AdaptedModel.load(
        graph, TinyModel.weights(graph, 1), lora, 7, Placement.of(Device.cpu(), precision));
  }

  private static Optimizer adam(AdaptedModel model) {
    return model.adam(AdamSettings.USUAL);
  }

  private static List<AxisWeights> axes(AdaptedModel model) {
    var space = PruningSpace.of(model.model().graph());
    var prunable = space.prunable(PruningSpace.STRUCTURES);
    return AxisWeights.of(space, prunable, model.bindings(), model.model()::parameter);
  }

  private static Optimizer loraPrune(AdaptedModel model) {
    return new LoraPrune(
        model.model().manager(),
        model.adam(AdamSettings.USUAL),
        model.fold(),
        PruningBudget.of(0.2, model.base().parameterCount(), 0.8, axes(model)),
        new LoraPruneSettings(STEPS, 2, 0.9, 0.1, 0.1),
        axes(model));
  }

  private static Optimizer lhspg(AdaptedModel model) {
    return lhspg(model, compensation(model, axes(model)));
  }

  private static Optimizer lhspg(AdaptedModel model, Compensation compensation) {
    var axes = axes(model);
    return new Lhspg(
        model.model(),
        model.adam(AdamSettings.USUAL),
        model.fold(),
        new LhspgSettings(LhspgSettings.Mode.PAPER, 3, 3, 4, 5, 0),
        new RemovalOrder.BySaliency(
            PruningBudget.of(0.2, model.base().parameterCount(), 0.8, axes),
            new Saliency(
                axes,
                new SaliencySettings(0.2, 0.2, 0.2, 0.2, 0.2, true),
                () -> MeasuredScores.NONE)),
        compensation);
  }

  private static Compensation compensation(AdaptedModel model, List<AxisWeights> axes) {
    var rows = TinyModel.sequences(4, 16, 3).stream().map(Sequence::inputIds);
    var batches = List.<int[][]>of(rows.toArray(int[][]::new));
    return new Compensation(model.model(), axes, batches, 0.01);
  }

  /** Refits towards the dense model after every period. */
  private static Optimizer towardsDense(AdaptedModel model) {
    var rows = TinyModel.sequences(4, 16, 3).stream().map(Sequence::inputIds);
    var batches = List.<int[][]>of(rows.toArray(int[][]::new));
    var graph = TinyModel.graph();
    var axes = axes(model);
    var matrices = ReadingMatrix.of(model.model().graph(), axes);
    var settings = new CompensationSettings(4, 0.01, Towards.STREAM);
    Consumer<Groups> afterwards =
        gone -> {
          try (var dense = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
            new DenseRefit(dense, model.model(), settings, text -> {})
                .run(
                    name ->
                        matrices.stream()
                            .filter(matrix -> matrix.slice().name().equals(name))
                            .findFirst()
                            .orElseThrow()
                            .without(gone),
                    batches);
          }
        };
    return lhspg(
        model, new Compensation(model.model(), axes, batches, 0.01, afterwards, text -> {}));
  }

  /** Runs on a fresh model to {@code last}; the store carries over what an earlier run saved. */
  private Ending run(Function<AdaptedModel, Optimizer> optimizer, String store, long last) {
    return run(optimizer, store, last, Precision.FLOAT32);
  }

  private Ending run(
      Function<AdaptedModel, Optimizer> optimizer, String store, long last, Precision precision) {
    try (var model = model(precision)) {
      var chosen = optimizer.apply(model);
      var batches = Batches.shuffled(TinyModel.sequences(13, 16, 3), 2, 2, 5);
      var loop = new TrainLoop(model.model(), chosen, SETTINGS.schedule(STEPS), batches, SETTINGS);
      loop.run(last, new TrainingStore(folder.resolve(store), "run"), step -> {});
      var arrays = new LinkedHashMap<String, float[]>();
      chosen.arrays().forEach((name, array) -> arrays.put(name, array.toFloatArray()));
      var weights = model.baseTensors();
      for (var name : weights.tensors().keySet()) {
        arrays.put("frozen " + name, withoutSignOfZero(weights.floats(name)));
      }
      return new Ending(arrays, loop.history());
    }
  }

  /** A group that is gone may be zeros of either sign; nothing that is kept tells them apart. */
  private static float[] withoutSignOfZero(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] += 0f;
    }
    return values;
  }

  private void assertSame(
      Function<AdaptedModel, Optimizer> optimizer, Precision precision, String name) {
    var whole = run(optimizer, "whole" + name, STEPS, precision);
    run(optimizer, "killed" + name, 13, precision); // state at 10; steps 11 to 13 are lost
    var resumed = run(optimizer, "killed" + name, STEPS, precision);
    assertThat(resumed.history()).isEqualTo(whole.history());
    whole
        .arrays()
        .forEach((array, values) -> assertThat(resumed.arrays().get(array)).isEqualTo(values));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aKilledTrainingEndsWithTheSameBits(Precision precision) {
    assertSame(TrainingStoreTest::adam, precision, "");
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aKilledPruningEndsWithTheSameBits(Precision precision) {
    assertSame(TrainingStoreTest::lhspg, precision, "-lhspg");
    assertSame(TrainingStoreTest::towardsDense, precision, "-towards-dense");
    assertSame(TrainingStoreTest::loraPrune, precision, "-lora-prune");
  }

  /** The engine leaves gradients on for every thread but the one that opened it. */
  @Test
  void itDoesOnEveryThread() throws Exception {
    model(Precision.FLOAT32).close();
    var another =
        new FutureTask<>(() -> assertSame(TrainingStoreTest::adam, Precision.FLOAT32, ""), true);
    new Thread(another).start();
    assertThat(another.get()).isTrue();
  }

  /** Pairs with their moments, those of one fold, and the rows of groups that are on their way. */
  @Test
  void aStateHoldsWhatTrainingChangedAndNotTheFrozenWeights() {
    Function<AdaptedModel, Optimizer> plain =
        model -> lhspg(model, new Compensation(model.model(), List.of(), List.of(), 0.01));
    run(plain, "plain", 11); // of the state after step 10: the second of three periods
    try (var model = model(Precision.FLOAT32);
        var state = Safetensors.open(folder.resolve("plain/step-00000010/state.safetensors"))) {
      assertThat(state.tensors().keySet())
          .doesNotContainAnyElementsOf(model.base().parameters().keySet())
          .anyMatch(name -> name.startsWith("fold.0."))
          .noneMatch(name -> name.startsWith("fold.1."))
          .anyMatch(name -> name.startsWith("rows."));
      long pairs = model.model().trainable().values().stream().mapToLong(NDArray::size).sum();
      long saved = state.tensors().values().stream().mapToLong(TensorInfo::elements).sum();
      long counts =
          model.model().trainable().values().stream().mapToLong(a -> a.getShape().get(0)).sum();
      long rows =
          state.tensors().values().stream()
              .filter(info -> info.name().startsWith("rows."))
              .mapToLong(TensorInfo::elements)
              .sum();
      assertThat(saved).isEqualTo(4 * pairs + counts + rows);
      assertThat(rows).isLessThan(model.base().parameterCount() / 5);
    }
    assertSame(plain, Precision.FLOAT32, "-plain");
    assertSame(plain, Precision.BFLOAT16, "-plain-narrow");
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
    try (var model = model(Precision.FLOAT32)) {
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
