package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.watch.Watch;
import io.lorashear.watch.WatchServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear watch}: shows the progress of a run. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description =
        "Follows a run until it ends: stage, step, loss, tokens a second, device, time left. The"
            + " run may belong to another process, may not have begun, or may be over. Exit code 1"
            + " means that the run failed or died.",
    footer = {
      "",
      "Examples:",
      "  lorashear watch demo",
      "  lorashear watch work/smollm2-135m --page",
      "  lorashear watch work/pruned --once"
    })
public final class WatchCommand implements Callable<Integer> {
  private static final int PORTS = 65_535;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "RUN",
      description =
          "Folder that the run works in (its setting work, or demo's --out), or the output of a"
              + " single stage.")
  Path run = Path.of("");

  @Option(names = "--once", description = "Prints the state of the run, and exits.")
  boolean once;

  @Option(
      names = "--page",
      description = "Serves a page with live curves, to this machine only, until the run ends.")
  boolean page;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the page on 127.0.0.1; a free one by default.")
  @Nullable Integer port;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port != null && !page) {
      throw new InputException("--port is %d, but there is no page: give --page, too", port);
    }
    if (port != null && (port < 1 || port > PORTS)) {
      throw new InputException("--port is %d: give a number from 1 to %d", port, PORTS);
    }
    if (once && page) {
      throw new InputException("--once and --page are both given: a page is there while one waits");
    }
    var out = spec.commandLine().getOut();
    var watch =
        new Watch(
            run,
            out,
            Progress.isTerminal(),
            InstantSource.system(),
            t -> Thread.sleep(t.toMillis()));
    if (once) {
      return code(watch.once());
    }
    return code(page ? served(watch) : watch.follow());
  }

  private boolean served(Watch watch) throws IOException, InterruptedException {
    try (var server = new WatchServer(run, port == null ? 0 : port, InstantSource.system())) {
      spec.commandLine().getOut().println("the page is at " + server.address());
      spec.commandLine().getOut().flush();
      boolean done = watch.follow();
      server.awaitLastLooks();
      return done;
    }
  }

  private static int code(boolean good) {
    return good ? 0 : Failures.FAILED;
  }
}
