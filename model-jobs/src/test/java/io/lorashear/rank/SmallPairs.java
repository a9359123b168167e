package io.lorashear.rank;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.torch.kernel.Kernels;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.Random;

/** Pairs beside a small model, with gradients of a few rows. */
final class SmallPairs implements AutoCloseable {
  static final int RANK = 5;

  final AdaptedModel model;
  final List<Pair> pairs;

  SmallPairs() {
    var graph = TinyModel.graph();
    var lora = new LoraSettings(RANK, RANK, List.of("q_proj", "down_proj"));
    model = AdaptedModel.load(graph, TinyModel.weights(graph, 3), lora, 7, Device.cpu());
    pairs = Pair.of(model.bindings(), model.model()::parameter);
    var random = new Random(11);
    for (var pair : pairs) {
      fill(pair.b(), random);
    }
  }

  private static void fill(NDArray array, Random random) {
    var values = new float[(int) array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    try (var fresh = array.getManager().create(values, array.getShape())) {
      array.muli(0).addi(fresh);
    }
  }

  /** Gradients of other rows for every seed, and of nothing before. */
  void backward(long seed) {
    Kernels.zeroGradients(List.copyOf(model.model().trainable().values()));
    Batch.of(TinyModel.sequences(3, 12, seed)).backward(model.model(), 1);
  }

  RankPruner pruner(RankSettings settings, int rank) {
    return new RankPruner(
        model.model().manager(),
        model.adam(AdamSettings.USUAL),
        model.bindings(),
        model.model()::parameter,
        settings,
        rank,
        1);
  }

  PlainMatrix a(int pair) {
    return PlainMatrix.of(pairs.get(pair).a());
  }

  PlainMatrix b(int pair) {
    return PlainMatrix.of(pairs.get(pair).b());
  }

  PlainMatrix gradientOfA(int pair) {
    try (var scope = model.model().manager().newSubManager()) {
      return PlainMatrix.of(pairs.get(pair).gradientOfA(scope));
    }
  }

  PlainMatrix gradientOfB(int pair) {
    try (var scope = model.model().manager().newSubManager()) {
      return PlainMatrix.of(pairs.get(pair).gradientOfB(scope));
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
