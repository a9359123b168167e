package io.lorashear.torch.script;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ATen's functions as calls in TorchScript, one method each. A function that ATen names with a
 * trailing underscore ends in {@code InPlace}: it changes its first tensor.
 *
 * <p>An argument of type Object is a tensor or a number.
 */
public final class Aten {
  /** A number, not a tensor. */
  public static final Expression ZERO = new Expression("0.");

  public static final Expression MINUS_INFINITY = new Expression("-inf");

  /** PyTorch's codes of element types. */
  public static final int FLOAT32 = 6;

  public static final int INT64 = 4;
  public static final int BFLOAT16 = 15;

  private Aten() {}

  private static Expression call(String function, Object... arguments) {
    return Expression.call("torch." + function, arguments);
  }

  private static String named(String name, Object value) {
    return name + "=" + value;
  }

  // Elementwise

  public static Expression abs(Expression x) {
    return call("abs", x);
  }

  public static Expression add(Object a, Object b) {
    return call("add", a, b);
  }

  public static Expression addInPlace(Expression a, Object b) {
    return call("add_", a, b);
  }

  /** {@code a + factor·b}. */
  public static Expression addInPlace(Expression a, Expression b, double factor) {
    return call("add_", a, b, named("alpha", factor));
  }

  /** {@code c + a∘b}. */
  public static Expression addcmul(Expression c, Expression a, Expression b) {
    return call("addcmul", c, a, b);
  }

  public static Expression addcmulInPlace(Expression c, Expression a, Expression b) {
    return call("addcmul_", c, a, b);
  }

  /** {@code max(x, least)}. */
  public static Expression clamp(Expression x, int least) {
    return call("clamp", x, least);
  }

  public static Expression cos(Expression x) {
    return call("cos", x);
  }

  public static Expression div(Object a, Object b) {
    return call("div", a, b);
  }

  public static Expression eq(Expression a, Object b) {
    return call("eq", a, b);
  }

  public static Expression floor(Expression x) {
    return call("floor", x);
  }

  public static Expression floordiv(Expression a, Expression b) {
    return call("floordiv", a, b);
  }

  public static Expression gt(Object a, Object b) {
    return call("gt", a, b);
  }

  public static Expression log(Expression x) {
    return call("log", x);
  }

  public static Expression logicalAnd(Object a, Object b) {
    return call("logical_and", a, b);
  }

  public static Expression logicalNot(Expression x) {
    return call("logical_not", x);
  }

  public static Expression lt(Object a, Object b) {
    return call("lt", a, b);
  }

  public static Expression maskedFill(Expression x, Expression mask, Expression value) {
    return call("masked_fill", x, mask, value);
  }

  public static Expression mul(Expression a, Object b) {
    return call("mul", a, b);
  }

  public static Expression mulInPlace(Expression a, Object b) {
    return call("mul_", a, b);
  }

  public static Expression neg(Expression x) {
    return call("neg", x);
  }

  public static Expression pow(Expression x, Object exponent) {
    return call("pow", x, exponent);
  }

  public static Expression rsqrt(Expression x) {
    return call("rsqrt", x);
  }

  public static Expression sin(Expression x) {
    return call("sin", x);
  }

  public static Expression square(Expression x) {
    return call("square", x);
  }

  public static Expression sub(Expression a, Object b) {
    return call("sub", a, b);
  }

  public static Expression tanh(Expression x) {
    return call("tanh", x);
  }

  /** x in another type; x itself if it has that type. */
  public static Expression to(Expression x, int type) {
    return call("to", x, type);
  }

  public static Expression to(Expression x, Expression device, int type) {
    return call("to", x, device, type);
  }

  /** x in the type and on the device of {@code other}. */
  public static Expression to(Expression x, Expression other) {
    return call("to", x, other);
  }

  public static Expression where(Expression condition, Expression a, Expression b) {
    return call("where", condition, a, b);
  }

  /** An activation by its ATen name, in place if asked. */
  public static Expression activation(String function, boolean inPlace, Expression x) {
    return call(inPlace ? function + "_" : function, x);
  }

  public static Expression geluTanh(boolean inPlace, Expression x) {
    return call(inPlace ? "gelu_" : "gelu", x, named("approximate", "\"tanh\""));
  }

  /**
   * The gradient of a function's input, from its output's gradient and what its derivative reads.
   */
  public static Expression slope(String function, Expression g, Expression read) {
    return call(function + "_backward", g, read);
  }

  public static Expression geluSlope(Expression g, Expression x, String approximation) {
    return call("gelu_backward", g, x, named("approximate", "\"" + approximation + "\""));
  }

  public static Expression thresholdSlope(Expression g, Expression x, int threshold) {
    return call("threshold_backward", g, x, threshold);
  }

  // Sums

  /** {@code √Σx²} over the last dimension, which is kept with length 1. */
  public static Expression norm(Expression x) {
    return call("linalg_vector_norm", x, 2, List.of(-1), "True");
  }

  public static Expression softmax(Expression x) {
    return call("softmax", x, -1);
  }

  public static Expression softmax(Expression x, int type) {
    return call("softmax", x, -1, type);
  }

  public static Expression sum(Expression x, int dimension) {
    return call("sum", x, List.of(dimension));
  }

  /** The same, of type {@code type}. */
  public static Expression sum(Expression x, int dimension, int type) {
    return call("sum", x, List.of(dimension), "False", named("dtype", type));
  }

  /** The same; the dimension is kept with length 1. */
  public static Expression sumKept(Expression x, int dimension) {
    return call("sum", x, List.of(dimension), "True");
  }

  public static Expression topk(Expression x, int k) {
    return call("topk", x, k);
  }

  // Products

  /** {@code c + a·b}. */
  public static Expression addmm(Expression c, Expression a, Expression b) {
    return call("addmm", c, a, b);
  }

  public static Expression addmmInPlace(Expression c, Expression a, Expression b) {
    return call("addmm_", c, a, b);
  }

  /** {@code c + factor·a·b}. */
  public static Expression addmmInPlace(Expression c, Expression a, Expression b, double factor) {
    return call("addmm_", c, a, b, named("beta", 1), named("alpha", factor));
  }

  public static Expression linear(Expression x, Expression w, @Nullable Expression b) {
    return b == null ? call("linear", x, w) : call("linear", x, w, b);
  }

  public static Expression matmul(Expression a, Expression b) {
    return call("matmul", a, b);
  }

  public static Expression mm(Expression a, Expression b) {
    return call("mm", a, b);
  }

  public static Expression mm(Expression a, Expression b, Expression out) {
    return call("mm", a, b, named("out", out));
  }

  // Rows, places and shapes

  public static Expression cat(List<Expression> all, int dimension) {
    return call("cat", all, dimension);
  }

  public static Expression embedding(Expression table, Expression ids) {
    return call("embedding", table, ids);
  }

  public static Expression expand(Expression x, List<?> sizes) {
    return call("expand", x, sizes);
  }

  public static Expression flatten(Expression x) {
    return call("flatten", x);
  }

  public static Expression flatten(Expression x, int first, int last) {
    return call("flatten", x, first, last);
  }

  public static Expression gather(Expression x, Expression indices) {
    return call("gather", x, -1, indices);
  }

  public static Expression indexAdd(Expression x, Expression rows, Expression added) {
    return call("index_add", x, 0, rows, added);
  }

  public static Expression indexSelect(Expression x, Expression rows) {
    return call("index_select", x, 0, rows);
  }

  public static Expression layerNorm(
      Expression x, Expression w, @Nullable Expression b, double epsilon) {
    var bias = b == null ? "None" : b;
    return call("layer_norm", x, List.of(size(x, -1)), w, bias, epsilon);
  }

  public static Expression nonzero(Expression x) {
    return call("nonzero", x);
  }

  public static Expression numel(Expression x) {
    return call("numel", x);
  }

  public static Expression roll(Expression x, int shift) {
    return call("roll", x, List.of(shift), List.of(-1));
  }

  public static Expression scatter(Expression x, Expression indices, Expression values) {
    return call("scatter", x, -1, indices, values);
  }

  public static Expression select(Expression x, int index) {
    return call("select", x, -1, index);
  }

  public static Expression size(Expression x, int dimension) {
    return call("size", x, dimension);
  }

  /** All sizes but the last, followed by {@code last}. */
  public static Expression sizes(Expression x, Object last) {
    return new Expression(call("size", x) + "[:-1] + [" + last + "]");
  }

  public static Expression slice(Expression x, int dimension, Object from) {
    return call("slice", x, dimension, from);
  }

  public static Expression slice(Expression x, int dimension, Object from, Object to) {
    return call("slice", x, dimension, from, to);
  }

  /** A matrix, transposed. */
  public static Expression t(Expression x) {
    return call("t", x);
  }

  public static Expression transpose(Expression x, int a, int b) {
    return call("transpose", x, a, b);
  }

  public static Expression unflatten(Expression x, int dimension, List<?> sizes) {
    return call("unflatten", x, dimension, sizes);
  }

  public static Expression unsqueeze(Expression x, int dimension) {
    return call("unsqueeze", x, dimension);
  }

  public static Expression view(Expression x, Object sizes) {
    return call("view", x, sizes);
  }

  // New tensors

  public static Expression append(Expression list, Expression element) {
    return call("append", list, element);
  }

  public static Expression clone(Expression x) {
    return call("clone", x);
  }

  /** Zeros of that shape, in the type and on the device of {@code x}. */
  public static Expression newZeros(Expression x, Expression sizes) {
    return call("new_zeros", x, sizes);
  }

  public static Expression tensor(List<Double> values, Expression device) {
    return call("tensor", values, named("dtype", FLOAT32), named("device", device));
  }

  public static Expression zeros(Expression sizes, Expression device) {
    return call("zeros", sizes, named("dtype", FLOAT32), named("device", device));
  }

  /** An empty tensor. */
  public static Expression nothing(Expression device) {
    return call("zeros", List.of(0), named("device", device));
  }

  public static Expression zerosLike(Expression x) {
    return call("zeros_like", x);
  }

  // Autograd

  public static Expression backward(Expression y, Expression g) {
    return call("backward", y, g);
  }

  public static Expression detach(Expression x) {
    return call("detach", x);
  }

  public static Expression requiresGrad(Expression x) {
    return call("requires_grad_", x);
  }
}
