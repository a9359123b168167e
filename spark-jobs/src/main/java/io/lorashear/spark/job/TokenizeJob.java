package io.lorashear.spark.job;

import io.lorashear.corpus.CorpusManifest;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.spark.tokenize.Tokenize;
import io.lorashear.spark.tokenize.TokenizeSettings;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** {@code lorashear tokenize}, or {@code spark-submit --class …TokenizeJob JAR --config FILE}. */
@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    description =
        "Makes sequences of token ids from cleaned documents: packed, split into training and"
            + " validation rows, as Parquet with a manifest. Ids come from DJL's binding of the"
            + " tokenizers library, once in every executor. A build by mvn -Pspark3,djl-spark"
            + " package also has DJL's extension for Spark (engine: djl-spark); any other does the"
            + " same work without it.",
    footer = {"", "Example:", "  lorashear tokenize --config conf/tokenize/smollm2-135m.yaml"})
public final class TokenizeJob extends SparkCommand<TokenizeSettings> {

  public TokenizeJob() {
    super(TokenizeSettings.class);
  }

  public static void main(String[] args) {
    main(new TokenizeJob(), args);
  }

  @Override
  Stage ready(TokenizeSettings settings) {
    return Tokenize.ready(settings);
  }

  @Override
  PublishedDirectory publish(SparkSession spark, TokenizeSettings settings, boolean overwrite) {
    return Tokenize.publish(spark, settings, overwrite);
  }

  @Override
  String summary(PublishedDirectory published) {
    return CorpusManifest.read(published.directory()).summary();
  }
}
