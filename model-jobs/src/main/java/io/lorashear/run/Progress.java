package io.lorashear.run;

import io.lorashear.log.LogFormat;
import io.lorashear.metrics.MetricsFile;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Shows the user how far the work is. Library code takes a {@code Progress} and never prints by
 * itself; commands pass {@link #console}, tests {@link #silent}.
 */
public interface Progress {

  /**
   * Begins a piece of work.
   *
   * @param what name of the work, for example "tokenize"
   * @param total number of units, or -1 if unknown
   * @param unit name of the units, in the plural, for example "documents"
   */
  Work begin(String what, long total, String unit);

  /** One piece of work in progress. Not thread-safe. */
  interface Work extends AutoCloseable {
    /** Reports that {@code units} more units are done. */
    void step(long units);

    /** Shows the latest figure, for example "loss 2.31". */
    void note(String text);

    /** Reports the latest figures by name, to be written with the amount of work done. */
    default void measured(Map<String, Double> figures) {}

    /**
     * Reports the figures of training step {@code step}, counted from 1; a resumed training also
     * reports the steps that it finds done. Bars and lines do not show them.
     *
     * @param figures figures by name: loss, learningRate, tokensPerSecond, …
     */
    default void trained(long step, Map<String, Double> figures) {}

    /** Reports the mean held-out loss after {@code step} steps, in nats per token. */
    default void validated(long step, double loss) {}

    @Override
    void close();
  }

  /** Whether training steps are also written as TensorBoard event files. */
  default boolean wantsEvents() {
    return false;
  }

  /** The same, with TensorBoard event files. */
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

  /** The same, with figures also written to {@code metrics}. */
  default Progress measured(MetricsFile metrics) {
    if (wantsEvents()) {
      metrics.withEvents();
    }
    return (what, total, unit) ->
        new MeasuredWork(begin(what, total, unit), metrics, System::nanoTime, what, total, unit);
  }

  /** Shows nothing. */
  static Progress silent() {
    return (what, total, unit) -> new SilentWork();
  }

  /** A bar if {@code terminal}, else {@link #lines}. */
  static Progress to(PrintStream out, boolean terminal) {
    return terminal
        ? (what, total, unit) -> new BarWork(out, what, total, unit)
        : lines(out, System::nanoTime);
  }

  /**
   * A line at the start, after every tenth of the work unless the last line is less than a second
   * old, and at the end.
   *
   * @param clock gives nanoseconds
   */
  static Progress lines(PrintStream out, LongSupplier clock) {
    return (what, total, unit) -> new LineWork(out, clock, what, total, unit);
  }

  /** Progress on the error stream, so that results on the output stream can be piped. */
  static Progress console() {
    return to(System.err, isTerminal() && LogFormat.current() == LogFormat.TEXT);
  }

  /** A bar on a terminal, else nothing: for runs that report each stage by a line of their own. */
  static Progress barsOnly() {
    return isTerminal() ? console() : silent();
  }

  /** Whether the program prints to a terminal. */
  @SuppressWarnings("SystemConsoleNull") // from Java 22 on a console need not be a terminal
  static boolean isTerminal() {
    return System.console() != null && System.getenv("TERM") != null;
  }
}
