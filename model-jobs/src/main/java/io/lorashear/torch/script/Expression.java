package io.lorashear.torch.script;

import java.util.Arrays;
import java.util.List;

/**
 * An expression in TorchScript: a name, or a call.
 *
 * @param text the expression as written
 */
public record Expression(String text) {

  /** A call of a function. */
  public static Expression call(String function, Object... arguments) {
    var text = new StringBuilder(function).append('(');
    for (int i = 0; i < arguments.length; i++) {
      text.append(i == 0 ? "" : ", ").append(arguments[i]);
    }
    return new Expression(text.append(')').toString());
  }

  /** A call of a method of the same module. */
  public static Expression self(String method, Object... arguments) {
    return call("self." + method, arguments);
  }

  /** A list. */
  public static Expression list(Object... elements) {
    return new Expression(Arrays.asList(elements).toString());
  }

  /** A list of tensors, which may be empty. */
  public static Expression tensors(List<Expression> elements) {
    return new Expression(elements.isEmpty() ? "annotate(List[Tensor], [])" : elements.toString());
  }

  /** An integer as a floating-point literal. */
  public static Expression real(int number) {
    return new Expression(number + ".");
  }

  /** The name of an intermediate value on the way to this one. */
  public Expression part(String suffix) {
    return new Expression(text + "_" + suffix);
  }

  /** An element of this list. */
  public Expression at(int index) {
    return new Expression(text + "[" + index + "]");
  }

  /** The tensor's device. */
  public Expression device() {
    return new Expression(text + ".device");
  }

  /** The tensor's gradient, as autograd accumulates it. */
  public Expression grad() {
    return new Expression(text + ".grad");
  }

  /** {@code this − other}. */
  public Expression minus(Expression other) {
    return new Expression(text + " - " + other);
  }

  @Override
  public String toString() {
    return text;
  }
}
