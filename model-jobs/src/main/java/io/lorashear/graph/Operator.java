package io.lorashear.graph;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One step of a forward pass. Parameters are given by name; their extents are in the {@link
 * ModelGraph}.
 *
 * <p>Code tells operators apart in one of three ways. None of them has a default branch, so that a
 * new operator cannot be forgotten:
 *
 * <pre>
 *   operator.read(reading)               a {@link Reading}, where each operator's own fields matter
 *   switch (operator.kind()) { … }       an expression, where some operators are treated alike
 *   Sought.LINEAR.in(graph)              {@link Sought}: the operators of one kind
 * </pre>
 */
public sealed interface Operator {

  /** The result of {@code reading} for this operator. */
  <R> R read(Reading<R> reading);

  /** Its kind. */
  default OperatorKind kind() {
    return read(OperatorKind.READING);
  }

  /** Names of the parameters this operator reads, in the order a compiled call takes them. */
  default List<String> parameters() {
    return List.of();
  }

  /** ids (B, T) → rows of the table (vocabulary, features). */
  record Embedding(String table) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.embedding(this);
    }

    @Override
    public List<String> parameters() {
      return List.of(table);
    }
  }

  /** ids (B, T) → rows of the table (positions, features), by the position of each id. */
  record PositionEmbedding(String table) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.positionEmbedding(this);
    }

    @Override
    public List<String> parameters() {
      return List.of(table);
    }
  }

  /** How a linear's weight is stored. */
  enum Layout {
    /** (out, in), as torch.nn.Linear stores it. */
    OUT_IN,
    /** (in, out), as GPT-2's Conv1D stores it. */
    IN_OUT
  }

  /** {@code y = W x + b}. */
  record Linear(String weight, @Nullable String bias, Layout layout) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.linear(this);
    }

    @Override
    public List<String> parameters() {
      return Stream.of(weight, bias).filter(name -> name != null).toList();
    }
  }

  /**
   * A linear whose LoRA pair is trained only where its weight is not zero, so that zeros stay
   * zeros:
   *
   * <pre>
   *   y = (W + s·(B A)∘[W ≠ 0]) x + b
   * </pre>
   *
   * @param linear W and b
   * @param a name of A (rank, in)
   * @param b name of B (out, rank)
   * @param scale s
   */
  record MaskedLinear(Linear linear, String a, String b, double scale) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.maskedLinear(this);
    }

    /** W, A, B and, if there is one, the bias. */
    @Override
    public List<String> parameters() {
      return Stream.of(linear.weight(), a, b, linear.bias()).filter(name -> name != null).toList();
    }
  }

  /** Sum of two values of the same shape. */
  record Add() implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.add(this);
    }
  }

  /** Elementwise product of two values of the same shape. */
  record Multiply() implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.multiply(this);
    }
  }

  /** Product with a constant. */
  record Scale(double factor) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.scale(this);
    }
  }

  /** Product with the square root of the number of features. */
  record RootScale() implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.rootScale(this);
    }
  }

  /**
   * Which experts a row is routed to, and with what weight, from the router's scores: z (…,
   * experts) → (…, experts).
   *
   * <pre>
   *   y_e = exp(z_e) / Σ_{j ∈ top k of z} exp(z_j)   for e among the k largest,  else 0
   *   y_e = exp(z_e) / Σ_j exp(z_j)                  likewise, if it is not normed
   *   z_e = −∞                                       if row e of W is zero: there is no such expert
   * </pre>
   *
   * @param weight the router's W (experts, features)
   * @param normed whether the weights of the chosen experts sum to one
   */
  record Route(String weight, int k, boolean normed) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.route(this);
    }

    @Override
    public List<String> parameters() {
      return List.of(weight);
    }
  }

  /**
   * The rows of x (…, features) that routes (…, experts) send to one expert, one after the other.
   *
   * @param expert its index
   * @param stem prefix of the names of all parameters of experts, before the index and a dot
   */
  record Dispatch(int expert, String stem) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.dispatch(this);
    }
  }

  /** An expert's rows back in their positions, times their routing weights; zero elsewhere. */
  record Collect(int expert) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.collect(this);
    }
  }

  /** Elementwise function. */
  record Activate(Activation function) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.activate(this);
    }
  }

  /**
   * {@code y = x / √(Σx²/divisor + ε) · (offset + w)} over the last dimension.
   *
   * @param divisor the number of features as first traced, so that zeroed ones add nothing
   * @param offset 0, or 1 if the stored weight is the difference from one
   */
  record RmsNorm(String weight, double epsilon, int divisor, double offset) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.rmsNorm(this);
    }

    @Override
    public List<String> parameters() {
      return List.of(weight);
    }
  }

  /** {@code y = (x − mean) / √(variance + ε) · w + b} over the last dimension. */
  record LayerNorm(String weight, @Nullable String bias, double epsilon) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.layerNorm(this);
    }

    @Override
    public List<String> parameters() {
      return Stream.of(weight, bias).filter(name -> name != null).toList();
    }
  }

  /** (…, heads × headDim) → (…, heads, headDim). */
  record SplitHeads(int headDimension) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.splitHeads(this);
    }
  }

  /** (…, heads, headDim) → (…, heads × headDim). */
  record MergeHeads() implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.mergeHeads(this);
    }
  }

  /**
   * Rotary position embedding of (B, T, heads, headDim): the pair (i, i + n) of the first 2n
   * features is rotated by position × frequency i and scaled by the table's magnitude; the other
   * features are unchanged.
   */
  record Rotary(RotaryTable table) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.rotary(this);
    }
  }

  /**
   * Causal attention of q (B, T, kvHeads × group, headDim) to k, v (B, T, kvHeads, headDim).
   *
   * @param scale factor of the scores
   * @param window how many positions back a query attends to, its own included, or null for all
   * @param softCap c in {@code c·tanh(score/c)}, or null
   */
  record Attention(double scale, @Nullable Integer window, @Nullable Double softCap)
      implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.attention(this);
    }
  }

  /**
   * Part {@code index} of a last dimension that is a {@link Extent.Concat}; starts at {@code
   * offset} as traced.
   */
  record Part(int index, int offset, int size) implements Operator {
    @Override
    public <R> R read(Reading<R> reading) {
      return reading.part(this);
    }
  }
}
