package io.lorashear.spark.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * bin/lorashear with a java, a mvn and a spark-submit that only write down how they were called.
 */
abstract class LauncherScript {
  static final String STARTED = "io.lorashear.spark.job.Lorashear";

  @TempDir Path folder;
  Path home;

  /** How a run of the script ended. */
  record Ended(int code, List<String> out, String err) {}

  @BeforeEach
  void checkout() throws IOException {
    home = folder.resolve("check out"); // folders may have blanks
    Files.createDirectories(home.resolve("bin"));
    for (var file : List.of("lorashear", "spark-flags")) {
      Files.copy(Path.of("..", "bin", file), home.resolve("bin").resolve(file));
    }
    for (var file :
        List.of("pom.xml", "model-jobs/pom.xml", "spark-jobs/pom.xml", "model-jobs/src/main/A")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.writeString(home.resolve(file), "");
    }
    Files.createDirectories(home.resolve("spark-jobs/src/main"));
    Files.writeString(folder.resolve("library.jar"), "");
    Files.writeString(folder.resolve("spark-yarn.jar"), "");
    Files.writeString(folder.resolve("spark-kubernetes.jar"), "");
    Files.writeString(folder.resolve("commons-io-2.jar"), "");
    program(
        "tools/mvn",
        """
        echo "$@" >>"%1$s/built"
        case "$*" in *-Pspark3*) line=3.5 in=target/spark3;; *) line=4.2 in=target;; esac
        mkdir -p model-jobs/$in spark-jobs/$in/launch
        touch model-jobs/$in/model-jobs-1.jar spark-jobs/$in/spark-jobs-1.jar
        case "$*" in *-Dcluster*) touch spark-jobs/$in/spark-jobs-1-spark-$line-cluster.jar;; esac
        echo "%1$s/library.jar" | tee spark-jobs/$in/launch/libraries >spark-jobs/$in/launch/spark
        for client in yarn kubernetes; do
          case "$*" in *-D$client*) echo "$(cat spark-jobs/$in/launch/spark):%1$s/spark-$client.jar" >spark-jobs/$in/launch/spark;; esac
        done
        case "$*" in *-Dyarn*) echo "%1$s/library.jar:%1$s/commons-io-2.jar" >spark-jobs/$in/launch/libraries;; esac
        exit ${MVN_CODE:-0}
        """
            .formatted(folder));
    program("tools/java", "printf '%s\\n' \"$@\"; exit ${JAVA_CODE:-0}\n");
    program("spark/bin/spark-submit", "printf '%s\\n' \"$@\"\n");
  }

  final void program(String name, String text) throws IOException {
    var file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  final Ended run(Map<String, String> environment, String... words) throws Exception {
    var command = new ArrayList<>(List.of("bash", home.resolve("bin/lorashear").toString()));
    command.addAll(List.of(words));
    var errors = Files.createTempFile(folder, "errors", "");
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("LORASHEAR_"));
    builder
        .environment()
        .keySet()
        .removeAll(List.of("SPARK_HOME", "HADOOP_CONF_DIR", "YARN_CONF_DIR"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().put("LORASHEAR_CACHE", folder.resolve("cache").toString());
    builder.environment().merge("PATH", "", (path, none) -> folder.resolve("tools") + ":" + path);
    builder.environment().putAll(environment);
    var process = builder.start();
    var out = new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    return new Ended(process.waitFor(), out, Files.readString(errors));
  }

  final Ended run(String... words) throws Exception {
    return run(Map.of(), words);
  }

  final long builds() throws IOException {
    return Files.readAllLines(folder.resolve("built")).size();
  }
}
