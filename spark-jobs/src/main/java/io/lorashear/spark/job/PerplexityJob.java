package io.lorashear.spark.job;

import io.lorashear.corpus.LossReport;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.perplexity.PerplexitySettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/**
 * {@code lorashear perplexity}, or {@code spark-submit --class …PerplexityJob JAR --config FILE}.
 */
@Command(
    name = "perplexity",
    mixinStandardHelpOptions = true,
    description =
        "Scores a checkpoint over validation rows on the executors, one model each, and reports"
            + " the loss by source and by document.",
    footer = {"", "Example:", "  lorashear perplexity --config conf/perplexity/smollm2-135m.yaml"})
public final class PerplexityJob extends SparkCommand<PerplexitySettings> {

  public PerplexityJob() {
    super(PerplexitySettings.class);
  }

  public static void main(String[] args) {
    main(new PerplexityJob(), args);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, PerplexitySettings settings, boolean overwrite) {
    return Perplexity.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return LossReport.read(published.directory()).summary();
  }
}
