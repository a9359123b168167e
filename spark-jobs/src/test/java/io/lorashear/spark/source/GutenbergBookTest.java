package io.lorashear.spark.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GutenbergBookTest {
  private static final String START = "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n";
  private static final String END = "\n\n*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\n";

  @TempDir Path folder;

  @Test
  void whatIsDoubtfulIsKeptAndTold() throws IOException {
    var declared = "Character set encoding: UTF-8\n\n" + START + "Ein schöner Tag." + END;
    var mine = Charset.forName("windows-1252");
    assertThat(warnings("a.txt", declared.getBytes(mine)))
        .containsEntry("not-as-declared", "declares \"UTF-8\", is read as windows-1252");
    assertThat(
            warnings(
                "b.txt", (START + "One day." + END + START + "Two days." + END).getBytes(UTF_8)))
        .containsEntry("several-parts", "1 markers of Project Gutenberg inside");
    var file = START + "One day." + END + "\nYou may copy this e-text.\n";
    assertThat(warnings("c.txt", file.getBytes(UTF_8)))
        .isEqualTo(
            Map.of(
                "mostly-cut",
                "%d of %d characters were taken for a licence"
                    .formatted(file.length() - "\n\nOne day.\n\n".length(), file.length())));
    assertThat(warnings("d.txt", "It was a day in May.".getBytes(UTF_8))).isEmpty();
  }

  private Map<String, String> warnings(String name, byte[] file) throws IOException {
    var readings = Readings.of(Corpus.GUTENBERG, Files.write(folder.resolve(name), file));
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1));
    return readings.documents().get(0).warnings();
  }

  @Test
  void booksThatOthersNumberedAlikeAreNoEditionsOfEachOther() throws IOException {
    for (var name : new String[] {"austen/1.txt", "dickens/1.txt", "dickens/1-8.txt"}) {
      var file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "A book of " + name);
    }
    assertThat(
            Readings.of(Corpus.GUTENBERG, folder.resolve("austen"), folder.resolve("dickens"))
                .counts())
        .isEqualTo(Map.of("kept", 1, "other-encoding", 2));
    Files.delete(folder.resolve("dickens/1-8.txt"));
    assertThat(
            Readings.of(Corpus.GUTENBERG, folder.resolve("austen"), folder.resolve("dickens"))
                .texts())
        .containsExactlyInAnyOrder("A book of austen/1.txt", "A book of dickens/1.txt");
  }
}
