package io.lorashear.torch;

/** Lines of one TorchScript method, in the order they are written. */
final class Lines {
  private static final Expression SPARE = new Expression("k");

  private final StringBuilder text = new StringBuilder();

  /** {@code name = value}; gives the name. */
  Expression let(Expression name, Expression value) {
    text.append("    ").append(name).append(" = ").append(value).append('\n');
    return name;
  }

  /** {@code a, b = value}, of a call with two results. */
  void let(Expression a, Expression b, Expression value) {
    text.append("    ").append(a).append(", ").append(b).append(", = ").append(value).append('\n');
  }

  /** A value that the next lines read, and nothing after them. */
  Expression spare(Expression value) {
    return let(SPARE, value);
  }

  /** A call that is made for what it changes. */
  void run(Expression call) {
    text.append("    ").append(call).append('\n');
  }

  /** All of them. */
  @Override
  public String toString() {
    return text.toString();
  }
}
