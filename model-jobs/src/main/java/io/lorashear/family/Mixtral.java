package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.Activation;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import java.util.stream.IntStream;

/**
 * Mixtral 8x7B (arXiv 2401.04088): Mistral with several MLPs a layer, of which a router picks two
 * for every token.
 *
 * <pre>
 *   x ← x + Σ_{e ∈ top k} r_e · w2_e(silu(w1_e n) · w3_e n)      r = softmax of the k largest of W n
 * </pre>
 */
final class Mixtral implements Family {
  private static final Fields FIELDS =
      Fields.rotary(false, 1e-5, 1_000_000)
          .reads("hidden_act", "silu")
          .reads("num_experts_per_tok", 2)
          .reads("num_key_value_heads", 8)
          .reads("num_local_experts", 8)
          .reads("sliding_window");

  @Override
  public Fields fields() {
    return FIELDS;
  }

  @Override
  public ModelGraph trace(ModelConfig config) {
    var gate = config.activation("hidden_act");
    return new Decoder(config).plain(SelfAttention.plain(), (at, x) -> experts(at, x, gate));
  }

  private static Value experts(Layer at, Value x, Activation function) {
    int experts = at.widths().mlps().size();
    int chosen = at.config().size("num_experts_per_tok");
    if (chosen > experts) {
      throw new InputException(
          "%s: num_experts_per_tok is %d, but layer %d has %d experts",
          at.config().where(), chosen, at.index(), experts);
    }
    var router = at.prefix() + "block_sparse_moe.gate.weight";
    var routes = at.g().route(x, router, experts, chosen); // (B, T, experts)
    return IntStream.range(0, experts)
        .mapToObj(expert -> expert(at, x, routes, expert, function))
        .reduce(at.g()::add)
        .orElseThrow(); // (B, T, hidden)
  }

  private static Value expert(Layer at, Value x, Value routes, int expert, Activation function) {
    var g = at.g();
    var stem = "block_sparse_moe.experts.";
    var module = stem + expert + ".";
    int channels = at.widths().mlps().get(expert);
    return g.scope(
        "experts." + expert,
        () -> {
          var n = g.dispatch(x, routes, expert, at.prefix() + stem); // (rows, hidden)
          var gate = at.linear(n, module + "w1", false, channels); // (rows, channels)
          var up = at.linear(n, module + "w3", false, channels); // (rows, channels)
          var inner = g.multiply(g.activate(gate, function), up); // (rows, channels)
          var y = at.linear(inner, module + "w2", false, at.config().hiddenSize());
          return g.collect(y, routes, expert); // (B, T, hidden)
        });
  }
}
