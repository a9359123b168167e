package io.lorashear.spark.job;

import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.enlarge.Enlarge;
import io.lorashear.spark.enlarge.EnlargeSettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** {@code lorashear enlarge}, or {@code spark-submit --class …EnlargeJob JAR …}. */
@Command(
    name = "enlarge",
    mixinStandardHelpOptions = true,
    description =
        "Makes raw JSON lines of any size out of the words of published documents, to try how the"
            + " other stages behave with much text, with one large source, or with one huge"
            + " document.",
    footer = {"", "Example:", "  lorashear enlarge --config conf/enlarge/ten-gigabytes.yaml"})
public final class EnlargeJob extends SparkCommand<EnlargeSettings> {

  public EnlargeJob() {
    super(EnlargeSettings.class);
  }

  public static void main(String[] args) {
    main(new EnlargeJob(), args);
  }

  @Override
  Stage ready(EnlargeSettings settings) {
    return Enlarge.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, EnlargeSettings settings, boolean overwrite) {
    return Enlarge.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return "%,d documents in %,d files"
        .formatted(published.manifest().path("documents").asLong(), published.files().size());
  }
}
