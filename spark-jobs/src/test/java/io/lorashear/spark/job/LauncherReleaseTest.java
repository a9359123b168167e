package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** bin/lorashear of a release, which has its jars in lib/. */
class LauncherReleaseTest extends LauncherScript {
  @BeforeEach
  void release() throws IOException {
    Files.delete(home.resolve("pom.xml"));
    Files.writeString(home.resolve("RELEASE"), "LoRAShear on Spark 1\nSpark: 3.5\nCommit: abc\n");
    for (var jar :
        List.of(
            "model-jobs-1.jar",
            "spark-jobs-1.jar",
            "libraries/a.jar",
            "libraries/b.jar",
            "spark/c.jar",
            "cluster/spark-jobs-1-spark-3.5-cluster.jar")) {
      var file = home.resolve("lib").resolve(jar);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "");
    }
  }

  @Test
  void aReleaseRunsItsJarsAndBuildsNothing() throws Exception {
    var lib = home.resolve("lib") + "/";
    var path =
        List.of("model-jobs-1.jar", "spark-jobs-1.jar", "libraries/a.jar", "libraries/b.jar")
                .stream()
                .map(jar -> lib + jar + ":")
                .collect(Collectors.joining())
            + lib
            + "spark/c.jar";
    assertThat(run("sample").out())
        .containsSubsequence("-Dlorashear.commit=abc", "-cp", path, STARTED, "sample");
    assertThat(run("--master", "spark://host:7077", "ingest").out())
        .contains(lib + "cluster/spark-jobs-1-spark-3.5-cluster.jar");
    assertThat(folder.resolve("built")).doesNotExist();
  }

  @Test
  void whatAReleaseDoesNotHaveIsSaid() throws Exception {
    var other = run(Map.of("LORASHEAR_SPARK", "4.2"), "sample");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .isEqualTo(
            "this release is for Spark 3.5, and Spark 4.2 is asked for: take the release for"
                + " Spark 4.2\n");
    assertThat(run(Map.of("LORASHEAR_S3", "yes"), "sample").err())
        .isEqualTo(
            "this release has no client for s3a://: set SPARK_HOME to a Spark with hadoop-aws, or"
                + " work in a checkout\n");
    assertThat(run("--master", "yarn", "ingest").err())
        .isEqualTo("this release has no client for YARN: set SPARK_HOME to a Spark 3.5\n");
    assertThat(run("--master", "k8s://https://host:6443", "ingest").err())
        .isEqualTo(
            "this release has no client for Kubernetes: set SPARK_HOME to a Spark 3.5, or build a"
                + " release with -Dkubernetes\n");
  }

  @Test
  void aReleaseWithTheClientForKubernetesStartsIt() throws Exception {
    Files.writeString(home.resolve("lib/spark/spark-kubernetes_2.12-3.5.8.jar"), "");
    var image = Map.of("LORASHEAR_JAR", "local:///opt/lorashear/cluster.jar");
    assertThat(run(image, "--master", "k8s://https://host:6443", "ingest").out())
        .containsSubsequence("--master", "k8s://https://host:6443", image.get("LORASHEAR_JAR"))
        .endsWith("ingest");
  }
}
