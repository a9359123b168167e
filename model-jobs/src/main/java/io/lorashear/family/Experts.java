package io.lorashear.family;

import io.lorashear.InputException;
import io.lorashear.graph.Activation;
import io.lorashear.graph.Value;
import java.util.stream.IntStream;

/**
 * Several MLPs, of which a router picks a few for every token.
 *
 * <pre>
 *   y = Σ_{e ∈ top k} r_e · down_e(f(gate_e n) · up_e n)      r = softmax of W n, the k largest
 * </pre>
 *
 * @param module prefix of all its weights' names
 * @param gate last part of the names of the experts' gate weights
 * @param up the same for their up weights
 * @param down the same for their down weights
 * @param normed whether the r of the chosen experts sum to one
 */
record Experts(
    String module, String gate, String up, String down, Activation function, boolean normed)
    implements Block {

  @Override
  public Value write(Layer at, Value x) {
    int experts = at.widths().mlps().size();
    int chosen = at.config().size("num_experts_per_tok");
    if (chosen > experts) {
      throw new InputException(
          "%s: num_experts_per_tok is %d, but layer %d has %d experts",
          at.config().where(), chosen, at.index(), experts);
    }
    var router = at.prefix() + module + ".gate.weight";
    var routes = at.g().route(x, router, experts, chosen, normed); // (B, T, experts)
    return IntStream.range(0, experts)
        .mapToObj(expert -> expert(at, x, routes, expert))
        .reduce(at.g()::add)
        .orElseThrow(); // (B, T, hidden)
  }

  private Value expert(Layer at, Value x, Value routes, int expert) {
    var g = at.g();
    var stem = module + ".experts.";
    var own = stem + expert + ".";
    int channels = at.widths().mlps().get(expert);
    return g.scope(
        "experts." + expert,
        () -> {
          var n = g.dispatch(x, routes, expert, at.prefix() + stem); // (rows, hidden)
          var gated = at.linear(n, own + gate, false, channels); // (rows, channels)
          var upper = at.linear(n, own + up, false, channels); // (rows, channels)
          var inner = g.multiply(g.activate(gated, function), upper); // (rows, channels)
          var y = at.linear(inner, own + down, false, at.config().hiddenSize());
          return g.collect(y, routes, expert); // (B, T, hidden)
        });
  }
}
