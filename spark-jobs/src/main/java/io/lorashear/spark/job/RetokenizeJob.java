package io.lorashear.spark.job;

import io.lorashear.corpus.CorpusManifest;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.tokenize.Retokenize;
import io.lorashear.spark.tokenize.RetokenizeSettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** {@code lorashear retokenize}, or {@code spark-submit --class …RetokenizeJob JAR …}. */
@Command(
    name = "retokenize",
    mixinStandardHelpOptions = true,
    description =
        "Gives a corpus the ids of a smaller vocabulary, without its documents: ids that stay get"
            + " their new numbers, and words with a removed token are encoded again. Splits and"
            + " shards stay; rows are packed anew.",
    footer = {"", "Example:", "  lorashear retokenize --config conf/retokenize/smollm2-135m.yaml"})
public final class RetokenizeJob extends SparkCommand<RetokenizeSettings> {

  public RetokenizeJob() {
    super(RetokenizeSettings.class);
  }

  public static void main(String[] args) {
    main(new RetokenizeJob(), args);
  }

  @Override
  Stage ready(RetokenizeSettings settings) {
    return Retokenize.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, RetokenizeSettings settings, boolean overwrite) {
    return Retokenize.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return CorpusManifest.read(published.directory()).summary();
  }
}
