package io.lorashear.spark.job;

import io.lorashear.bench.Measurement;
import io.lorashear.cli.BenchCommand;
import io.lorashear.run.Progress;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.ingest.IngestBench;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.tokenize.TokenizeBench;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code lorashear bench}, with the workloads that need Spark. */
@Command(name = "bench")
public final class BenchJob extends BenchCommand {

  @Override
  protected Measurement tokenize(Optional<Path> file, int repetitions, List<String> overrides) {
    try {
      var output = Files.createTempDirectory("lorashear-bench");
      var unless = List.of(Overrides.quoted("output", output.resolve("corpus")));
      var given = Overrides.implied(unless).and(Overrides.given(overrides));
      var settings =
          file.map(path -> Settings.load(TokenizeSettings.class, path, given))
              .orElseGet(() -> Settings.defaults(TokenizeSettings.class, given));
      try (var session = Session.open("bench", Progress.silent())) {
        return new TokenizeBench(session.spark(), settings, repetitions).measure();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Measurement ingest(Path file, int repetitions, List<String> overrides) {
    var settings = Settings.load(IngestSettings.class, file, overrides);
    try (var session = Session.open("bench", Progress.silent())) {
      return new IngestBench(session.spark(), settings, repetitions).measure();
    }
  }
}
