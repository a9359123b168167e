package io.lorashear.spark.job;

import io.lorashear.cli.DeviceOption;
import io.lorashear.cli.TensorBoardOption;
import io.lorashear.run.CacheFolder;
import io.lorashear.run.Progress;
import io.lorashear.spark.pipeline.Demo;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear demo}: the whole pipeline once, on a sample world and a model trained on it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Makes a sample world, trains a small model on it, prunes a fifth of its parameters,"
            + " recovers it, and prints the results of each step. Needs nothing else.",
    footer = {"", "Example:", "  lorashear demo --out demo"})
public final class DemoCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "demo",
      description = "Folder for all results, ${DEFAULT-VALUE} by default.")
  Path folder = Path.of("demo");

  @Option(
      names = "--ceiling",
      description =
          "Also gives the dense model the recovery of the pruned one, to compare with: a sixth more"
              + " time.")
  boolean ceiling;

  @Option(
      names = "--dry-run",
      description =
          "Says which stages are done, which would run, and how much disk space they need.")
  boolean dryRun;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    var conf = Path.of(System.getProperty("lorashear.home", ".")).resolve("conf");
    var results = folder.toAbsolutePath().normalize();
    var cache = CacheFolder.ofUser().folder();
    Session.requireHeap();
    if (dryRun) {
      out.println(Demo.plan(conf, results, cache, ceiling));
      out.flush();
      return 0;
    }
    var progress = tensorboard.progress(Progress.barsOnly());
    try (var session = Session.open("demo", progress)) {
      var demo =
          new Demo(
              session.spark(),
              conf,
              results,
              cache,
              ceiling,
              device.device(),
              progress,
              text -> {
                out.println(text);
                out.flush();
              });
      out.println(demo.run());
      out.flush();
    }
    return 0;
  }
}
