package io.lorashear.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunLock;
import io.lorashear.run.Stage;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  record NoSettings() {}

  @TempDir Path folder;
  private Path store;
  private Path target;

  @BeforeEach
  void store() {
    store = DiskStore.at(folder);
    target = store.resolve("out");
  }

  @Test
  void addressesAreReckonedWithAsPathsAre() {
    var path = Storage.pathOf("s3a://my_bucket/a b/{c,d}*.json");
    assertThat(path).hasToString("s3a://my_bucket/a b/{c,d}*.json");
    assertThat(HadoopStorage.hadoop(path)).hasToString("s3a://my_bucket/a b/{c,d}*.json");
    var parent = Storage.pathOf("s3a://my_bucket/a b");
    assertThat(path.getParent()).isEqualTo(parent);
    assertThat(parent.resolve("x")).hasToString("s3a://my_bucket/a b/x");
    assertThat(parent.relativize(path)).hasToString("{c,d}*.json");
    assertThat(Storage.pathOf("s3a://bucket").getFileName()).isNull();
    assertThat(Storage.pathOf("hdfs:///data/x")).hasToString("hdfs:///data/x");
    assertThat(Storage.pathOf("file:///data/x")).isEqualTo(Path.of("/data/x"));
    assertThat(Storage.pathOf("a/b")).isEqualTo(Path.of("a/b"));
  }

  @Test
  void aPasswordInAnAddressIsRefusedAndNotRepeated() {
    assertThatThrownBy(() -> Storage.pathOf("s3a://AKIA123:secret@bucket/x"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "an address under s3a:// carries a password: take it out; credentials come from the"
                + " environment, a profile or the machine's role");
  }

  @Test
  void filesAreWrittenReadListedAndDeleted() throws IOException {
    var file = store.resolve("deep/er/a.txt");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "content");
    assertThat(folder.resolve("deep/er/a.txt")).hasContent("content");
    assertThat(Files.readString(file)).isEqualTo("content");
    try (var all = Files.walk(store)) {
      assertThat(all.filter(Files::isRegularFile).toList()).isEqualTo(List.of(file));
    }
    Files.delete(file);
    assertThat(Files.exists(file)).isFalse();
    assertThatThrownBy(() -> Files.readAllBytes(file)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFolderInAStoreHasNoLockAndIsWrittenAllTheSame() {
    try (var first = RunLock.require(store);
        var second = RunLock.require(store)) {
      assertThat(first).isNotSameAs(second);
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void whatNeedsALocalFileSaysSo() throws IOException {
    Files.writeString(folder.resolve("model.safetensors"), "x");
    assertThatThrownBy(() -> FileChannel.open(store.resolve("model.safetensors")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "model.safetensors is not on this machine, and this step works on local files: copy it"
                + " to a local folder");
  }

  @Test
  void whatNoStoreDoesIsSaid() {
    var system = store.getFileSystem();
    refused(system::close, "disk://store stays open as long as the program runs");
    refused(system::newWatchService, "disk://store tells nobody of changes: list it again");
    refused(
        system::getUserPrincipalLookupService,
        "disk://store: who owns its files is for the store's own tools to say");
    refused(
        () -> Files.getFileStore(store), store + ": a store has no volume whose space is known");
    refused(
        () -> Files.readAttributes(store, "basic:size"),
        store + ": a store reads no attributes by name: basic:size");
    refused(
        () -> Files.readAttributes(store, PosixFileAttributes.class),
        store + ": a store knows no PosixFileAttributes");
    refused(
        () -> Files.setAttribute(store, "unix:mode", 7),
        store + ": a store sets no attributes, such as unix:mode");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(UnsupportedOperationException.class).hasMessage(message);
  }

  @Test
  void theManifestComesLastAndMakesThePublication() throws IOException {
    try (var publication = Publication.begin(target)) {
      Files.writeString(publication.directory().resolve("a.txt"), "abc");
      assertThatThrownBy(() -> PublishedDirectory.open(target))
          .hasMessage(
              target
                  + " has no manifest.json, so it is no finished output: run the stage that"
                  + " writes it");
      publication.publish(new ObjectMapper().createObjectNode());
    }
    assertThat(PublishedDirectory.openVerified(target).file("a.txt")).hasContent("abc");
    assertThat(folder).isDirectoryNotContaining(path -> !path.endsWith("out"));
  }

  /** In HDFS a reader can open a file that is half written. */
  @Test
  void whereFilesShowWhileTheyAreWrittenTheManifestIsRenamed() throws IOException {
    var out = RenamingStore.at(folder).resolve("renamed");
    RenamingStore.WRITTEN.clear();
    try (var publication = Publication.begin(out)) {
      Files.writeString(publication.directory().resolve("a.txt"), "abc");
      publication.publish(new ObjectMapper().createObjectNode());
    }
    assertThat(RenamingStore.WRITTEN)
        .contains("a.txt", ".renamed.manifest")
        .doesNotContain("manifest.json");
    assertThat(PublishedDirectory.openVerified(out).file("a.txt")).hasContent("abc");
    assertThat(folder).isDirectoryNotContaining(path -> !path.endsWith("renamed"));
    var written = out.resolve("a.txt");
    assertThatThrownBy(() -> Files.move(written, out.resolve("manifest.json")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageEndingWith("the store did not rename it");
  }

  @Test
  void whatIsNotPublishedIsTakenAwayAndWhatIsNotOursStays() throws IOException {
    try (var publication = Publication.begin(target)) {
      Files.writeString(publication.directory().resolve("a.txt"), "abc");
    }
    assertThat(folder).isEmptyDirectory();
    Files.createDirectories(target);
    Files.writeString(target.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> Publication.begin(target))
        .hasMessage(
            target
                + " holds files that this program did not publish: remove them or choose another"
                + " folder");
  }

  @Test
  void ofTwoRunsTheOneThatBeganLastPublishes() throws IOException {
    try (var first = Publication.begin(target)) {
      Files.writeString(store.resolve(".out.unfinished"), "another");
      assertThatThrownBy(() -> first.publish(new ObjectMapper().createObjectNode()))
          .hasMessage(
              target + " is being written by another run: wait for it, or choose another folder");
    }
    assertThat(target.resolve("manifest.json")).doesNotExist();
  }

  @Test
  void aStageThatResumesFindsItsFilesAgainAndAnotherOneDoesNot() throws IOException {
    for (var place : List.of(target, folder.resolve("local"))) {
      assertThatThrownBy(() -> stage("one", place).run(output -> fail(output, "a.txt")))
          .hasMessage("the store is down");
      var published =
          stage("one", place)
              .run(
                  output -> {
                    assertThat(output.directory().resolve("a.txt")).hasContent("abc");
                    Files.writeString(output.directory().resolve("b.txt"), "b");
                  });
      assertThat(published.files()).hasSize(2);
      assertThatThrownBy(
              () -> stage("two", place).overwrite(true).run(output -> fail(output, "c.txt")))
          .hasMessage("the store is down");
      stage("three", place)
          .overwrite(true)
          .run(output -> assertThat(output.directory()).isEmptyDirectory());
      assertThat(PublishedDirectory.open(place).files()).isEmpty();
    }
  }

  private static Stage stage(String name, Path place) {
    return Stage.of(name, place, new NoSettings(), StoreTest.class).resumes();
  }

  private static void fail(Stage.Output output, String file) throws IOException {
    Files.writeString(output.directory().resolve(file), "abc");
    throw new IllegalStateException("the store is down");
  }
}
