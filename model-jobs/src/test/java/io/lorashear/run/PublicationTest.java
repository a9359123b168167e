package io.lorashear.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
  @TempDir Path folder;
  Path target;

  @BeforeEach
  void nameTheTarget() {
    target = folder.resolve("out");
  }

  static ObjectNode manifest() {
    return new ObjectMapper().createObjectNode().put("stage", "test");
  }

  void publish(String content) throws IOException {
    try (var publication = Publication.begin(target)) {
      Files.createDirectory(publication.directory().resolve("sub"));
      Files.writeString(publication.directory().resolve("sub/b.txt"), content);
      Files.writeString(publication.directory().resolve("a.txt"), "abc");
      publication.publish(manifest());
    }
  }

  /** What other code wrote with the same bytes is the same input. */
  @Test
  void theHashOfFilesLeavesOutWhatElseAManifestSays() throws IOException {
    publish("content");
    var whole = ContentHash.of(target);
    var files = ContentHash.ofFiles(target);
    var manifest = target.resolve("manifest.json");
    var json = (ObjectNode) Json.MAPPER.readTree(manifest.toFile());
    Files.writeString(manifest, ManifestText.of(json.put("stage", "other code")));
    assertThat(ContentHash.of(target)).isNotEqualTo(whole);
    assertThat(ContentHash.ofFiles(target)).isEqualTo(files).isNotEqualTo(whole);
    var sub = target.resolve("sub/b.txt");
    assertThat(ContentHash.ofFiles(sub)).isEqualTo(ContentHash.of(sub));
    target = folder.resolve("another");
    publish("changed");
    assertThat(ContentHash.ofFiles(target)).isNotEqualTo(files);
  }

  @Test
  void nothingIsThereBeforePublicationAndEverythingIsNamedAfter() throws IOException {
    try (var publication = Publication.begin(target)) {
      Files.writeString(publication.directory().resolve("a.txt"), "abc");
      assertThat(target).doesNotExist();
    }
    assertThat(folder).isEmptyDirectory();
    publish("content");
    assertThat(target.resolve("manifest.json"))
        .hasContent(
            """
            {
              "stage" : "test",
              "files" : [
                {
                  "name" : "a.txt",
                  "size" : 3,
                  "sha256" : "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                },
                {
                  "name" : "sub/b.txt",
                  "size" : 7,
                  "sha256" : "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
                }
              ],
              "checksum" : "13fe8d142180a7d3dee315b332d0e6af803b0f1f59d6168dcb71572af59c0c0a"
            }
            """);
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
    var opened = PublishedDirectory.openVerified(target);
    assertThat(opened.file("sub/b.txt")).hasContent("content");
    assertThat(opened.hash()).isEqualTo(Sha256.of(target.resolve("manifest.json")));
  }

  @Test
  void temporaryFilesGetTheRightsOfOthers() throws IOException {
    var plain = Files.writeString(folder.resolve("plain"), "abc");
    var plainFolder = Files.createDirectory(folder.resolve("plain folder"));
    try (var publication = Publication.begin(target)) {
      var inside = Files.createTempDirectory(publication.directory(), "sub");
      Files.createTempFile(inside, "writing", ".parquet");
      publication.publish(manifest());
    }
    assertThat(rights(target)).isEqualTo(rights(plainFolder));
    try (var all = Files.walk(target)) {
      assertThat(all.skip(1).toList())
          .hasSize(3)
          .allSatisfy(
              path ->
                  assertThat(rights(path))
                      .isEqualTo(rights(Files.isDirectory(path) ? plainFolder : plain)));
    }
  }

  private static Object rights(Path path) throws IOException {
    return Files.getPosixFilePermissions(path);
  }

  @Test
  void aNewPublicationTakesTheOldOnesPlaceOnlyWhenDone() throws IOException {
    publish("old");
    try (var publication = Publication.begin(target)) {
      Files.writeString(publication.directory().resolve("c.txt"), "new");
      assertThat(PublishedDirectory.open(target).file("sub/b.txt")).hasContent("old");
      publication.publish(manifest());
    }
    assertThat(target.resolve("sub")).doesNotExist();
    assertThat(PublishedDirectory.open(target).files()).hasSize(1);
  }

  @Test
  void leftoversOfKilledRunsAreCleanedAwayOrPutBack() throws IOException {
    publish("old");
    Files.move(target, folder.resolve(".out.replaced")); // killed between its two renames
    Files.createDirectories(folder.resolve(".out.unfinished/half"));
    Files.writeString(folder.resolve(".out.lock"), "");
    try (var publication = Publication.begin(target)) {
      assertThat(publication.directory()).isEmptyDirectory();
      assertThat(PublishedDirectory.openVerified(target).file("sub/b.txt")).hasContent("old");
    }
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
  }

  @Test
  void whatIsNotOursIsNeverReplaced() throws IOException {
    Files.createDirectories(target);
    Files.writeString(target.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> Publication.begin(target))
        .isInstanceOf(InputException.class)
        .hasMessage(
            target
                + " holds files that this program did not publish: remove them or choose another"
                + " folder");
    assertThat(target.resolve("thesis.tex")).exists();
    assertThat(folder.resolve(".out.lock")).doesNotExist();
  }

  @Test
  void oneTargetHasOneWriter() {
    try (var first = Publication.begin(target)) {
      assertThat(first.directory()).exists();
      assertThatThrownBy(() -> Publication.begin(target))
          .isInstanceOf(InputException.class)
          .hasMessage(
              target + " is being written by another run: wait for it, or choose another folder");
    }
  }

  @Test
  void aReaderRefusesWhatIsMissingChangedOrNotNamed() throws IOException {
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessage(target + " does not exist: check the path, or run the stage that writes it");
    publish("content");
    Files.writeString(target.resolve("extra.txt"), "");
    var file = target.resolve("sub/b.txt");
    assertThatThrownBy(() -> PublishedDirectory.open(target).file("extra.txt"))
        .hasMessage(
            target.resolve("extra.txt")
                + " is not named by the manifest beside it: run test again");
    Files.writeString(file, "CONTENT");
    assertThat(PublishedDirectory.open(target).files()).hasSize(2);
    assertThatThrownBy(() -> PublishedDirectory.openVerified(target))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file + " was changed after it was published");
    Files.writeString(file, "contents");
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessage(file + " has 8 bytes, but its manifest says 7 bytes: run test again");
    Files.delete(file);
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessage(file + " is missing, but its manifest says 7 bytes: run test again");
    Files.delete(target.resolve("manifest.json"));
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessageStartingWith(target + " has no manifest.json, so it is no finished output");
  }

  @Test
  void whoWritesItIsNamedWhereThatIsKnown() throws IOException {
    assertThatThrownBy(() -> PublishedDirectory.openOf("tokenize", target))
        .hasMessage(target + " does not exist: check the path, or run tokenize, which writes it");
    Files.writeString(target, "");
    assertThatThrownBy(() -> PublishedDirectory.openOf("tokenize", target))
        .hasMessage(
            target
                + " is a file, not a finished output: give a folder, or run tokenize, which writes"
                + " it");
  }

  @Test
  void aTargetBelowAFileIsRefusedBeforeAnythingIsWritten() throws IOException {
    Files.writeString(target, "");
    assertThatThrownBy(() -> Publication.check(target.resolve("deep/out")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s cannot be written: %s is a file, so choose another folder",
            target.resolve("deep/out"), target);
  }

  @Test
  void aManifestThatPointsOutsideIsRefused() throws IOException {
    publish("content");
    var manifest = target.resolve("manifest.json");
    var json = (ObjectNode) Json.MAPPER.readTree(manifest.toFile());
    ((ObjectNode) json.path("files").path(1)).put("name", "../b.txt");
    Files.writeString(manifest, ManifestText.of(json));
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessage(manifest + " names ../b.txt, which is outside of its folder: do not use it");
  }

  /** Of every byte, because figures in a manifest are read as those in files are. */
  @Test
  void aManifestWithAnyChangedByteIsRefused() throws IOException {
    publish("content");
    var manifest = target.resolve("manifest.json");
    var bytes = Files.readAllBytes(manifest);
    for (int place = 0; place < bytes.length; place++) {
      bytes[place] ^= 1;
      Files.write(manifest, bytes);
      if (new String(bytes, UTF_8).contains("\"checksum\"")) {
        assertThatThrownBy(() -> PublishedDirectory.open(target))
            .isInstanceOf(InputException.class)
            .hasMessageStartingWith(manifest + " ");
      }
      bytes[place] ^= 1;
    }
    Files.writeString(manifest, Files.readString(manifest).replace("7", "8"));
    assertThatThrownBy(() -> PublishedDirectory.open(target))
        .hasMessage(
            manifest
                + " was changed after it was published (its checksum is another): run test again");
  }

  @Test
  void aManifestOfAnEarlierVersionHasNoChecksum() throws IOException {
    publish("content");
    var manifest = target.resolve("manifest.json");
    var json = (ObjectNode) Json.MAPPER.readTree(manifest.toFile());
    json.remove(ManifestText.CHECKSUM);
    Files.writeString(manifest, Json.text(json));
    assertThat(PublishedDirectory.open(target).files()).hasSize(2);
  }
}
