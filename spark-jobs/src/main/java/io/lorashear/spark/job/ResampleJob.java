package io.lorashear.spark.job;

import io.lorashear.corpus.SubsetManifest;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.resample.Resample;
import io.lorashear.spark.resample.ResampleSettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** {@code lorashear resample}, or {@code spark-submit --class …ResampleJob JAR --config FILE}. */
@Command(
    name = "resample",
    mixinStandardHelpOptions = true,
    description =
        "Weights the sources by how much each lost by pruning, and draws the sequences to train on"
            + " next; no sequence repeats until all have been drawn.",
    footer = {"", "Example:", "  lorashear resample --config conf/resample/smollm2-135m.yaml"})
public final class ResampleJob extends SparkCommand<ResampleSettings> {

  public ResampleJob() {
    super(ResampleSettings.class);
  }

  public static void main(String[] args) {
    main(new ResampleJob(), args);
  }

  @Override
  Stage ready(ResampleSettings settings) {
    return Resample.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, ResampleSettings settings, boolean overwrite) {
    return Resample.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return SubsetManifest.read(published.directory()).summary();
  }
}
