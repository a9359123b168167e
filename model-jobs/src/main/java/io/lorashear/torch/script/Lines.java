package io.lorashear.torch.script;

/** Lines of one TorchScript method, in the order they are written. */
public final class Lines {
  private static final Expression SPARE = new Expression("k");

  private final StringBuilder text = new StringBuilder();

  /** {@code name = value}; returns the name. */
  public Expression let(Expression name, Expression value) {
    text.append("    ").append(name).append(" = ").append(value).append('\n');
    return name;
  }

  /** {@code a, b = value}, for a call with two results. */
  public void let(Expression a, Expression b, Expression value) {
    text.append("    ").append(a).append(", ").append(b).append(", = ").append(value).append('\n');
  }

  /** A value that only the next lines read; returns its name. */
  public Expression spare(Expression value) {
    return let(SPARE, value);
  }

  /** A call that is made for its side effects. */
  public void run(Expression call) {
    text.append("    ").append(call).append('\n');
  }

  /** All lines. */
  @Override
  public String toString() {
    return text.toString();
  }
}
