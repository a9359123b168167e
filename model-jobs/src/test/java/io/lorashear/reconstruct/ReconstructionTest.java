package io.lorashear.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compensate.OutputMatrix;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.lora.LoraSettings;
import io.lorashear.reconstruct.Reconstruction.Part;
import io.lorashear.settings.Settings;
import io.lorashear.torch.Piece;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconstructionTest {
  private static final WidthPlan CUT =
      new WidthPlan(
          Groups.union(
              List.of(
                  Groups.of("layers.0.attention.kvHeads", 1),
                  Groups.of("layers.1.mlp.channels", 0, 4, 5))));

  private final List<int[][]> batches = batches();

  private static List<int[][]> batches() {
    var ids = TinyModel.sequences(8, 16, 3).stream().map(Sequence::inputIds).toList();
    return List.of(
        ids.subList(0, 4).toArray(int[][]::new), ids.subList(4, 8).toArray(int[][]::new));
  }

  private record Ending(List<Part> parts, long tokens, Map<String, float[]> weights) {}

  private static ReconstructionSettings settings(String... values) {
    return Settings.defaults(
        ReconstructionSettings.class,
        Stream.concat(Stream.of("steps=12", "learningRate=1e-2"), Stream.of(values)).toList());
  }

  private Ending run(WidthPlan plan, ReconstructionSettings settings) {
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 1);
    var small = Compressor.compress(graph, tensors, plan);
    try (var dense = TorchModel.load(graph, tensors, Device.cpu())) {
      if (settings.rank() == 0) {
        try (var model = TorchModel.load(small.graph(), small.tensors(), Device.cpu())) {
          var reconstruction =
              new Reconstruction(dense, model, small.origins(), settings, 5, names -> names);
          return ending(reconstruction, model.tensors());
        }
      }
      var lora = new LoraSettings(settings.rank(), 2.0 * settings.rank(), List.of());
      try (var model = AdaptedModel.load(small.graph(), small.tensors(), lora, 7, Device.cpu())) {
        var reconstruction =
            new Reconstruction(
                dense,
                model.model(),
                small.origins(),
                settings,
                5,
                names ->
                    model.bindings().stream()
                        .filter(pair -> names.contains(pair.weight()))
                        .flatMap(pair -> Stream.of(pair.a(), pair.b()))
                        .toList());
        var parts = new ArrayList<Part>();
        reconstruction.run(batches, parts::add);
        model.fold().fold();
        return ending(parts, reconstruction.tokens(), model.baseTensors());
      }
    }
  }

  private Ending ending(Reconstruction reconstruction, TensorSource after) {
    var parts = new ArrayList<Part>();
    reconstruction.run(batches, parts::add);
    return ending(parts, reconstruction.tokens(), after);
  }

  private static Ending ending(List<Part> parts, long tokens, TensorSource tensors) {
    var weights = new LinkedHashMap<String, float[]>();
    tensors.tensors().keySet().forEach(name -> weights.put(name, tensors.floats(name)));
    return new Ending(parts, tokens, weights);
  }

  @ParameterizedTest
  @CsvSource({"0, dense", "4, dense", "0, stream", "4, stream"})
  void everyPartComesNearer(int rank, String towards) {
    var settings = settings("rank=" + rank, "towards=" + towards);
    var ending = run(CUT, settings);
    assertThat(ending.parts()).hasSize(4);
    for (var part : ending.parts()) {
      assertThat(part.after()).as(part.name()).isLessThan(part.before());
    }
    assertThat(ending.parts().get(0).after()).isLessThan(0.9 * ending.parts().get(0).before());
    assertThat(ending.tokens()).isEqualTo(12 * 4 * 16);
    run(CUT, settings)
        .weights()
        .forEach((name, values) -> assertThat(values).isEqualTo(ending.weights().get(name)));
  }

  @ParameterizedTest
  @CsvSource({"0, dense", "4, stream"})
  void aModelThatLostNothingStaysToTheBit(int rank, String towards) {
    var ending = run(WidthPlan.everything(), settings("rank=" + rank, "towards=" + towards));
    assertThat(ending.parts()).hasSize(4).allMatch(part -> part.before() == 0);
    assertThat(ending.tokens()).isZero();
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 1);
    ending.weights().forEach((name, values) -> assertThat(values).isEqualTo(tensors.floats(name)));
  }

  /** Steps that lead away are taken back. */
  @Test
  void whatDoesNotComeNearerStays() {
    var ending = run(CUT, settings("rank=0", "learningRate=1000"));
    assertThat(ending.parts()).allMatch(part -> part.after() == part.before());
    var graph = TinyModel.graph();
    var small = Compressor.compress(graph, TinyModel.weights(graph, 1), CUT);
    ending
        .weights()
        .forEach((name, values) -> assertThat(values).isEqualTo(small.tensors().floats(name)));
  }

  /** By differences of the error itself. */
  @Test
  void gradientsAreSlopes() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu());
        var scope = model.manager().newSubManager()) {
      for (var part : List.of("self_attn.o_proj", "mlp.down_proj")) {
        var name = "model.layers.1." + part + ".weight";
        var inner = part.startsWith("mlp") ? "mlp.gate_proj" : "self_attn.k_proj";
        var learning = List.of("model.layers.1." + inner + ".weight", name);
        var matrix = OutputMatrix.of(graph, OutputMatrix.names(graph)).get(name);
        model.trainable(learning);
        var piece = new Piece(model, matrix.said());
        var ids = model.ids(scope, batches.get(0));
        var given = model.taps(scope, ids, piece.given());
        var target =
            scope.randomNormal(model.taps(scope, ids, List.of(matrix.said())).get(0).getShape());
        double error = piece.backward(scope, ids, given, target).toFloatArray()[0];
        assertThat(error)
            .isCloseTo(piece.error(scope, ids, given, target).toFloatArray()[0], within(1e-5));
        for (var weight : learning) {
          double slope =
              slope(model.parameter(weight), () -> value(piece, scope, ids, given, target));
          assertThat((double) model.gradient(scope, weight).toFloatArray()[17])
              .isCloseTo(slope, within(2e-3 * Math.max(0.1, Math.abs(slope))));
        }
        Kernels.zeroGradients(List.copyOf(model.trainable().values()));
      }
    }
  }

  private static double value(
      Piece piece, NDManager scope, NDArray ids, List<NDArray> given, NDArray target) {
    return piece.error(scope, ids, given, target).toFloatArray()[0];
  }

  private static double slope(NDArray weight, DoubleSupplier error) {
    long columns = weight.getShape().get(1);
    var place = new NDIndex("%d, %d".formatted(17 / columns, 17 % columns));
    float w = weight.get(place).toFloatArray()[0];
    float step = 0.02f;
    weight.set(place, w + step);
    double above = error.getAsDouble();
    weight.set(place, w - step);
    double below = error.getAsDouble();
    weight.set(place, w);
    return (above - below) / (2 * step);
  }

  @Test
  void whatIsOutOfRangeIsToldTogether() {
    assertThatThrownBy(
            () -> settings("steps=-1", "learningRate=0", "rows=0", "rank=-2", "towards=pruned"))
        .hasMessageContaining("steps is -1: give a number of steps, or 0 for none")
        .hasMessageContaining("learningRate is 0.0: give a positive number, for example 1e-3")
        .hasMessageContaining("rows is 0: at least one row of every source is needed")
        .hasMessageContaining(
            "rank is -2: give a whole number up to 4096, or 0 to train the weights themselves")
        .hasMessageContaining(
            "towards is pruned, but only the dense model can be a target: give dense or stream");
  }
}
