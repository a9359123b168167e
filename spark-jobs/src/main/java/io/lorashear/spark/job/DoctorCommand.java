package io.lorashear.spark.job;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.doctor.Doctor;
import io.lorashear.doctor.Finding;
import io.lorashear.spark.version.SparkVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear doctor}: reports what this machine supports, and what it lacks. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Checks Java, Spark, PyTorch, GPUs and their driver, bfloat16, memory, the allocator and"
            + " disks, and says how to fix what is missing. Exit code 1 means that commands could"
            + " not run.",
    footer = {"", "Example:", "  lorashear doctor --json"})
public final class DoctorCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Prints the findings as JSON.")
  boolean json;

  @Override
  public Integer call() {
    var findings = new ArrayList<>(Doctor.examine(Path.of("").toAbsolutePath()));
    findings.add(1, spark());
    var out = spec.commandLine().getOut();
    if (json) {
      var all = JsonFile.object();
      var list = all.putArray("findings");
      findings.forEach(finding -> list.add(finding.toJson()));
      out.println(all.toPrettyString());
    } else {
      findings.forEach(finding -> out.println(finding.lines()));
    }
    out.flush();
    boolean broken = findings.stream().anyMatch(f -> f.state() == Finding.State.BROKEN);
    return broken ? 1 : 0;
  }

  /** Reports on Spark without starting a session. */
  private static Finding spark() {
    var spark = SparkVersion.running();
    var refusal =
        SparkVersion.ofThisProgram()
            .flatMap(built -> built.refusal(spark))
            .or(() -> spark.tested() ? Optional.empty() : Optional.of(SparkVersion.REMEDY));
    var master = System.getProperty("spark.master", "local");
    return new Finding(
        "spark",
        refusal.isEmpty() ? Finding.State.OK : Finding.State.LACK,
        "%s, master %s".formatted(spark.spark(), master),
        refusal.orElse(""),
        Map.of("version", spark.spark(), "scala", spark.scala(), "master", master));
  }
}
