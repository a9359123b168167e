package io.lorashear.torch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ATen's functions as they are called in TorchScript, one each. What the engine's documentation
 * writes with a trailing underscore ends in {@code InPlace}: it changes its first tensor.
 *
 * <p>An argument of type Object is a tensor or a number.
 */
final class Aten {
  /** A number, as no tensor is. */
  static final Expression ZERO = new Expression("0.");

  static final Expression MINUS_INFINITY = new Expression("-inf");

  /** PyTorch's numbers of types. */
  static final int FLOAT32 = 6;

  static final int INT64 = 4;
  static final int BFLOAT16 = 15;

  private Aten() {}

  private static Expression call(String function, Object... arguments) {
    return Expression.call("torch." + function, arguments);
  }

  private static String named(String name, Object value) {
    return name + "=" + value;
  }

  // Elementwise

  static Expression abs(Expression x) {
    return call("abs", x);
  }

  static Expression add(Object a, Object b) {
    return call("add", a, b);
  }

  static Expression addInPlace(Expression a, Object b) {
    return call("add_", a, b);
  }

  /** {@code a + factor·b}. */
  static Expression addInPlace(Expression a, Expression b, double factor) {
    return call("add_", a, b, named("alpha", factor));
  }

  /** {@code c + a∘b}. */
  static Expression addcmul(Expression c, Expression a, Expression b) {
    return call("addcmul", c, a, b);
  }

  static Expression addcmulInPlace(Expression c, Expression a, Expression b) {
    return call("addcmul_", c, a, b);
  }

  /** At least {@code least}. */
  static Expression clamp(Expression x, int least) {
    return call("clamp", x, least);
  }

  static Expression cos(Expression x) {
    return call("cos", x);
  }

  static Expression div(Object a, Object b) {
    return call("div", a, b);
  }

  static Expression eq(Expression a, Object b) {
    return call("eq", a, b);
  }

  static Expression floor(Expression x) {
    return call("floor", x);
  }

  static Expression floordiv(Expression a, Expression b) {
    return call("floordiv", a, b);
  }

  static Expression gt(Object a, Object b) {
    return call("gt", a, b);
  }

  static Expression log(Expression x) {
    return call("log", x);
  }

  static Expression logicalAnd(Object a, Object b) {
    return call("logical_and", a, b);
  }

  static Expression logicalNot(Expression x) {
    return call("logical_not", x);
  }

  static Expression lt(Object a, Object b) {
    return call("lt", a, b);
  }

  static Expression maskedFill(Expression x, Expression mask, Expression value) {
    return call("masked_fill", x, mask, value);
  }

  static Expression mul(Expression a, Object b) {
    return call("mul", a, b);
  }

  static Expression mulInPlace(Expression a, Object b) {
    return call("mul_", a, b);
  }

  static Expression neg(Expression x) {
    return call("neg", x);
  }

  static Expression pow(Expression x, Object exponent) {
    return call("pow", x, exponent);
  }

  static Expression rsqrt(Expression x) {
    return call("rsqrt", x);
  }

  static Expression sin(Expression x) {
    return call("sin", x);
  }

  static Expression square(Expression x) {
    return call("square", x);
  }

  static Expression sub(Expression a, Object b) {
    return call("sub", a, b);
  }

  static Expression tanh(Expression x) {
    return call("tanh", x);
  }

  /** Of another type; itself where it has that type. */
  static Expression to(Expression x, int type) {
    return call("to", x, type);
  }

  static Expression to(Expression x, Expression device, int type) {
    return call("to", x, device, type);
  }

  /** Of the type and on the device of {@code other}. */
  static Expression to(Expression x, Expression other) {
    return call("to", x, other);
  }

  static Expression where(Expression condition, Expression a, Expression b) {
    return call("where", condition, a, b);
  }

  /** A function of one value that has its name, in place where asked. */
  static Expression activation(String function, boolean inPlace, Expression x) {
    return call(inPlace ? function + "_" : function, x);
  }

  static Expression geluTanh(boolean inPlace, Expression x) {
    return call(inPlace ? "gelu_" : "gelu", x, named("approximate", "\"tanh\""));
  }

  /** The gradient behind a function, from the one after it and from what its slope reads. */
  static Expression slope(String function, Expression g, Expression read) {
    return call(function + "_backward", g, read);
  }

  static Expression geluSlope(Expression g, Expression x, String approximation) {
    return call("gelu_backward", g, x, named("approximate", "\"" + approximation + "\""));
  }

  static Expression thresholdSlope(Expression g, Expression x, int threshold) {
    return call("threshold_backward", g, x, threshold);
  }

  // Sums

  /** {@code √Σx²} over the last dimension, which stays with length 1. */
  static Expression norm(Expression x) {
    return call("linalg_vector_norm", x, 2, List.of(-1), "True");
  }

  static Expression softmax(Expression x) {
    return call("softmax", x, -1);
  }

  static Expression softmax(Expression x, int type) {
    return call("softmax", x, -1, type);
  }

  static Expression sum(Expression x, int dimension) {
    return call("sum", x, List.of(dimension));
  }

  /** The same; the dimension stays with length 1. */
  static Expression sumKept(Expression x, int dimension) {
    return call("sum", x, List.of(dimension), "True");
  }

  static Expression topk(Expression x, int k) {
    return call("topk", x, k);
  }

  // Products

  /** {@code c + a·b}. */
  static Expression addmm(Expression c, Expression a, Expression b) {
    return call("addmm", c, a, b);
  }

  static Expression addmmInPlace(Expression c, Expression a, Expression b) {
    return call("addmm_", c, a, b);
  }

  /** {@code c + factor·a·b}. */
  static Expression addmmInPlace(Expression c, Expression a, Expression b, double factor) {
    return call("addmm_", c, a, b, named("beta", 1), named("alpha", factor));
  }

  static Expression linear(Expression x, Expression w, @Nullable Expression b) {
    return b == null ? call("linear", x, w) : call("linear", x, w, b);
  }

  static Expression matmul(Expression a, Expression b) {
    return call("matmul", a, b);
  }

  static Expression mm(Expression a, Expression b) {
    return call("mm", a, b);
  }

  static Expression mm(Expression a, Expression b, Expression out) {
    return call("mm", a, b, named("out", out));
  }

  // Rows, places and shapes

  static Expression cat(List<Expression> all, int dimension) {
    return call("cat", all, dimension);
  }

  static Expression embedding(Expression table, Expression ids) {
    return call("embedding", table, ids);
  }

  static Expression expand(Expression x, List<?> sizes) {
    return call("expand", x, sizes);
  }

  static Expression flatten(Expression x) {
    return call("flatten", x);
  }

  static Expression flatten(Expression x, int first, int last) {
    return call("flatten", x, first, last);
  }

  static Expression gather(Expression x, Expression indices) {
    return call("gather", x, -1, indices);
  }

  static Expression indexAdd(Expression x, Expression rows, Expression added) {
    return call("index_add", x, 0, rows, added);
  }

  static Expression indexSelect(Expression x, Expression rows) {
    return call("index_select", x, 0, rows);
  }

  static Expression layerNorm(Expression x, Expression w, @Nullable Expression b, double epsilon) {
    var bias = b == null ? "None" : b;
    return call("layer_norm", x, List.of(size(x, -1)), w, bias, epsilon);
  }

  static Expression nonzero(Expression x) {
    return call("nonzero", x);
  }

  static Expression numel(Expression x) {
    return call("numel", x);
  }

  static Expression roll(Expression x, int shift) {
    return call("roll", x, List.of(shift), List.of(-1));
  }

  static Expression scatter(Expression x, Expression indices, Expression values) {
    return call("scatter", x, -1, indices, values);
  }

  static Expression select(Expression x, int index) {
    return call("select", x, -1, index);
  }

  static Expression size(Expression x, int dimension) {
    return call("size", x, dimension);
  }

  /** All sizes but the last, and {@code last} behind them. */
  static Expression sizes(Expression x, Object last) {
    return new Expression(call("size", x) + "[:-1] + [" + last + "]");
  }

  static Expression slice(Expression x, int dimension, Object from) {
    return call("slice", x, dimension, from);
  }

  static Expression slice(Expression x, int dimension, Object from, Object to) {
    return call("slice", x, dimension, from, to);
  }

  /** A matrix, turned. */
  static Expression t(Expression x) {
    return call("t", x);
  }

  static Expression transpose(Expression x, int a, int b) {
    return call("transpose", x, a, b);
  }

  static Expression unflatten(Expression x, int dimension, List<?> sizes) {
    return call("unflatten", x, dimension, sizes);
  }

  static Expression unsqueeze(Expression x, int dimension) {
    return call("unsqueeze", x, dimension);
  }

  static Expression view(Expression x, Object sizes) {
    return call("view", x, sizes);
  }

  // New tensors

  static Expression append(Expression list, Expression element) {
    return call("append", list, element);
  }

  static Expression clone(Expression x) {
    return call("clone", x);
  }

  /** Zeros of that shape, of the type and on the device of {@code x}. */
  static Expression newZeros(Expression x, Expression sizes) {
    return call("new_zeros", x, sizes);
  }

  static Expression tensor(List<Double> values, Expression device) {
    return call("tensor", values, named("dtype", FLOAT32), named("device", device));
  }

  static Expression zeros(Expression sizes, Expression device) {
    return call("zeros", sizes, named("dtype", FLOAT32), named("device", device));
  }

  /** No numbers. */
  static Expression nothing(Expression device) {
    return call("zeros", List.of(0), named("device", device));
  }

  static Expression zerosLike(Expression x) {
    return call("zeros_like", x);
  }

  // Autograd

  static Expression backward(Expression y, Expression g) {
    return call("backward", y, g);
  }

  static Expression detach(Expression x) {
    return call("detach", x);
  }

  static Expression requiresGrad(Expression x) {
    return call("requires_grad_", x);
  }
}
