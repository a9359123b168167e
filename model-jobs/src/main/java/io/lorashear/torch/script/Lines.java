package io.lorashear.torch.script;

/** Lines of one TorchScript method, in the order they are written. */
public final class Lines {
  private static final Expression SPARE = new Expression("k");

  private final StringBuilder text = new StringBuilder();

  /** {@code name = value}; gives the name. */
  public Expression let(Expression name, Expression value) {
    text.append("    ").append(name).append(" = ").append(value).append('\n');
    return name;
  }

  /** {@code a, b = value}, of a call with two results. */
  public void let(Expression a, Expression b, Expression value) {
    text.append("    ").append(a).append(", ").append(b).append(", = ").append(value).append('\n');
  }

  /** A value that the next lines read, and nothing after them. */
  public Expression spare(Expression value) {
    return let(SPARE, value);
  }

  /** A call that is made for what it changes. */
  public void run(Expression call) {
    text.append("    ").append(call).append('\n');
  }

  /** All of them. */
  @Override
  public String toString() {
    return text.toString();
  }
}
