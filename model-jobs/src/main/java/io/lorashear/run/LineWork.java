package io.lorashear.run;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/** Progress as plain lines for a log: few complete lines, at least a second apart. */
final class LineWork implements Progress.Work {
  private static final int LINES = 10;
  private static final long SECOND = 1_000_000_000;

  private final PrintStream out;
  private final String what;
  private final long total;
  private final String unit;
  private final LongSupplier clock;
  private final long started;
  private long said;
  private long done;
  private long told;
  private String note = "";

  /** Progress timed by {@code clock}, which gives nanoseconds. */
  LineWork(PrintStream out, LongSupplier clock, String what, long total, String unit) {
    this.out = out;
    this.what = what;
    this.total = total;
    this.unit = unit;
    this.clock = clock;
    this.started = clock.getAsLong();
    this.said = started;
    out.println(what + (total < 0 ? "" : ": " + total + " " + unit));
  }

  @Override
  public void step(long units) {
    done += units;
    if (total <= 0 || done >= total || done * LINES / total <= told) {
      return;
    }
    long now = clock.getAsLong();
    if (now - said >= SECOND) {
      said = now;
      told = done * LINES / total;
      out.println(what + ": " + done + " of " + total + " " + unit + note);
    }
  }

  @Override
  public void note(String text) {
    note = ", " + text;
  }

  @Override
  public void close() {
    long seconds = (clock.getAsLong() - started) / SECOND;
    out.println(what + ": " + done + " " + unit + " in " + seconds + " s" + note);
  }
}
