package io.lorashear.spark.job;

import io.lorashear.corpus.LossReport;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.perplexity.PerplexitySettings;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code lorashear perplexity}, or {@code spark-submit --class …PerplexityJob JAR --config FILE}.
 */
@Command(
    name = "perplexity",
    mixinStandardHelpOptions = true,
    description =
        "Scores a checkpoint over validation rows on the executors, one model each, and reports"
            + " the loss by source and by document. A build by mvn -Pspark3,djl-spark package also"
            + " has the predictor of DJL's extension for Spark (engine: djl-spark); any other does"
            + " the same work without it.",
    footer = {
      "",
      "Examples:",
      "  lorashear perplexity --config conf/perplexity/smollm2-135m.yaml",
      "  lorashear perplexity --config conf/perplexity/smollm2-135m.yaml --keep-top 32"
    })
public final class PerplexityJob extends SparkCommand<PerplexitySettings> {

  @Option(
      names = "--keep-top",
      paramLabel = "K",
      description =
          "Also keeps the K likeliest tokens of every position, which recover can learn from;"
              + " the same as the setting keepTop.")
  @Nullable Integer keepTop;

  @Option(
      names = "--precision",
      paramLabel = "auto|float32|tf32|bfloat16",
      description =
          "Number type of the model (precision of the settings); auto is bfloat16 on a GPU, float32"
              + " on a CPU.")
  @Nullable String precision;

  public PerplexityJob() {
    super(PerplexitySettings.class);
  }

  public static void main(String[] args) {
    main(new PerplexityJob(), args);
  }

  @Override
  Stage ready(PerplexitySettings settings) {
    return Perplexity.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, PerplexitySettings settings, boolean overwrite) {
    return Perplexity.publish(spark, settings, overwrite);
  }

  @Override
  Overrides optional() {
    return option("--keep-top", "keepTop", keepTop)
        .and(option("--precision", "precision", precision));
  }

  private static Overrides option(String name, String setting, @Nullable Object value) {
    return value == null
        ? Overrides.none()
        : Overrides.by(name + " " + value, List.of(setting + "=" + value));
  }

  @Override
  String summary(PublishedDirectory published) {
    return LossReport.read(published.directory()).summary();
  }
}
