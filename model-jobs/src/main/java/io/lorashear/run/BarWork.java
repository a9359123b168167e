package io.lorashear.run;

import io.lorashear.stop.StopRequest;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar that is redrawn in place. */
final class BarWork implements Progress.Work {
  private final ProgressBar bar;

  BarWork(PrintStream out, String what, long total, String unit) {
    var console = new ConsoleProgressBarConsumer(out);
    console.getMaxRenderedLength(); // opens the terminal, which would end the process at Ctrl-C
    StopRequest.listenAgain();
    bar =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(total)
            .setUnit(" " + unit, 1)
            .setUpdateIntervalMillis(200)
            .setConsumer(console)
            .build();
  }

  @Override
  public void step(long units) {
    bar.stepBy(units);
  }

  @Override
  public void note(String text) {
    bar.setExtraMessage(" " + text);
  }

  @Override
  public void close() {
    bar.close();
  }
}
