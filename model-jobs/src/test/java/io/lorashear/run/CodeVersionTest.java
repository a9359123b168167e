package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeVersionTest {
  @TempDir Path folder;

  private Path classes(String name, String... files) throws IOException {
    for (var file : files) {
      var path = folder.resolve(name).resolve("io/lorashear").resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "code of " + file);
    }
    return folder.resolve(name);
  }

  private Path jar(Path classes) throws IOException {
    var jar = folder.resolve(classes.getFileName() + ".jar");
    try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (Path file :
          FileTrees.files(classes).stream().sorted((a, b) -> b.compareTo(a)).toList()) {
        zip.putNextEntry(new ZipEntry(FileTrees.name(classes, file)));
        zip.write(Files.readAllBytes(file));
      }
    }
    return jar;
  }

  @Test
  void theSameClassesAreTheSameVersionWhereverTheyLie() throws IOException {
    var model = classes("model", "run/Stage.class", "graph/Axis.class");
    var spark = classes("spark", "spark/job/Lorashear.class");
    var all =
        jar(
            classes(
                "all",
                "run/Stage.class",
                "graph/Axis.class",
                "spark/job/Lorashear.class",
                "shaded/gson/Gson.class"));
    assertThat(new CodeVersion(model, false).hash())
        .isEqualTo(new CodeVersion(jar(model), false).hash())
        .isEqualTo(new CodeVersion(all, false).hash());
    assertThat(new CodeVersion(spark, true).hash())
        .isEqualTo(new CodeVersion(all, true).hash())
        .isNotEqualTo(new CodeVersion(all, false).hash());
  }

  @Test
  void anyChangeIsAnotherVersion() throws IOException {
    var before = new CodeVersion(classes("model", "run/Stage.class"), false).hash();
    Files.writeString(folder.resolve("model/io/lorashear/run/Stage.class"), "other code");
    assertThat(new CodeVersion(folder.resolve("model"), false).hash()).isNotEqualTo(before);
  }
}
