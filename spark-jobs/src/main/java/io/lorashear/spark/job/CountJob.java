package io.lorashear.spark.job;

import io.lorashear.corpus.TokenFrequencies;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.tokenize.CountTokens;
import io.lorashear.spark.tokenize.CountTokensSettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** {@code lorashear count}, or {@code spark-submit --class …CountJob JAR …}. */
@Command(
    name = "count",
    mixinStandardHelpOptions = true,
    description =
        "Counts every token in the training rows of corpora, by source: which tokens a smaller"
            + " vocabulary can do without.",
    footer = {"", "Example:", "  lorashear count --config conf/count/smollm2-135m.yaml"})
public final class CountJob extends SparkCommand<CountTokensSettings> {

  public CountJob() {
    super(CountTokensSettings.class);
  }

  public static void main(String[] args) {
    main(new CountJob(), args);
  }

  @Override
  Stage ready(CountTokensSettings settings) {
    return CountTokens.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, CountTokensSettings settings, boolean overwrite) {
    return CountTokens.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return TokenFrequencies.read(published.directory()).summary();
  }
}
