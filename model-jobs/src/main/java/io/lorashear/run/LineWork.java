package io.lorashear.run;

import java.io.PrintStream;

/** Plain lines for a log: few, and each complete. */
final class LineWork implements Progress.Work {
  private static final int LINES = 10;

  private final PrintStream out;
  private final String what;
  private final long total;
  private final String unit;
  private final long startedNanos = System.nanoTime();
  private long done;
  private long told;
  private String note = "";

  LineWork(PrintStream out, String what, long total, String unit) {
    this.out = out;
    this.what = what;
    this.total = total;
    this.unit = unit;
    out.println(what + (total < 0 ? "" : ": " + total + " " + unit));
  }

  @Override
  public void step(long units) {
    done += units;
    if (total > 0 && done < total && done * LINES / total > told) {
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
    long seconds = (System.nanoTime() - startedNanos) / 1_000_000_000;
    out.println(what + ": " + done + " " + unit + " in " + seconds + " s" + note);
  }
}
