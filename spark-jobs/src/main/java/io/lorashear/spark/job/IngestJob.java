package io.lorashear.spark.job;

import io.lorashear.cli.GivenNumber;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.ingest.Explanation;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.IngestSettings;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lorashear ingest}, or {@code spark-submit --class …IngestJob JAR --config FILE}. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description =
        "Reads raw corpora in the formats in which they are published, cleans them, removes"
            + " duplicates and publishes documents; every dropped record is counted.",
    footer = {"", "Example:", "  lorashear ingest --config conf/ingest/smollm2-135m.yaml"})
public final class IngestJob extends SparkCommand<IngestSettings> {

  @Option(
      names = "--explain",
      paramLabel = "N",
      description =
          "Also prints N dropped records of each reason, with the part that broke the rule.")
  @Nullable Integer explain;

  private String report = "";

  public IngestJob() {
    super(IngestSettings.class);
  }

  public static void main(String[] args) {
    main(new IngestJob(), args);
  }

  @Override
  void checkOptions() {
    if (explain != null) {
      GivenNumber.atLeast(1, "--explain", explain);
    }
  }

  @Override
  Stage ready(IngestSettings settings) {
    return Ingest.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, IngestSettings settings, boolean overwrite) {
    report = Ingest.run(spark, settings, overwrite).text();
    var published = PublishedDirectory.open(settings.output());
    if (explain != null) {
      report += System.lineSeparator() + Explanation.of(spark, published, explain);
    }
    return published;
  }

  @Override
  String summary(PublishedDirectory published) {
    return report;
  }
}
