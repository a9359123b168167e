package io.lorashear.family;

import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.RotaryTable;
import io.lorashear.graph.Value;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@link GraphBuilder} with the names and widths of one layer, for the blocks that write it.
 *
 * @param index its number, from 0
 * @param prefix prefix of its weights' names
 */
record Layer(GraphBuilder g, ModelConfig config, int index, String prefix) {

  LayerWidths widths() {
    return config.layers().get(index);
  }

  /** Query heads × head dimension. */
  int queryWidth() {
    return widths().queryHeads() * config.headDimension();
  }

  /** Key-value heads × head dimension. */
  int keyWidth() {
    return widths().keyValueHeads() * config.headDimension();
  }

  /** {@code x + y}, where y is the layer's attention; x if it has none. */
  Value addAttention(Value x, Supplier<Value> y) {
    return widths().attends() ? g.add(x, y.get()) : x;
  }

  /** {@code x + y}, where y is the layer's MLP or experts; x if it has none. */
  Value addMlp(Value x, Supplier<Value> y) {
    return widths().hasMlp() ? g.add(x, y.get()) : x;
  }

  /** {@code W x + b}, with the bias if {@code biased}. */
  Value linear(Value x, String module, boolean biased, int out) {
    @Nullable String bias = biased ? prefix + module + ".bias" : null;
    return g.linear(x, prefix + module + ".weight", bias, out);
  }

  /** Root-mean-square norm whose weight is stored as its difference from {@code offset}. */
  Value rmsNorm(Value x, String module, double offset) {
    return g.rmsNorm(x, prefix + module + ".weight", config.number("rms_norm_eps"), offset);
  }

  /** Layer norm with a bias; {@code epsilon} names the field with ε. */
  Value layerNorm(Value x, String module, String epsilon) {
    var name = prefix + module;
    return g.layerNorm(x, name + ".weight", name + ".bias", config.number(epsilon));
  }

  /** (B, T, heads × d) to (B, T, heads, d). */
  Value heads(Value x) {
    return g.splitHeads(x, config.headDimension());
  }

  /** {@code attention(rotary(q), rotary(k), v)}: heads (B, T, heads, d) to (B, T, heads × d). */
  Value rotaryAttention(Value q, Value k, Value v, Attention attention) {
    return rotaryAttention(q, k, v, attention, UnaryOperator.identity());
  }

  /** The same, with queries rotated by another table, which is derived from that of the keys. */
  Value rotaryAttention(
      Value q, Value k, Value v, Attention attention, UnaryOperator<RotaryTable> queries) {
    boolean slides = attention.window() != null;
    var table =
        RotaryFrequencies.of(config, slides ? RotaryParameters.SLIDING : RotaryParameters.FULL);
    return attention(g.rotary(q, queries.apply(table)), g.rotary(k, table), v, attention);
  }

  /** {@code attention(q, k, v)}: heads (B, T, heads, d) to (B, T, heads × d). */
  Value attention(Value q, Value k, Value v, Attention attention) {
    return g.mergeHeads(g.attention(q, k, v, attention));
  }
}
