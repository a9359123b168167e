package io.lorashear.graph;

import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Layout;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Small models of every shape the graph language can say: grouped and plain heads, projections that
 * are plain, fused, or fused head by head, norms of heads and of all heads together, both weight
 * layouts, biases, gates that keep zero and gates that do not, a matrix whose input and output are
 * one axis, experts behind a router, tied and free heads, learnt positions, both norms.
 */
public final class RandomGraphs {
  /** Tokens of every random model. */
  public static final int VOCABULARY = 13;

  private static final int HEAD = 4;
  private final Random random;
  private final GraphBuilder g = new GraphBuilder();
  private int weights;
  private String prefix = "";

  private RandomGraphs(Random random) {
    this.random = random;
  }

  /** A model of one to three blocks. */
  public static ModelGraph graph(Random random) {
    return new RandomGraphs(random).build();
  }

  /** Normal weights, standard deviation 0.3, norms and biases moved off 1 and 0. */
  public static InMemoryTensors weights(ModelGraph graph, Random random) {
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            (float) (0.3 * random.nextGaussian() + (parameter.extents().size() == 1 ? 1 : 0));
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }

  private ModelGraph build() {
    int hidden = 4 + random.nextInt(5);
    boolean meanNorm = random.nextInt(4) == 0;
    var x = g.embedding(g.tokens(), "embedding", VOCABULARY, hidden);
    if (random.nextInt(3) == 0) {
      x = g.add(x, g.positionEmbedding(g.tokens(), "positions", 7, hidden));
    }
    if (random.nextInt(8) == 0) {
      x = g.rootScale(x);
    }
    int blocks = 1 + random.nextInt(3);
    for (int i = 0; i < blocks; i++) {
      var before = x;
      x =
          g.block(
              "layers." + i,
              () -> {
                var n = norm(before, meanNorm);
                var h =
                    random.nextBoolean()
                        ? g.add(before, g.scope("attention", () -> attention(n, hidden)))
                        : before;
                var m = norm(h, meanNorm);
                boolean several = random.nextInt(4) == 0;
                return g.add(
                    h, several ? experts(m, hidden) : g.scope("mlp", () -> mlp(m, hidden)));
              });
    }
    var last = norm(x, meanNorm);
    return g.build(g.linear(last, random.nextBoolean() ? "embedding" : "head", VOCABULARY));
  }

  private Value norm(Value x, boolean mean) {
    return mean
        ? g.layerNorm(x, name("norm"), random.nextBoolean() ? name("bias") : null, 1e-5)
        : g.rmsNorm(x, name("norm"), 1e-3, random.nextInt(2));
  }

  private Value attention(Value x, int hidden) {
    int keys = 1 + random.nextInt(3);
    var heads = random.nextInt(4) == 0 ? interleaved(x, keys) : grouped(x, keys);
    var q = turned(heads.get(0));
    var k = turned(heads.get(1));
    var attention =
        new Attention(
            0.5, random.nextBoolean() ? null : 2, random.nextBoolean() ? null : Double.valueOf(3));
    return linear(g.mergeHeads(g.attention(q, k, heads.get(2), attention)), hidden);
  }

  /** q, k and v of one head lie one after the other. */
  private List<Value> interleaved(Value x, int heads) {
    return g.split(g.splitHeads(linear(x, heads * 3 * HEAD), 3 * HEAD), List.of(HEAD, HEAD, HEAD));
  }

  private List<Value> grouped(Value x, int keys) {
    int queries = keys * (1 + random.nextInt(3));
    var qkv =
        random.nextBoolean()
            ? g.split(
                linear(x, (queries + 2 * keys) * HEAD),
                List.of(queries * HEAD, keys * HEAD, keys * HEAD))
            : List.of(linear(x, queries * HEAD), linear(x, keys * HEAD), linear(x, keys * HEAD));
    int normed = random.nextInt(3);
    return IntStream.range(0, 3)
        .mapToObj(
            i -> {
              var wide = normed == 1 && i < 2 ? norm(qkv.get(i), false) : qkv.get(i);
              var heads = g.splitHeads(wide, HEAD);
              return normed == 2 && i < 2 ? norm(heads, false) : heads;
            })
        .toList();
  }

  private Value turned(Value heads) {
    return random.nextBoolean() ? g.rotary(heads, List.of(1.0, 0.1)) : heads;
  }

  private Value experts(Value x, int hidden) {
    int count = 2 + random.nextInt(3);
    var stem = name("experts") + ".";
    var routes = g.route(x, name("router"), count, 1 + random.nextInt(2), random.nextBoolean());
    return IntStream.range(0, count)
        .mapToObj(
            e ->
                g.scope(
                    "experts." + e,
                    () -> {
                      var rows = g.dispatch(x, routes, e, stem);
                      prefix = stem + e + ".";
                      var y = mlp(rows, hidden);
                      prefix = "";
                      return g.collect(y, routes, e);
                    }))
        .reduce(g::add)
        .orElseThrow();
  }

  private Value mlp(Value x, int hidden) {
    int channels = 2 + random.nextInt(6);
    var inner =
        switch (random.nextInt(5)) {
          case 0 -> g.activate(linear(x, channels), Activation.GELU_TANH);
          case 1 ->
              g.multiply(g.activate(linear(x, channels), Activation.SIGMOID), linear(x, channels));
          case 2 -> g.activate(linear(x, channels), Activation.SIGMOID);
          case 3 -> {
            var parts = g.split(linear(x, 2 * channels), List.of(channels, channels));
            yield g.multiply(g.activate(parts.get(0), Activation.SILU), parts.get(1));
          }
          default -> {
            var c = g.activate(linear(x, channels), Activation.RELU);
            yield g.add(c, g.scale(linear(c, channels), 0.5)); // an axis that meets itself
          }
        };
    return linear(inner, hidden);
  }

  private Value linear(Value x, int out) {
    @Nullable String bias = random.nextInt(3) == 0 ? name("bias") : null;
    var layout = random.nextInt(4) == 0 ? Layout.IN_OUT : Layout.OUT_IN;
    return g.linear(x, name("linear") + ".weight", bias, layout, out, AxisRole.CHANNELS, "");
  }

  private String name(String kind) {
    return prefix + kind + weights++;
  }
}
