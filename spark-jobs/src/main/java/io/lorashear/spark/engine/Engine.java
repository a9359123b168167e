package io.lorashear.spark.engine;

import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.spark.version.SparkVersion;
import java.util.Optional;
import java.util.ServiceLoader;

/** Library that turns text into ids, or ids into losses. */
public enum Engine {
  /** The built-in engine: the tokenizers library, or a model, opened once per executor. */
  BUILT_IN,
  /** DJL's extension for Spark; only in builds that include it. */
  DJL_SPARK;

  /**
   * Requires that the build has the engine that the settings name.
   *
   * @param same the alternative that the message names
   */
  public void require(Problems problems, Class<? extends Served> service, String same) {
    var spark = SparkVersion.running();
    var lack =
        spark.scalaLine().equals("2.12")
            ? "this build is without DJL's extension for Spark"
            : "DJL's extension for Spark exists for Scala 2.12 alone, and this build is for %s"
                .formatted(spark.text());
    problems.require(
        this == BUILT_IN || find(service).isPresent(),
        "engine",
        "is %s, but %s: make one for Spark 3.5 by mvn -Pspark3,djl-spark package, where Maven's"
            + " registry has ai.djl.spark:spark_2.12, or leave engine out: built-in %s",
        Settings.word(this),
        lack,
        same);
  }

  /** The service of this engine that the build has. */
  public <S extends Served> Optional<S> find(Class<S> service) {
    return ServiceLoader.load(service).stream()
        .map(ServiceLoader.Provider::get)
        .filter(found -> found.engine() == this)
        .findFirst();
  }

  /** A service of one engine. */
  public interface Served {
    /** Its engine. */
    Engine engine();
  }
}
