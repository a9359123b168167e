package io.lorashear.train;

import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.graph.ModelGraph;
import java.util.List;
import java.util.Random;

/** Adapters of {@link TinyModel}. */
public final class SmallAdapters {
  private SmallAdapters() {}

  /** Of several ranks and scales, beside some linears only. */
  public static PeftAdapter uneven(ModelGraph graph) {
    var pairs =
        List.of(
            new LoraPair("model.layers.0.self_attn.q_proj", 2, 1.5),
            new LoraPair("model.layers.0.mlp.down_proj", 3, 0.5),
            new LoraPair("model.layers.1.self_attn.v_proj", 1, 4));
    var random = new Random(8);
    var tensors = new InMemoryTensors();
    for (var pair : pairs) {
      long[] shape = graph.parameter(pair.weight()).shape();
      tensors.put(pair.a(), normal(random, pair.rank() * shape[1]), pair.rank(), shape[1]);
      tensors.put(pair.b(), normal(random, shape[0] * pair.rank()), shape[0], pair.rank());
    }
    return new PeftAdapter(pairs, tensors);
  }

  private static float[] normal(Random random, long count) {
    var values = new float[(int) count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** W + s·BA, number by number. */
  public static TensorSource merged(TensorSource base, PeftAdapter adapter) {
    var all = new InMemoryTensors();
    base.tensors().forEach((name, info) -> all.put(name, base.floats(name), info.shape()));
    for (var pair : adapter.pairs()) {
      var w = base.floats(pair.weight());
      var a = adapter.tensors().floats(pair.a());
      var b = adapter.tensors().floats(pair.b());
      int in = a.length / pair.rank();
      for (int i = 0; i < w.length; i++) {
        double sum = 0;
        for (int r = 0; r < pair.rank(); r++) {
          sum += (double) b[i / in * pair.rank() + r] * a[r * in + i % in];
        }
        w[i] += (float) (pair.scale() * sum);
      }
      all.put(pair.weight(), w, base.tensor(pair.weight()).shape());
    }
    return all;
  }
}
