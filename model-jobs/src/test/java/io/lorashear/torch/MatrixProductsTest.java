package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.lora.LoraSettings;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.TinyModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixProductsTest {
  private static final int TOKENS = 32;
  private static final int PREDICTED = 30;
  private static final int RANK = 4;

  /** (in, out) of the seven linears of a layer: q, k, v, o, gate, up, down. */
  private static final int[][] LAYER = {
    {16, 16}, {16, 8}, {16, 8}, {16, 16}, {16, 12}, {16, 12}, {12, 16}
  };

  @Test
  void aTrainingStepIsCountedProductByProduct() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(RANK, 8, List.of());
    try (var model = AdaptedModel.load(graph, TinyModel.weights(graph, 1), lora, 7, Device.cpu());
        var products = new MatrixProducts(model.model(), TOKENS, PREDICTED, true)) {
      long expected = 0;
      for (int layer = 0; layer < 2; layer++) {
        for (int i = 0; i < LAYER.length; i++) {
          long in = LAYER[i][0];
          long out = LAYER[i][1];
          boolean inputLearns =
              layer > 0 || i > 2; // before q, k, v of the first layer nothing does
          expected += 2L * TOKENS * in * out * (inputLearns ? 2 : 1); // W
          expected += 2L * TOKENS * in * RANK * (inputLearns ? 3 : 2); // A
          expected += 2L * TOKENS * RANK * out * 3; // B
        }
      }
      expected += 2L * PREDICTED * 16 * TinyModel.VOCABULARY * 2;
      assertThat(products.operations()).isEqualTo(expected);
      products.run();
    }
  }

  @Test
  void scoringGoesForwardOnly() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu());
        var products = new MatrixProducts(model, TOKENS, PREDICTED, false)) {
      long layer = 0;
      for (int[] linear : LAYER) {
        layer += 2L * TOKENS * linear[0] * linear[1];
      }
      assertThat(products.operations())
          .isEqualTo(2 * layer + 2L * PREDICTED * 16 * TinyModel.VOCABULARY);
      products.run();
    }
  }
}
