package io.lorashear.spark.version;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import scala.util.Properties;

/**
 * A version of Spark, and the Scala that it was compiled with.
 *
 * <pre>
 *   4.2.0 with Scala 2.13.18:  line 4.2, Scala 2.13
 * </pre>
 *
 * A jar runs on the line and the Scala that it was compiled for. Between lines Spark changes
 * classes that this program calls, and Scala's library differs between 2.12 and 2.13.
 *
 * @param spark version of Spark, for example 4.2.0
 * @param scala version of Scala, of which the first two numbers count, for example 2.13
 */
public record SparkVersion(String spark, String scala) {
  /** Entries of a jar's manifest. */
  private static final Attributes.Name SPARK = new Attributes.Name("Spark-Version");

  private static final Attributes.Name SCALA = new Attributes.Name("Scala-Version");

  /** A line that jars are built for, the Scala of each, and the profile of the build. */
  private record Built(String line, String scala, String build) {}

  private static final List<Built> BUILT =
      List.of(
          new Built("3.5", "2.12", "mvn -Pspark3 -Dfast -Dmaven.test.skip=true -Dcluster package"),
          new Built("4.2", "2.13", "mvn -Dfast -Dmaven.test.skip=true -Dcluster package"));

  /** What to do with any other Spark. */
  public static final String REMEDY = "use Spark 4.2 with Scala 2.13, or 3.5 with Scala 2.12";

  /** The Spark on the class path. */
  public static SparkVersion running() {
    return new SparkVersion(
        org.apache.spark.package$.MODULE$.SPARK_VERSION(), Properties.versionNumberString());
  }

  /** The Spark that a jar was compiled for; empty for a folder and for jars without the entries. */
  public static Optional<SparkVersion> ofJar(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (var jar = new JarFile(file.toFile())) {
      return Optional.ofNullable(jar.getManifest())
          .map(manifest -> manifest.getMainAttributes())
          .filter(entries -> entries.containsKey(SPARK) && entries.containsKey(SCALA))
          .map(entries -> new SparkVersion(entries.getValue(SPARK), entries.getValue(SCALA)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The Spark that the jar of this program was compiled for; empty if it runs from a folder. */
  public static Optional<SparkVersion> ofThisProgram() {
    var source = SparkVersion.class.getProtectionDomain().getCodeSource().getLocation();
    return source.getProtocol().equals("file")
        ? ofJar(Path.of(URI.create(source.toString())))
        : Optional.empty();
  }

  /** For messages: {@code Spark 4.2.0 with Scala 2.13}. */
  public String text() {
    return "Spark %s with Scala %s".formatted(spark, scalaLine());
  }

  /** Major and minor version of Spark. */
  public String line() {
    return firstTwo(spark);
  }

  /** Major and minor version of Scala. */
  public String scalaLine() {
    return firstTwo(scala);
  }

  private static String firstTwo(String version) {
    int second = version.indexOf('.', version.indexOf('.') + 1);
    return second < 0 ? version : version.substring(0, second);
  }

  /** Whether jars are built for this line and its Scala, and tested with it. */
  public boolean tested() {
    return build().isPresent();
  }

  private Optional<String> build() {
    return BUILT.stream()
        .filter(built -> built.line().equals(line()) && built.scala().equals(scalaLine()))
        .map(Built::build)
        .findFirst();
  }

  /** Why a jar compiled for this version cannot run on a cluster's Spark; empty if it can. */
  public Optional<String> refusal(SparkVersion cluster) {
    if (line().equals(cluster.line()) && scalaLine().equals(cluster.scalaLine())) {
      return Optional.empty();
    }
    var remedy =
        cluster
            .build()
            .map(
                build ->
                    "use spark-jobs-*-spark-%s-cluster.jar, which %s makes; bin/lorashear makes it by itself if SPARK_HOME names that Spark"
                        .formatted(cluster.line(), build))
            .orElse(REMEDY);
    return Optional.of(
        "this jar is for Spark %s with Scala %s, the cluster runs %s: %s"
            .formatted(line(), scalaLine(), cluster.text(), remedy));
  }
}
