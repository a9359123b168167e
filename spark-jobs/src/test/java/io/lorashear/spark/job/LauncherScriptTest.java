package io.lorashear.spark.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** bin/lorashear in a checkout: what it builds, and what java and Spark then hear. */
class LauncherScriptTest extends LauncherScript {
  private void touch(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(5)));
  }

  @Test
  void jarsAreBuiltWhereTheyAreMissingAndThenKept() throws Exception {
    assertThat(run("sample").err()).startsWith("building the jars").hasLineCount(1);
    assertThat(run("sample").err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void newerSourcesAndRemovedOnesAndLostLibrariesAreBuiltAgain() throws Exception {
    run("sample");
    touch(home.resolve("model-jobs/src/main/A"));
    assertThat(run("sample").err()).startsWith("building the jars");
    assertThat(builds()).isEqualTo(2);
    Files.delete(folder.resolve("library.jar"));
    run("sample");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void aFailedBuildSaysWhatItNeeds() throws Exception {
    var ended = run(Map.of("MVN_CODE", "1"), "sample");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("the build failed: it needs JDK 17");
  }

  @Test
  void whatAKilledOrFailedBuildHasLeftIsBuiltAgain() throws Exception {
    assertThat(run(Map.of("MVN_CODE", "1"), "sample").code()).isEqualTo(1);
    assertThat(home.resolve("spark-jobs/target/spark-jobs-1.jar")).exists();
    assertThat(run("sample").err()).startsWith("building the jars");
    assertThat(run("sample").err()).isEmpty();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void ofTwoThatFindNoJarsOneBuilds() throws Exception {
    program("tools/mvn", "sleep 1\n" + Files.readString(folder.resolve("tools/mvn")));
    var other = CompletableFuture.supplyAsync(() -> runAsItIs("sample"));
    assertThat(List.of(runAsItIs("sample").err(), other.get().err()))
        .anyMatch(err -> err.startsWith("building the jars"))
        .anyMatch(err -> err.startsWith("another start is building the jars"));
    assertThat(builds()).isEqualTo(1);
  }

  private Ended runAsItIs(String word) {
    try {
      return run(word);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void wordsAndExitCodesArePassedOnAsTheyAre() throws Exception {
    var ended = run(Map.of("JAVA_CODE", "2"), "generate", "m", "--prompt", "two  words * $HOME");
    assertThat(ended.code()).isEqualTo(2);
    int started = ended.out().indexOf(STARTED);
    assertThat(ended.out().subList(started + 1, ended.out().size()))
        .containsExactly("generate", "m", "--prompt", "two  words * $HOME");
  }

  @Test
  void theNamedPyTorchIsAllThatJavaHears() throws Exception {
    var image =
        Map.of("PYTORCH_VERSION", "2.8.0", "PYTORCH_FLAVOR", "cu129", "LORASHEAR_TORCH", "/t");
    run("sample");
    program("tools/java", "env | grep -e ^PYTORCH -e ^LORASHEAR_TORCH\n");
    assertThat(run(image, "sample").out()).containsExactly("LORASHEAR_TORCH=/t");
  }

  @Test
  void aDriverThatRunsElsewhereHearsOfItToo() throws Exception {
    var set = Map.of("LORASHEAR_TORCH", "/t", "SPARK_HOME", folder.resolve("spark").toString());
    assertThat(run(set, "sample").out())
        .contains(
            "spark.yarn.appMasterEnv.LORASHEAR_TORCH=/t",
            "spark.kubernetes.driverEnv.LORASHEAR_TORCH=/t");
    assertThat(run(Map.of("SPARK_HOME", folder.resolve("spark").toString()), "sample").out())
        .noneMatch(word -> word.contains("LORASHEAR_TORCH"));
  }

  @Test
  void javaGetsSparksFlagsTheHeapAndTheClassPath() throws Exception {
    var words = run(Map.of("LORASHEAR_HEAP", "7g"), "sample").out();
    assertThat(words)
        .containsAll(Files.readAllLines(home.resolve("bin/spark-flags")))
        .contains("-Xmx7g", "-Dlorashear.home=" + home);
    var library = folder.resolve("library.jar");
    assertThat(words.get(words.indexOf("-cp") + 1))
        .isEqualTo(
            "%1$s/model-jobs/target/model-jobs-1.jar:%1$s/spark-jobs/target/spark-jobs-1.jar:%2$s:%2$s"
                .formatted(home, library));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "4294967296", "0g", "63m", "65535k", "1.5g", "4 g", "-1g", "4gb"})
  void aHeapThatJavaWouldNotTakeIsRefusedByItsName(String heap) throws Exception {
    var ended = run(Map.of("LORASHEAR_HEAP", heap), "sample");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            "LORASHEAR_HEAP is '%s': give a whole number with its unit, 64m or more, for example 4g"
                    .formatted(heap)
                + " or 900m\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"64m", "65536k", "1G", "1t"})
  void aHeapOfAnyUnitIsPassedOn(String heap) throws Exception {
    assertThat(run(Map.of("LORASHEAR_HEAP", heap), "sample").out()).contains("-Xmx" + heap);
  }

  @Test
  void itRunsThroughALinkFromAnywhere() throws Exception {
    var script = home.resolve("bin/lorashear");
    var link = Files.createSymbolicLink(folder.resolve("tools/lorashear"), script);
    var process =
        new ProcessBuilder("bash", link.toString(), "sample").directory(new java.io.File("/"));
    process.environment().merge("PATH", "", (path, none) -> folder.resolve("tools") + ":" + path);
    process.environment().remove("SPARK_HOME");
    var out = new String(process.start().getInputStream().readAllBytes(), UTF_8);
    assertThat(out.lines()).contains("-Dlorashear.home=" + home, STARTED, "sample");
  }

  @Test
  void debugAlsoShowsWhatSparkLogs() throws Exception {
    assertThat(run("ingest", "--debug").out()).contains("-Dlorashear.traces=full");
    assertThat(run("ingest").out()).doesNotContain("-Dlorashear.traces=full");
  }

  /** Where java was told to keep the classes. */
  private Path archive(Ended ended) {
    var option = "-Dlorashear.classes=";
    var given = ended.out().stream().filter(word -> word.startsWith(option)).findFirst();
    return Path.of(given.orElseThrow().substring(option.length()));
  }

  @Test
  void classesAreKeptOnceAndThenUsed() throws Exception {
    var first = run("ingest");
    var archive = archive(first);
    assertThat(archive.getParent()).isEqualTo(folder.resolve("cache/classes"));
    Files.createDirectories(archive.getParent());
    Files.writeString(archive, "");
    assertThat(run("tokenize").out())
        .contains("-XX:SharedArchiveFile=" + archive)
        .noneMatch(word -> word.startsWith("-Dlorashear.classes="));
  }

  @Test
  void otherJarsHaveAnotherArchiveOfTheSameCheckout() throws Exception {
    var before = archive(run("ingest")).getFileName().toString();
    touch(home.resolve("spark-jobs/target/spark-jobs-1.jar"));
    var after = archive(run("ingest")).getFileName().toString();
    assertThat(after).isNotEqualTo(before).startsWith(before.substring(0, before.indexOf('-') + 1));
  }

  @Test
  void classesThatSomeoneKeepsOrAnAgentChangesAreLeftAlone() throws Exception {
    var agent = run(Map.of("JAVA_TOOL_OPTIONS", "-javaagent:some.jar"), "ingest").out();
    assertThat(agent).noneMatch(word -> word.contains("classes="));
    var unwanted = run(Map.of("LORASHEAR_CLASSES", "no"), "ingest").out();
    assertThat(unwanted).contains("ingest").noneMatch(word -> word.contains("classes="));
    var archive = archive(run("ingest"));
    Files.createDirectories(archive.getParent());
    Files.writeString(archive.resolveSibling(archive.getFileName() + ".begun"), "");
    var begun = run("ingest").out();
    assertThat(begun).contains("ingest").noneMatch(word -> word.contains("classes="));
    assertThat(begun).noneMatch(word -> word.startsWith("-XX:SharedArchiveFile"));
  }

  @Test
  void aSparkThatIsNamedSubmits() throws Exception {
    var words = run(Map.of("SPARK_HOME", folder.resolve("spark").toString()), "sample").out();
    var cluster = home.resolve("spark-jobs/target/spark-jobs-1-spark-4.2-cluster.jar").toString();
    assertThat(words).containsSubsequence("--class", STARTED, cluster, "sample");
    assertThat(words).doesNotContain("--master");
  }

  private String sparkHome(String core) throws IOException {
    var jars = Files.createDirectories(folder.resolve("spark/jars"));
    Files.writeString(jars.resolve(core), "");
    return jars.getParent().toString();
  }

  @Test
  void theSparkThatIsNamedDecidesWhatIsBuilt() throws Exception {
    var named = Map.of("SPARK_HOME", sparkHome("spark-core_2.12-3.5.8.jar"));
    var target = home.resolve("spark-jobs/target");
    assertThat(run(named, "sample").out())
        .contains(target.resolve("spark3/spark-jobs-1-spark-3.5-cluster.jar").toString());
    assertThat(run(Map.of("LORASHEAR_SPARK", "3.5"), "sample").out())
        .anyMatch(word -> word.contains(target.resolve("spark3/spark-jobs-1.jar").toString()));
    assertThat(builds()).isEqualTo(1);
    assertThat(run("sample").out())
        .anyMatch(word -> word.contains(target.resolve("spark-jobs-1.jar").toString()));
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void aSparkThatNoJarIsForIsRefusedByName() throws Exception {
    var named = sparkHome("spark-core_2.13-3.5.8.jar");
    var ended = run(Map.of("SPARK_HOME", named), "sample");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err())
        .isEqualTo(
            "SPARK_HOME is %s, a Spark with spark-core_2.13-3.5.8.jar: use Spark 4.2 with Scala 2.13, or 3.5 with Scala 2.12%n"
                .formatted(named));
    assertThat(run(Map.of("LORASHEAR_SPARK", "4"), "sample").err())
        .isEqualTo("LORASHEAR_SPARK is '4': give 3.5 or 4.2\n");
  }

  @Test
  void aMasterIsPassedToSpark() throws Exception {
    var words = run("--master", "spark://host:7077", "ingest", "--config", "x").out();
    assertThat(words)
        .containsSubsequence(
            "org.apache.spark.deploy.SparkSubmit", "--master", "spark://host:7077", "--class")
        .endsWith("ingest", "--config", "x");
  }

  @Test
  void yarnsClientIsBuiltWhereItIsAskedForAndThenKept() throws Exception {
    run("--master", "spark://host:7077", "ingest");
    program("tools/java", "echo SPARK_HOME=$SPARK_HOME\n");
    var sent = home.resolve("spark-jobs/target/launch/home");
    assertThat(run("--master", "yarn", "ingest").out()).containsExactly("SPARK_HOME=" + sent);
    assertThat(sent.resolve("jars/spark-yarn.jar")).isSymbolicLink();
    assertThat(sent.resolve("jars/commons-io-2.jar")).isSymbolicLink(); // both need it
    assertThat(run("--master", "yarn", "ingest").err()).isEmpty();
    touch(home.resolve("model-jobs/src/main/A"));
    assertThat(run("ingest").out()).containsExactly("SPARK_HOME=");
    assertThat(Files.readAllLines(folder.resolve("built")))
        .extracting(words -> words.contains("-Dyarn"))
        .containsExactly(false, true, true);
  }

  @Test
  void aClusterJarOfTheSameTickAsItsModuleIsKeptAndAnOlderOneIsNot() throws Exception {
    run("--master", "spark://host:7077", "ingest");
    var module = home.resolve("model-jobs/target/model-jobs-1.jar");
    var cluster = home.resolve("spark-jobs/target/spark-jobs-1-spark-4.2-cluster.jar");
    Files.setLastModifiedTime(cluster, Files.getLastModifiedTime(module));
    assertThat(run("--master", "spark://host:7077", "ingest").err()).isEmpty();
    touch(module);
    assertThat(run("--master", "spark://host:7077", "ingest").err())
        .startsWith("building the jars");
  }

  @Test
  void aSparkOfOnesOwnHasItsClientForYarn() throws Exception {
    var words =
        run(Map.of("SPARK_HOME", sparkHome("spark-core_2.12-3.5.8.jar")), "--master", "yarn");
    assertThat(words.out()).containsSubsequence("--master", "yarn", "--class", STARTED);
    assertThat(folder.resolve("built")).content().doesNotContain("-Dyarn");
  }

  @Test
  void theClientForKubernetesIsBuiltWhereItIsAskedForAndThenKept() throws Exception {
    var master = "k8s://https://host:6443";
    run("--master", "spark://host:7077", "ingest");
    var words = run("--master", master, "ingest").out();
    assertThat(words).containsSubsequence("--master", master, "--class", STARTED);
    assertThat(words.get(words.indexOf("-cp") + 1)).contains("spark-kubernetes.jar");
    assertThat(run("--master", master, "ingest").err()).isEmpty();
    run(Map.of("SPARK_HOME", sparkHome("spark-core_2.12-3.5.8.jar")), "--master", master, "x");
    assertThat(Files.readAllLines(folder.resolve("built")))
        .extracting(built -> built.contains("-Dkubernetes"))
        .containsExactly(false, true, false);
  }

  @Test
  void aDriverOnKubernetesTakesTheJarOfItsImageAndKnowsItsCommit() throws Exception {
    var elsewhere = Map.of("LORASHEAR_SUBMIT", "--deploy-mode cluster");
    var words = run(elsewhere, "--master", "k8s://https://host:6443", "ingest", "--debug").out();
    assertThat(words)
        .containsSubsequence("--class", STARTED, "local:///opt/lorashear/cluster.jar", "ingest");
    assertThat(words.get(words.indexOf("--driver-java-options") + 1))
        .contains("\"-Dlorashear.traces=full\"")
        .doesNotContain("lorashear.commit");
    var own = new HashMap<>(elsewhere);
    own.put("LORASHEAR_JAR", "s3a://bucket/mine.jar");
    assertThat(run(own, "--master", "k8s://https://host:6443", "ingest").out())
        .containsSubsequence("s3a://bucket/mine.jar", "ingest")
        .doesNotContain("local:///opt/lorashear/cluster.jar");
  }

  @Test
  void settingsOfHadoopAreOnTheClassPath() throws Exception {
    var named = Map.of("HADOOP_CONF_DIR", "/etc/hadoop", "YARN_CONF_DIR", "/etc/yarn");
    for (var command : List.of(List.of("ingest"), List.of("--master", "yarn", "ingest"))) {
      var words = run(named, command.toArray(String[]::new)).out();
      assertThat(words.get(words.indexOf("-cp") + 1)).endsWith(".jar:/etc/hadoop:/etc/yarn");
      assertThat(words).noneMatch(word -> word.startsWith("-Dlorashear.classes="));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--deploy-mode cluster --files my.yaml",
        "--deploy-mode=cluster",
        "--num-executors 2 --conf spark.submit.deployMode=cluster"
      })
  void aDriverOnAnotherMachineHearsOfNoFileOfThisOne(String options) throws Exception {
    var spark = folder.resolve("spark").toString();
    for (var named : List.of(Map.of("SPARK_HOME", spark), Map.<String, String>of())) {
      var environment = new HashMap<>(named);
      environment.put("LORASHEAR_SUBMIT", options);
      var words = run(environment, "--master", "yarn", "ingest", "--debug").out();
      assertThat(words.get(words.indexOf("--driver-java-options") + 1))
          .contains("\"-Dlorashear.commit=", "\"-Dlorashear.traces=full\"")
          .doesNotContain(home.toString(), "--add-opens");
    }
  }

  /** A worker of Spark 3.5 starts a driver without the flags that Spark itself needs. */
  @Test
  void aDriverOnAWorkerGetsSparksFlags() throws Exception {
    var elsewhere = Map.of("LORASHEAR_SUBMIT", "--deploy-mode cluster");
    var words = run(elsewhere, "--master", "spark://host:7077", "ingest").out();
    var told = words.get(words.indexOf("--driver-java-options") + 1);
    for (var flag : Files.readAllLines(home.resolve("bin/spark-flags"))) {
      assertThat(told).contains("\"" + flag + "\"");
    }
    assertThat(told).contains("\"-Dlorashear.commit=").doesNotContain(home.toString());
  }

  @Test
  void aDriverHereHearsWhereTheCheckoutIs() throws Exception {
    var named =
        Map.of("SPARK_HOME", folder.resolve("spark").toString(), "LORASHEAR_SUBMIT", "--verbose");
    var words = run(named, "--master", "yarn", "ingest").out();
    assertThat(words.get(words.indexOf("--driver-java-options") + 1))
        .contains("\"-Dlorashear.home=" + home + "\"", "\"--add-opens=");
  }

  @Test
  void aMasterWithoutAUrlIsAUsageError() throws Exception {
    var ended = run("--master");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err())
        .isEqualTo("--master needs a URL after it, for example spark://host:7077\n");
  }

  /** Java has a folder for temporary files of its own, which TMPDIR does not change. */
  @Test
  void temporaryFilesGoWhereTmpdirSays() throws Exception {
    assertThat(run(Map.of("TMPDIR", folder.toString()), "sample").out())
        .contains("-Djava.io.tmpdir=" + folder);
    var missing = folder.resolve("no folder");
    var ended = run(Map.of("TMPDIR", missing.toString()), "sample");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err())
        .isEqualTo(
            "TMPDIR is %s, which is no folder: make it, or name another one\n".formatted(missing));
  }
}
