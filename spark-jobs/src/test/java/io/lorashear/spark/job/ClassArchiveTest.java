package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.run.DiskSpace;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  @TempDir Path folder;

  /** Keeps its own classes in the file that it is given. */
  static final class Program {
    public static void main(String[] words) throws Exception {
      new ClassArchive(Path.of(words[0]), Map.of()).make(ClassArchive::dump);
    }
  }

  private ClassArchive archive(String name) {
    return new ClassArchive(folder.resolve(name), Map.of());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void javaWritesItAndReadsItAgain() throws Exception {
    var jar = jar(Program.class, ClassArchive.class, ClassArchive.Dump.class, DiskSpace.class);
    var archive = folder.resolve("a-1.jsa");
    assertThat(java(jar, List.of("-Dsome=thing"), archive)).isEmpty();
    assertThat(names()).containsExactly("a-1.jsa", "some.jar");
    var used = List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:class+load");
    assertThat(java(jar, used, folder.resolve("none/a-2.jsa")))
        .contains("ClassArchive source: shared objects file")
        .contains("ClassArchiveTest$Program source: shared objects file");
  }

  private Path jar(Class<?>... classes) throws IOException {
    var jar = folder.resolve("some.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (var each : classes) {
        var name = each.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (var bytes = ClassArchive.class.getClassLoader().getResourceAsStream(name)) {
          bytes.transferTo((OutputStream) out);
        }
      }
    }
    return jar;
  }

  private String java(Path jar, List<String> flags, Path archive) throws Exception {
    var command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(flags);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jar.toString()));
    command.addAll(List.of(Program.class.getName(), archive.toString()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void itTakesThePlaceOfOlderOnesOfTheSameCheckout() throws Exception {
    for (var name : List.of("a-1.jsa", "a-0.jsa.begun", "b-1.jsa")) {
      Files.writeString(folder.resolve(name), "");
    }
    archive("a-2.jsa").make(file -> Files.writeString(file, "classes"));
    assertThat(names()).containsExactly("a-2.jsa", "b-1.jsa");
    assertThat(folder.resolve("a-2.jsa")).hasContent("classes");
  }

  @Test
  void whatWasBegunAndNotEndedIsNotTriedAgain() throws Exception {
    var archive = archive("a-1.jsa");
    assertThatThrownBy(
            () ->
                archive.make(
                    file -> {
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    archive.make(file -> Files.writeString(file, "never"));
    assertThat(names()).containsExactly("a-1.jsa.begun");
  }

  @Test
  void aJarThatWasBuiltAnewMeanwhileIsSeen() throws Exception {
    var jars = List.of(folder.resolve("a.jar"), folder.resolve("b.jar"));
    for (var jar : jars) {
      Files.writeString(jar, "");
    }
    var path = jars.get(0) + System.getProperty("path.separator") + jars.get(1);
    var archive = new ClassArchive(folder.resolve("a-1.jsa"), ClassArchive.written(path));
    assertThat(archive.unchanged()).isTrue();
    Files.setLastModifiedTime(jars.get(1), FileTime.fromMillis(1_000_000));
    assertThat(archive.unchanged()).isFalse();
    Files.delete(jars.get(1));
    assertThat(archive.unchanged()).isFalse();
  }
}
