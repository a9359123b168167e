package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.sampleworld.SampleWorld;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signal during Spark's jobs: they are cancelled, and nothing half written stays. */
class StoppedSparkTest {
  @TempDir Path folder;

  @Test
  void jobsAreCancelledAndNothingIsLeft() throws Exception {
    var runs = new Runs(folder);
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 60);
    var work = Files.createDirectory(folder.resolve("work"));
    var documents = work.resolve("documents");
    var settings = Files.writeString(folder.resolve("ingest.yaml"), "{}\n").toString();
    var ingest =
        List.of(
            "ingest",
            "--config=" + settings,
            "--set=tokenizer=" + sample.resolve(SampleWorld.TOKENIZER),
            "--set=sources=[{corpus: wikipedia, paths: [%s]}]"
                .formatted(sample.resolve("wikipedia")),
            "--set=output=" + documents);

    runs.ended("work", ingest, ".documents.unfinished");

    assertThat(runs.log("work"))
        .contains("SIGTERM: stops as soon as its state is saved; a second signal ends it at once")
        .contains(
            "stopped by SIGTERM: ingest has not written %s. Nothing of it is left behind; the same"
                    .formatted(documents)
                + " command begins it anew")
        .doesNotContain("Exception");
    try (var left = Files.list(work)) {
      assertThat(left).containsExactly(MetricsFile.of(documents));
    }
    assertThat(StageMetrics.read(MetricsFile.of(documents)).orElseThrow().state())
        .isEqualTo(State.STOPPED);
    runs.undisturbed("work", ingest);
    assertThat(documents.resolve("manifest.json")).exists();
  }
}
