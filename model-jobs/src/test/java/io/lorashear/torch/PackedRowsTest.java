package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.RandomGraphs;
import io.lorashear.graph.Value;
import io.lorashear.torch.engine.HostArrays;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents of one row that do not see each other. */
class PackedRowsTest {
  private static final int[][] ROWS = {
    {1, 5, 2, 7, 0, 3, 9, 9, 4}, {4, 4, 9, 2, 6, 1, 3, 3, 8},
  };

  /** Ends of the documents of each row. */
  private static final int[][] ENDS = {{3, 4, 9}, {5, 9}};

  private static final int[][] STARTS = {
    {0, 0, 0, 3, 4, 4, 4, 4, 4}, {0, 0, 0, 0, 0, 5, 5, 5, 5},
  };

  @ParameterizedTest
  @CsvSource({"3,,true", ",0.7,true", ",,true", "2,0.7,false", ",,false"})
  void logitsAreThoseOfEachDocumentAlone(Integer window, Double softCap, boolean rotary) {
    var graph = graph(new Attention(0.5, window, softCap), rotary);
    try (var model =
            TorchModel.load(graph, RandomGraphs.weights(graph, new Random(3)), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var packed =
          model.packedLogits(scope, model.ids(scope, ROWS), model.ids(scope, STARTS)); // (2, 9, v)
      for (int row = 0; row < ROWS.length; row++) {
        for (int k = 0, start = 0; k < ENDS[row].length; start = ENDS[row][k++]) {
          int end = ENDS[row][k];
          var document = Arrays.copyOfRange(ROWS[row], start, end);
          var alone = model.logits(scope, model.ids(scope, document)).get(0); // (T, v)
          assertThat(packed.get(row).get(start + ":" + end).toFloatArray())
              .containsExactly(alone.toFloatArray(), within(1e-5f));
        }
      }
    }
  }

  @Test
  void withoutTheOptionALaterDocumentSeesTheEarlierOne() {
    var graph = graph(new Attention(0.5, null, null), true);
    try (var model =
            TorchModel.load(graph, RandomGraphs.weights(graph, new Random(3)), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var ids = model.ids(scope, ROWS);
      var packed = model.packedLogits(scope, ids, model.ids(scope, STARTS));
      var joined = model.logits(scope, ids);
      assertThat(packed.sub(joined).get(":, 6").abs().max().getFloat()).isGreaterThan(1e-3f);
    }
  }

  @Test
  void lossesAndGradientsAreThoseOfTheDocuments() {
    var graph = graph(new Attention(0.5, null, null), true);
    var weights = RandomGraphs.weights(graph, new Random(3));
    try (var model = TorchModel.load(graph, weights, Device.cpu());
        var scope = model.manager().newSubManager()) {
      model.trainable(graph.parameters().keySet());
      double loss = 0;
      int predicted = 9 - 3 + 9 - 2;
      for (int row = 0; row < ROWS.length; row++) {
        for (int k = 0, start = 0; k < ENDS[row].length; start = ENDS[row][k++]) {
          var document = Arrays.copyOfRange(ROWS[row], start, ENDS[row][k]);
          double share = (document.length - 1.0) / predicted;
          var mask = scope.ones(new Shape(1, document.length));
          loss += share * model.lossAndBackward(model.ids(scope, document), mask, share);
        }
      }
      var name = "layers.0.q";
      var expected = model.gradient(scope, name).toFloatArray().clone();

      var mask = new float[18];
      for (int i = 0; i < 18; i++) {
        mask[i] = STARTS[i / 9][i % 9] == i % 9 ? 0 : 1;
      }
      var ids = model.ids(scope, ROWS);
      var starts = model.ids(scope, STARTS);
      for (boolean recompute : List.of(false, true)) {
        model.trainable(graph.parameters().keySet());
        double packed =
            HostArrays.number(
                model.backward(
                    scope,
                    ids,
                    scope.create(mask, new Shape(2, 9)),
                    1,
                    null,
                    starts,
                    recompute,
                    OptionalLong.empty()));
        assertThat(packed).isCloseTo(loss, within(1e-5));
        assertThat(model.gradient(scope, name).toFloatArray())
            .containsExactly(expected, within(1e-5f));
      }
      var losses = model.packedTokenLosses(scope, ids, starts); // (2, 8)
      var alone = model.tokenLosses(scope, model.ids(scope, new int[] {1, 3, 3, 8})); // (1, 3)
      assertThat(losses.get("1, 5:").toFloatArray())
          .containsExactly(alone.toFloatArray(), within(1e-5f));
    }
  }

  private static ModelGraph graph(Attention attention, boolean rotary) {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "embedding", RandomGraphs.VOCABULARY, 8);
    if (!rotary) {
      x = g.add(x, g.positionEmbedding(g.tokens(), "positions", 9, 8));
    }
    for (int layer = 0; layer < 2; layer++) {
      var before = x;
      var name = "layers." + layer;
      x = g.block(name, () -> layer(g, before, name, attention, rotary));
    }
    return g.build(g.linear(g.rmsNorm(x, "norm", 1e-5), "head", RandomGraphs.VOCABULARY));
  }

  private static Value layer(
      GraphBuilder g, Value x, String name, Attention attention, boolean rotary) {
    var n = g.rmsNorm(x, name + ".norm", 1e-6);
    var q = g.splitHeads(g.linear(n, name + ".q", 16), 4);
    var k = g.splitHeads(g.linear(n, name + ".k", 8), 4);
    var v = g.splitHeads(g.linear(n, name + ".v", 8), 4);
    var heads =
        rotary
            ? g.attention(g.rotary(q, List.of(1.0)), g.rotary(k, List.of(1.0)), v, attention)
            : g.attention(q, k, v, attention);
    return g.add(x, g.linear(g.mergeHeads(heads), name + ".o", 8));
  }
}
