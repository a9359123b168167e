package io.lorashear.score;

import ai.djl.Device;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.graph.Activation;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Value;
import io.lorashear.torch.TorchModel;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A model of two layers and forty words with drawn weights; attention as asked for. */
public final class SmallModel {
  public static final int VOCABULARY = 40;
  private static final int HIDDEN = 16;
  private static final int HEAD = 4;

  private SmallModel() {}

  public static TorchModel load(@Nullable Integer window, @Nullable Double softCap) {
    var graph = graph(new Attention(0.5, window, softCap));
    var tensors = new InMemoryTensors();
    var random = new Random(7);
    for (var parameter : graph.parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.4 * random.nextGaussian());
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return TorchModel.load(graph, tensors, Device.cpu());
  }

  private static ModelGraph graph(Attention attention) {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "table", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < 2; layer++) {
      var before = x;
      var name = "layers." + layer;
      x = g.block(name, () -> block(g, before, name, attention));
    }
    return g.build(g.linear(g.rmsNorm(x, "norm", 1e-5), "table", VOCABULARY));
  }

  private static Value block(GraphBuilder g, Value x, String name, Attention attention) {
    var n = g.rmsNorm(x, name + ".norm", 1e-5);
    var frequencies = List.of(1.0, 0.1);
    var q = g.rotary(g.splitHeads(g.linear(n, name + ".q", HIDDEN), HEAD), frequencies);
    var k = g.rotary(g.splitHeads(g.linear(n, name + ".k", HIDDEN / 2), HEAD), frequencies);
    var v = g.splitHeads(g.linear(n, name + ".v", HIDDEN / 2), HEAD);
    var y = g.linear(g.mergeHeads(g.attention(q, k, v, attention)), name + ".o", HIDDEN);
    var h = g.add(x, y);
    var up = g.activate(g.linear(h, name + ".up", 2 * HIDDEN), Activation.SILU);
    return g.add(h, g.linear(up, name + ".down", HIDDEN));
  }
}
