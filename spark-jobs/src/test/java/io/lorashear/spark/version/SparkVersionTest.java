package io.lorashear.spark.version;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkVersionTest {
  private static final SparkVersion THREE = new SparkVersion("3.5.8", "2.12");
  private static final SparkVersion FOUR = new SparkVersion("4.2.0", "2.13.18");

  @TempDir Path folder;

  @Test
  void theTestsRunOnALineThatJarsAreBuiltFor() {
    assertThat(SparkVersion.running()).matches(SparkVersion::tested);
    assertThat(SparkVersion.running().refusal(SparkVersion.running())).isEmpty();
  }

  @Test
  void anotherPatchOfTheLineIsAccepted() {
    assertThat(THREE.refusal(new SparkVersion("3.5.1", "2.12.18"))).isEmpty();
    assertThat(FOUR.refusal(new SparkVersion("4.2.3", "2.13"))).isEmpty();
  }

  @Test
  void aWrongClusterIsToldTheJarItNeeds() {
    assertThat(THREE.refusal(FOUR))
        .hasValue(
            "this jar is for Spark 3.5 with Scala 2.12, the cluster runs Spark 4.2.0 with Scala"
                + " 2.13: use spark-jobs-*-spark-4.2-cluster.jar, which mvn -Dfast"
                + " -Dmaven.test.skip=true -Dcluster package makes; bin/lorashear makes it by"
                + " itself if SPARK_HOME names that Spark");
    assertThat(FOUR.refusal(THREE).orElseThrow())
        .startsWith("this jar is for Spark 4.2 with Scala 2.13, the cluster runs Spark 3.5.8 with")
        .contains("use spark-jobs-*-spark-3.5-cluster.jar, which mvn -Pspark3 -Dfast");
  }

  @ParameterizedTest
  @CsvSource({"4.0.1, 2.13", "3.5.8, 2.13.8", "3.4.4, 2.12.17", "5, 3"})
  void aSparkThatNoJarIsBuiltForIsToldThoseThatAre(String spark, String scala) {
    assertThat(FOUR.refusal(new SparkVersion(spark, scala)).orElseThrow())
        .contains("the cluster runs Spark " + spark + " with Scala ")
        .endsWith(": use Spark 4.2 with Scala 2.13, or 3.5 with Scala 2.12");
  }

  @Test
  void aJarSaysInItsManifestWhatItIsFor() throws IOException {
    assertThat(SparkVersion.ofJar(jar(Map.of("Spark-Version", "4.2.0", "Scala-Version", "2.13"))))
        .hasValue(new SparkVersion("4.2.0", "2.13"));
    assertThat(SparkVersion.ofJar(jar(Map.of("Spark-Version", "4.2.0")))).isEmpty();
    assertThat(SparkVersion.ofJar(folder)).isEmpty();
  }

  private Path jar(Map<String, String> entries) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    entries.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    var file = folder.resolve("some.jar");
    try (var out = Files.newOutputStream(file)) {
      new JarOutputStream(out, manifest).close();
    }
    return file;
  }
}
