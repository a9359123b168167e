package io.lorashear.run;

import io.lorashear.metrics.MetricsFile;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Shows a waiting user how far the work is. Library code takes one and never prints by itself; the
 * commands give {@link #console}, tests {@link #silent}.
 */
public interface Progress {

  /**
   * Begins a piece of work.
   *
   * @param what what is done, for example "tokenize"
   * @param total how many units there are, or -1 if unknown
   * @param unit plural, for example "documents"
   */
  Work begin(String what, long total, String unit);

  /** One piece of work under way. Not for several threads at once. */
  interface Work extends AutoCloseable {
    /** {@code units} more are done. */
    void step(long units);

    /** The latest figure worth seeing, for example "loss 2.31". */
    void note(String text);

    /** The latest figures by name, kept beside how far the work is. */
    default void measured(Map<String, Double> figures) {}

    /**
     * What step {@code step} of a training measured, the first being 1; a resumed training tells
     * the steps that it finds done, too. Whoever shows bars or lines shows none of it.
     *
     * @param figures by name: loss, learningRate, tokensPerSecond, …
     */
    default void trained(long step, Map<String, Double> figures) {}

    /** The mean held-out loss after {@code step} steps, nats a token. */
    default void validated(long step, double loss) {}

    @Override
    void close();
  }

  /** Whether steps of training are written as TensorBoard's event files, too. */
  default boolean wantsEvents() {
    return false;
  }

  /** The same, with TensorBoard's event files. */
  default Progress withEvents() {
    var shown = this;
    return new Progress() {
      @Override
      public Work begin(String what, long total, String unit) {
        return shown.begin(what, total, unit);
      }

      @Override
      public boolean wantsEvents() {
        return true;
      }
    };
  }

  /** The same, whose figures are also written to {@code metrics}. */
  default Progress measured(MetricsFile metrics) {
    if (wantsEvents()) {
      metrics.withEvents();
    }
    return (what, total, unit) ->
        new MeasuredWork(begin(what, total, unit), metrics, System::nanoTime, what, total, unit);
  }

  /** Says nothing. */
  static Progress silent() {
    return (what, total, unit) -> new SilentWork();
  }

  /** A bar where {@code terminal}; else {@link #lines}. */
  static Progress to(PrintStream out, boolean terminal) {
    return terminal
        ? (what, total, unit) -> new BarWork(out, what, total, unit)
        : lines(out, System::nanoTime);
  }

  /**
   * A line at the start, after every tenth unless the last line is less than a second old, and at
   * the end.
   *
   * @param clock gives nanoseconds
   */
  static Progress lines(PrintStream out, LongSupplier clock) {
    return (what, total, unit) -> new LineWork(out, clock, what, total, unit);
  }

  /** To the error stream, so that results on the output stream can be piped. */
  static Progress console() {
    return to(System.err, isTerminal());
  }

  /** A bar on a terminal, else nothing: for work whose stages are told one by one. */
  static Progress barsOnly() {
    return isTerminal() ? console() : silent();
  }

  /** Whether somebody looks at what is printed. */
  @SuppressWarnings("SystemConsoleNull") // from Java 22 on a console may be no terminal: TERM tells
  static boolean isTerminal() {
    return System.console() != null && System.getenv("TERM") != null;
  }
}
