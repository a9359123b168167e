package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.device.PyTorch;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.TorchModule;
import io.lorashear.train.TinyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A number written into a copy shows which of its rows were copied again. */
class WorkingWeightsTest {
  private static final String NAME = "model.layers.0.mlp.up_proj.weight"; // (12, 16)
  private static final String TEXT =
      """
        def write(self: __torch__.M,
          x: Tensor,
          row: Tensor,
          value: Tensor) -> Tensor:
          return torch.fill_(torch.select(x, 0, int(row)), float(value))
        def firsts(self: __torch__.M,
          x: Tensor) -> Tensor:
          return torch.to(torch.select(x, 1, 0), 6)
      """;

  private final NDManager manager = PyTorch.engine().newBaseManager();
  private final Map<String, NDArray> originals = new LinkedHashMap<>();
  private final WorkingWeights weights;
  private final int place;

  WorkingWeightsTest() {
    var graph = TinyModel.graph();
    for (var parameter : graph.parameters().values()) {
      originals.put(parameter.name(), manager.zeros(new Shape(parameter.shape())));
    }
    weights = new WorkingWeights(graph, manager, originals, Precision.BFLOAT16);
    place = List.copyOf(graph.parameters().keySet()).indexOf(NAME);
    weights.current();
    write(copy(), 5, 9);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray original() {
    return Objects.requireNonNull(originals.get(NAME));
  }

  private NDArray copy() {
    return weights.current().get(place);
  }

  private static void write(NDArray x, long row, double value) {
    TorchModule.of(TEXT).call(x, "write").with(x).with(row).with(value).run().close();
  }

  private float[] firsts() {
    try (var scope = manager.newSubManager()) {
      var call = TorchModule.of(TEXT).call(scope, "firsts").with(copy());
      return call.run().get(0).toFloatArray();
    }
  }

  private RowChange change(long... rows) {
    return new RowChange(NAME, 0, manager.create(rows));
  }

  @Test
  void rowsThatWereToldOfAreCopiedAlone() {
    write(original(), 2, 7);
    weights.rowsChanged(List.of(change(2)));
    assertThat(firsts()).containsExactly(0, 0, 7, 0, 0, 9, 0, 0, 0, 0, 0, 0);
    write(original(), 3, 4);
    weights.rowsChanged(List.of(change(3)));
    assertThat(firsts()).containsExactly(0, 0, 7, 4, 0, 9, 0, 0, 0, 0, 0, 0);
  }

  /** Two slices of one weight, each changed once. */
  @Test
  void aWeightMayBeToldOfTwice() {
    write(original(), 2, 7);
    write(original(), 3, 8);
    weights.rowsChanged(List.of(change(2), change(3)));
    assertThat(firsts()).containsExactly(0, 0, 7, 8, 0, 9, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void whatNobodyToldOfIsCopiedWhole() {
    write(original(), 2, 7);
    assertThat(firsts()).containsExactly(0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void anotherChangeBeforeOrAfterIsNotForgotten() {
    write(original(), 1, 3);
    write(original(), 2, 7);
    weights.rowsChanged(List.of(change(2)));
    assertThat(firsts()).containsExactly(0, 3, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    write(original(), 2, 6);
    weights.rowsChanged(List.of(change(2)));
    write(original(), 4, 5);
    assertThat(firsts()).containsExactly(0, 3, 6, 0, 5, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void whatLearnsHasNoCopy() {
    weights.learning(Set.of(NAME));
    write(original(), 2, 7);
    weights.rowsChanged(List.of(change(2)));
    assertThat(copy()).isSameAs(original());
  }
}
