package io.lorashear.torch;

import java.util.Arrays;
import java.util.List;

/**
 * What stands for a value in TorchScript: a name, or a call that makes it.
 *
 * @param text as it is written
 */
record Expression(String text) {

  /** A call of a function. */
  static Expression call(String function, Object... arguments) {
    var text = new StringBuilder(function).append('(');
    for (int i = 0; i < arguments.length; i++) {
      text.append(i == 0 ? "" : ", ").append(arguments[i]);
    }
    return new Expression(text.append(')').toString());
  }

  /** A call of a method of the same module. */
  static Expression self(String method, Object... arguments) {
    return call("self." + method, arguments);
  }

  /** A list. */
  static Expression list(Object... elements) {
    return new Expression(Arrays.asList(elements).toString());
  }

  /** A list of tensors, which may be empty. */
  static Expression tensors(List<Expression> elements) {
    return new Expression(elements.isEmpty() ? "annotate(List[Tensor], [])" : elements.toString());
  }

  /** A whole number as a real one. */
  static Expression real(int number) {
    return new Expression(number + ".");
  }

  /** A name of its own for something that is made on the way to this one. */
  Expression part(String suffix) {
    return new Expression(text + "_" + suffix);
  }

  /** An element, this being a list. */
  Expression at(int index) {
    return new Expression(text + "[" + index + "]");
  }

  /** The tensor's device. */
  Expression device() {
    return new Expression(text + ".device");
  }

  /** The tensor's gradient, as autograd adds it up. */
  Expression grad() {
    return new Expression(text + ".grad");
  }

  /** {@code this − other}. */
  Expression minus(Expression other) {
    return new Expression(text + " - " + other);
  }

  @Override
  public String toString() {
    return text;
  }
}
