package io.lorashear.family;

import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.RotaryTable;
import io.lorashear.graph.Value;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attention with rotary positions and a matrix each for q, k, v and o.
 *
 * <pre>
 *   q = rotary(norm(W_q x + b_q))    k = rotary(norm(W_k x + b_k))    v = W_v x + b_v
 *   y = W_o attention(q, k, v) + b_o
 * </pre>
 *
 * @param biased whether there are b_q, b_k, b_v
 * @param outputBiased whether there is b_o
 * @param norm what q and k are normalised over
 * @param offset added to the stored weights of those norms
 * @param turns which layers have rotary positions
 * @param emphasis derives the rotary table of queries from that of keys
 * @param slides which layers have a window
 * @param scale factor of the scores, or null for 1/√d
 * @param softCap see {@link Attention}
 */
record SelfAttention(
    boolean biased,
    boolean outputBiased,
    Norm norm,
    double offset,
    IntPredicate turns,
    UnaryOperator<RotaryTable> emphasis,
    IntPredicate slides,
    @Nullable Double scale,
    @Nullable Double softCap)
    implements Block {

  /** What queries and keys are normalised over. */
  enum Norm {
    NONE,
    /** Each head alone, with one weight for all heads. */
    HEAD,
    /** All heads of a token together. */
    WIDTH
  }

  /** Plain attention, over all positions in every layer unless the configuration sets a window. */
  static SelfAttention plain() {
    return new SelfAttention(
        false,
        false,
        Norm.NONE,
        0,
        layer -> true,
        UnaryOperator.identity(),
        layer -> true,
        null,
        null);
  }

  SelfAttention biased(boolean input, boolean output) {
    return new SelfAttention(input, output, norm, offset, turns, emphasis, slides, scale, softCap);
  }

  SelfAttention normed(Norm over, double added) {
    return new SelfAttention(
        biased, outputBiased, over, added, turns, emphasis, slides, scale, softCap);
  }

  SelfAttention turning(IntPredicate layers) {
    return new SelfAttention(
        biased, outputBiased, norm, offset, layers, emphasis, slides, scale, softCap);
  }

  SelfAttention emphasising(UnaryOperator<RotaryTable> queries) {
    return new SelfAttention(
        biased, outputBiased, norm, offset, turns, queries, slides, scale, softCap);
  }

  SelfAttention sliding(IntPredicate layers) {
    return new SelfAttention(
        biased, outputBiased, norm, offset, turns, emphasis, layers, scale, softCap);
  }

  SelfAttention scored(double factor, @Nullable Double cap) {
    return new SelfAttention(
        biased, outputBiased, norm, offset, turns, emphasis, slides, factor, cap);
  }

  @Override
  public Value write(Layer at, Value x) {
    return at.g()
        .scope(
            "attention",
            () -> {
              var q = heads(at, x, "q", at.queryWidth()); // (B, T, heads, d)
              var k = heads(at, x, "k", at.keyWidth()); // (B, T, kvHeads, d)
              var v = at.heads(at.linear(x, "self_attn.v_proj", biased, at.keyWidth()));
              var kind = attention(at);
              var y =
                  turns.test(at.index())
                      ? at.rotaryAttention(q, k, v, kind, emphasis)
                      : at.attention(q, k, v, kind); // (B, T, heads × d)
              return at.linear(y, "self_attn.o_proj", outputBiased, at.config().hiddenSize());
            });
  }

  private Value heads(Layer at, Value x, String name, int width) {
    var y = at.linear(x, "self_attn." + name + "_proj", biased, width); // (B, T, width)
    var normed = norm == Norm.WIDTH ? at.rmsNorm(y, "self_attn." + name + "_norm", offset) : y;
    var heads = at.heads(normed); // (B, T, heads, d)
    return norm == Norm.HEAD ? at.rmsNorm(heads, "self_attn." + name + "_norm", offset) : heads;
  }

  private Attention attention(Layer at) {
    double factor = scale == null ? 1 / Math.sqrt(at.config().headDimension()) : scale;
    var window = at.config().window(at.index(), slides.test(at.index()));
    return new Attention(factor, window, softCap);
  }
}
