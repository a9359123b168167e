package io.lorashear.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.run.FileEntry;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCopiesTest {
  private static final int SIZE = 100_000;

  @TempDir Path folder;
  private Path here;
  private Path cache;
  private ZipStore store;
  private PublishedDirectory there;

  /** Four files of the same size, a to d. */
  @BeforeEach
  void publish() throws IOException {
    here = folder.resolve("published");
    cache = folder.resolve("cache");
    try (var publication = Publication.begin(here)) {
      for (var name : List.of("a", "b", "c", "d")) {
        var bytes = new byte[SIZE];
        new Random(name.hashCode()).nextBytes(bytes);
        Files.write(publication.directory().resolve(name), bytes);
      }
      publication.publish(new ObjectMapper().createObjectNode());
    }
    store = ZipStore.at(folder.resolve("store.zip"));
    there = PublishedDirectory.open(store.put(here));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private FileEntry entry(String name) {
    return there.entry(name);
  }

  private FileCopy copy(FileCopies copies, String name) {
    return copies.of(there, entry(name));
  }

  private String key(String name) {
    return StoredFile.named(there.directory().resolve(name), entry(name)).key();
  }

  private List<String> cached() throws IOException {
    var cached = new ArrayList<String>();
    for (var name : List.of("a", "b", "c", "d")) {
      if (Files.exists(cache.resolve(key(name)))) {
        cached.add(name);
      }
    }
    return cached;
  }

  @Test
  void aFileOfThisMachineIsUsedAsItIs() {
    try (var copy = FileCopies.in(cache, SIZE).of(here.resolve("a"))) {
      assertThat(copy.path()).isEqualTo(here.resolve("a"));
    }
    assertThat(cache).doesNotExist();
  }

  @Test
  void theManifestBesideAFileSaysItsVersion() {
    var copies = FileCopies.in(cache, 2 * SIZE);
    try (var copy = copies.of(there.directory().resolve("a"))) {
      assertThat(copy.path()).isEqualTo(cache.resolve(key("a"))).hasSameBinaryContentAs(a());
    }
  }

  private Path a() {
    return here.resolve("a");
  }

  @Test
  void aFileThatNoManifestNamesIsFetchedAgainAfterAChange() throws IOException {
    var file = store.files().getPath("/other");
    Files.writeString(file, "before");
    var copies = FileCopies.in(cache, SIZE);
    try (var copy = copies.of(file)) {
      assertThat(copy.path()).hasContent("before");
    }
    Files.writeString(file, "afterwards");
    try (var copy = copies.of(file)) {
      assertThat(copy.path()).hasContent("afterwards");
    }
  }

  @Test
  void theLeastRecentlyUsedGoesWhenRoomIsNeeded() throws Exception {
    var copies = FileCopies.in(cache, 2 * SIZE);
    for (var name : List.of("a", "b", "a", "c")) {
      copy(copies, name).close();
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(cached()).containsExactly("a", "c");
    copy(copies, "d").close();
    assertThat(cached()).containsExactly("c", "d");
    try (var files = Files.list(cache)) {
      assertThat(files).hasSize(5); // two copies with their locks, and the folder's lock
    }
  }

  @Test
  void whatIsInUseStaysAndWhatDoesNotFitBesideIsRefused() throws IOException {
    var copies = FileCopies.in(cache, 2 * SIZE);
    try (var one = copy(copies, "a");
        var same = copy(copies, "a");
        var two = copy(copies, "b")) {
      one.close();
      one.close();
      assertThat(copies.ahead(there, entry("c"), () -> true)).isEmpty();
      assertThatThrownBy(() -> copy(copies, "c"))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "/published/c has 100,000 bytes, and copies of files in stores may take 200,000 in"
                  + " all (in %s), of which this run uses 200,000: set LORASHEAR_STORE_CACHE to"
                  + " more, or wait for other runs",
              cache);
      assertThat(same.path()).hasSameBinaryContentAs(a());
      assertThat(two.path()).hasSameBinaryContentAs(here.resolve("b"));
    }
    copy(copies, "c").close();
    assertThat(cached()).hasSize(2).contains("c");
  }

  @Test
  void aBoundBelowTheTwoLargestFilesIsRefusedWithBoth() {
    assertThatThrownBy(() -> ZipStore.read(there, FileCopies.in(cache, 2 * SIZE - 1)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the two largest files that are read of /published have 200,000 bytes together, and"
                + " copies of files in stores may take 199,999: set LORASHEAR_STORE_CACHE to more,"
                + " because one is fetched while another is read");
    ZipStore.read(there, FileCopies.in(cache, 2 * SIZE));
  }

  @Test
  void theNextFileIsFetchedWhileOneIsRead() throws Exception {
    var names = List.of("a", "b", "c");
    var copies = FileCopies.in(cache, 2 * SIZE);
    try (var pass = FilePass.over(there, names, copies, Path::of)) {
      assertThat(pass.batches()).isEqualTo(3);
      for (int i = 0; i < names.size(); i++) {
        assertThat(pass.next().get(0)).hasSameBinaryContentAs(here.resolve(names.get(i)));
        for (int wait = 0; i + 1 < names.size() && !cached().contains(names.get(i + 1)); wait++) {
          assertThat(wait).as("waiting for %s", names.get(i + 1)).isLessThan(1000);
          TimeUnit.MILLISECONDS.sleep(5);
        }
      }
      assertThat(pass.hasNext()).isFalse();
    }
  }

  @Test
  void aFileWithAnotherHashIsRefusedAndNothingOfItStays() throws IOException {
    var bytes = Files.readAllBytes(a());
    bytes[SIZE / 2]++;
    Files.write(there.directory().resolve("a"), bytes);
    var copies = FileCopies.in(cache, 2 * SIZE);
    assertThatThrownBy(() -> copy(copies, "a"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "/published/a was changed after it was published, or is damaged on its way: 3 times it"
                + " came with 100000 bytes and the SHA-256 %s, and it should have 100000 bytes and"
                + " %s; run the stage that writes it again",
            Sha256.of(bytes), Sha256.of(a()));
    try (var files = Files.list(cache)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("lock", key("a") + ".lock");
    }
    Files.copy(a(), there.directory().resolve("a"), StandardCopyOption.REPLACE_EXISTING);
    copy(copies, "a").close();
    assertThat(cached()).containsExactly("a");
  }

  @Test
  void whatAKilledProcessBeganIsRemovedAndNeverUsed() throws IOException {
    Files.createDirectories(cache);
    Files.writeString(cache.resolve(key("a") + "." + SIZE + ".part"), "half of it");
    Files.writeString(cache.resolve(key("b") + "." + SIZE + ".part"), "half of it");
    Files.writeString(cache.resolve(key("c")), "a copy that was cut");
    var copies = FileCopies.in(cache, 2 * SIZE);
    for (var name : List.of("a", "c")) {
      try (var copy = copy(copies, name)) {
        assertThat(copy.path()).hasSameBinaryContentAs(here.resolve(name));
      }
    }
    try (var files = Files.list(cache)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
    }
  }

  /** The bound is room for two files in use, less than the two processes may want at a time. */
  @Test
  void twoProcessesShareOneFolder() throws Exception {
    store.close();
    var first = reader();
    var second = reader();
    for (var process : List.of(first, second)) {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    store = ZipStore.at(folder.resolve("store.zip"));
    there = PublishedDirectory.open(store.files().getPath("/published"));
    assertThat(cached()).hasSizeLessThanOrEqualTo(2);
    for (var name : cached()) {
      assertThat(cache.resolve(key(name))).hasSameBinaryContentAs(here.resolve(name));
    }
  }

  private Process reader() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ZipStore.class.getName(),
            folder.resolve("store.zip").toString(),
            "/published",
            cache.toString(),
            String.valueOf(2 * SIZE),
            "8")
        .inheritIO()
        .start();
  }

  @Test
  void theBoundIsANumberWithAUnit() {
    assertThat(CopyLimit.of("")).isEqualTo(32_000_000_000L);
    assertThat(CopyLimit.of("500m")).isEqualTo(500_000_000L);
    assertThat(CopyLimit.of("2T")).isEqualTo(2_000_000_000_000L);
    assertThatThrownBy(() -> CopyLimit.of("8"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "LORASHEAR_STORE_CACHE is '8': give a whole number with its unit, for example 32g or"
                + " 500m");
  }
}
