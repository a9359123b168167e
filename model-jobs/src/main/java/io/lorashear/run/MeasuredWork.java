package io.lorashear.run;

import io.lorashear.metrics.MetricsFile;
import io.lorashear.stop.StopRequest;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Work that is shown as before, and whose figures are also written to a metrics file. If a signal
 * asks to stop, its next step ends it, but not that of training, which saves its state first.
 */
final class MeasuredWork implements Progress.Work {
  private static final double SECOND = 1e9;

  private final Progress.Work shown;
  private final MetricsFile metrics;
  private final LongSupplier clock;
  private final String what;
  private final long total;
  private final String unit;
  private final long started;
  private long written;
  private long done;
  private long own;
  private boolean trains;
  private boolean saves;
  private Map<String, Double> figures = Map.of();

  /** Work timed by {@code clock}, which gives nanoseconds. */
  MeasuredWork(
      Progress.Work shown,
      MetricsFile metrics,
      LongSupplier clock,
      String what,
      long total,
      String unit) {
    this.shown = shown;
    this.metrics = metrics;
    this.clock = clock;
    this.what = what;
    this.total = total;
    this.unit = unit;
    this.started = clock.getAsLong();
    this.written = started;
    metrics.work(what, total, unit);
  }

  @Override
  public void step(long units) {
    done += units;
    own += units;
    shown.step(units);
    if (!saves) {
      StopRequest.check();
    }
    if (!trains && clock.getAsLong() - written >= SECOND) {
      tell();
    }
  }

  private void tell() {
    written = clock.getAsLong();
    double seconds = Math.max(1, written - started) / SECOND;
    metrics.progress(what, done, total, unit, own / seconds, figures);
  }

  @Override
  public void note(String text) {
    shown.note(text);
  }

  @Override
  public void measured(Map<String, Double> latest) {
    figures = latest;
    shown.measured(latest);
  }

  @Override
  public void trained(long step, Map<String, Double> figures) {
    done = step - 1;
    saves = true;
    trains =
        metrics.step(
            what, step, total,
            figures); // false if a resumed run repeats the step; then progress lines are written
    shown.trained(step, figures);
  }

  @Override
  public void validated(long step, double loss) {
    metrics.validation(what, step, loss);
    shown.validated(step, loss);
  }

  @Override
  public void close() {
    if (!trains) {
      tell();
    }
    shown.close();
  }
}
